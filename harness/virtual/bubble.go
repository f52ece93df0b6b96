package virtual

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// When a story of virtual time is given up. A usual one takes milliseconds and some hundred
// events; one of many hours, some thousand events. If nothing happens for a minute of real
// time, somebody waits for a mutex or is in a loop, which holds the bubble's clock for ever.
// If 100,000 events happen, the story never ends. How long they take says nothing: a busy
// machine may leave this process no time.
const (
	standstill = time.Minute
	mostEvents = 100_000
)

// Enact enacts a story in a bubble of its own, and judges it. What went wrong
// with the bubble itself is the run's failure: goroutines that are stuck, or
// left behind, with their stacks.
//
// A run is given up when ctx is done, when it stands still for a minute of real
// time, and when it goes on for 100,000 events; its goroutines cannot be ended.
func Enact(ctx context.Context, story harness.Story, o enact.Options, compose Compose) *judge.Run {
	return enactAtMost(ctx, mostEvents, story, o, compose)
}

func enactAtMost(ctx context.Context, most int64, story harness.Story, o enact.Options, compose Compose) *judge.Run {
	began := time.Now()
	sink := o.Sink
	o.Sink = nil // its lock is the world's outside of the bubble
	o.Unread = o.Unread && sink == nil
	b := &bubble{story: story, options: o, build: build(compose), most: most, done: make(chan *judge.Run, 1), tooMuch: make(chan struct{})}
	go func() { b.done <- b.enact() }()
	run := b.await(ctx)
	run.Began, run.Took = began, time.Since(began)
	sink.Write(run)
	return run
}

// bubble is one enactment in a bubble, seen from outside of it.
type bubble struct {
	story   harness.Story
	options enact.Options
	build   environment.Build
	done    chan *judge.Run
	name    atomic.Pointer[string]
	events  atomic.Int64  // seen so far
	most    int64         // events, before it is given up
	tooMuch chan struct{} // closed at the last of these; made outside of the bubble
}

// await waits for the run, with its patience.
func (b *bubble) await(ctx context.Context) *judge.Run {
	timer := time.NewTimer(standstill)
	defer timer.Stop()
	for seen := int64(0); ; timer.Reset(standstill) {
		select {
		case run := <-b.done:
			return run
		case <-ctx.Done():
			return b.givenUp(fmt.Sprintf("given up: %v", context.Cause(ctx)))
		case <-b.tooMuch:
			return b.givenUp(fmt.Sprintf("the story was not over after %d events: somebody acts again and again", b.most))
		case <-timer.C:
		}
		now := b.events.Load()
		if now == seen {
			return b.givenUp(fmt.Sprintf("virtual time stood still for %s: somebody waits for a mutex, or never waits at all", standstill))
		}
		seen = now
	}
}

func (b *bubble) givenUp(why string) *judge.Run {
	text := ""
	if name := b.name.Load(); name != nil {
		text = stacks(*name)
	}
	return enact.Unstaged(b.story, b.options, why+"\n"+text)
}

// enact enacts the story in a bubble.
//
// A bubble wants a testing.T. An empty one will do: all that it is asked for is
// a place for a failure, and nobody here fails a test.
func (b *bubble) enact() (run *judge.Run) {
	defer func() {
		stuck := recover()
		if stuck == nil {
			return
		}
		if run == nil {
			run = enact.Unstaged(b.story, b.options, "")
		}
		enact.Fail(run, b.story, fmt.Sprintf("%v\n%s", stuck, stacks(*b.name.Load())))
	}()
	synctest.Test(new(testing.T), func(*testing.T) {
		name := nameOfBubble()
		b.name.Store(&name)
		run = enact.Run(context.Background(), b.story, b.options, b.counted)
	})
	return run
}

// counted builds the world, and counts what is seen in it.
func (b *bubble) counted(ctx context.Context, brief environment.Brief, r *environment.Recorder) (environment.Environment, error) {
	r.Hook(func(observe.Event) {
		if b.events.Add(1) == b.most {
			close(b.tooMuch)
		}
	})
	return b.build(ctx, brief, r)
}

// nameOfBubble reads the name off this goroutine's own stack: "synctest bubble 7".
func nameOfBubble() string {
	own := make([]byte, 128)
	own = own[:runtime.Stack(own, false)]
	_, name, _ := strings.Cut(string(own), ", ")
	name, _, _ = strings.Cut(name, "]")
	return name
}

// maxStacks bounds what is told of stuck goroutines.
const maxStacks = 16 << 10

// stacks are the stacks of the goroutines of one bubble; those that hold its
// clock come first.
func stacks(name string) string {
	all := make([]byte, 4<<20)
	all = all[:runtime.Stack(all, true)]
	var holding, durable []string
	for _, stack := range strings.Split(string(all), "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		switch {
		case !strings.Contains(head, name+"]"):
		case strings.Contains(head, "(durable)"):
			durable = append(durable, stack)
		default:
			holding = append(holding, stack)
		}
	}
	text := strings.Join(append(holding, durable...), "\n\n")
	return strings.ToValidUTF8(text[:min(len(text), maxStacks)], "")
}
