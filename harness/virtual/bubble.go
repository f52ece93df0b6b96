package virtual

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/unhappypath/unhappypath/harness"
)

// patience is for how long, in real time, a story of virtual time may take.
// One takes a millisecond; one that takes so long stands still, with somebody
// waiting for a mutex or in a loop, which holds a bubble's clock for ever.
const patience = 20 * time.Second

// Enact enacts a story in a bubble of its own, and judges it. What went wrong
// with the bubble itself is the run's failure: goroutines that are stuck, or
// left behind, with their stacks.
//
// A run that stands still is given up when ctx is done, or after 20 s of real
// time; its goroutines cannot be ended.
func Enact(ctx context.Context, story harness.Story, o harness.Options, cast Cast) *harness.Run {
	began := time.Now()
	sink := o.Sink
	o.Sink = nil // its lock is the world's outside of the bubble
	done := make(chan *harness.Run, 1)
	bubble := make(chan string, 1)
	go func() { done <- inBubble(story, o, cast, bubble) }()

	alarm := time.NewTimer(patience)
	defer alarm.Stop()
	var run *harness.Run
	select {
	case run = <-done:
	case <-ctx.Done():
		run = harness.Unstaged(story, o, context.Cause(ctx).Error())
	case <-alarm.C:
		run = harness.Unstaged(story, o, fmt.Sprintf(
			"virtual time stood still for %s: somebody waits for a mutex, or never waits at all\n%s", patience, stacks(<-bubble)))
	}
	run.Began, run.Took = began, time.Since(began)
	sink.Write(run)
	return run
}

// inBubble enacts the story and names its bubble, as stacks do.
//
// A bubble wants a testing.T. An empty one will do: all that it is asked for is
// a place for a failure, and nobody here fails a test.
func inBubble(story harness.Story, o harness.Options, cast Cast, bubble chan<- string) (run *harness.Run) {
	name := ""
	defer func() {
		stuck := recover()
		if stuck == nil {
			return
		}
		if run == nil {
			run = harness.Unstaged(story, o, "")
		}
		run.Fail(story, fmt.Sprintf("%v\n%s", stuck, stacks(name)))
	}()
	synctest.Test(new(testing.T), func(*testing.T) {
		name = nameOfBubble()
		bubble <- name
		run = harness.Enact(context.Background(), story, o, build(cast))
	})
	return run
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

// stacks are the stacks of the goroutines of one bubble.
func stacks(bubble string) string {
	all := make([]byte, 4<<20)
	all = all[:runtime.Stack(all, true)]
	var found bytes.Buffer
	for _, stack := range strings.Split(string(all), "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		if bubble == "" || !strings.Contains(head, bubble+"]") || found.Len()+len(stack) > maxStacks {
			continue
		}
		found.WriteString(stack + "\n\n")
	}
	return strings.TrimSpace(found.String())
}
