package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Times of the story.
const (
	downFor  = 2 * time.Second  // a killed shop is started again
	patience = 3 * time.Minute  // she waits for so long to be told
	after    = 50 * time.Second // what the shop still does when she was told: it reconciles
)

// purchase is the purchase in which the shop is killed.
func purchase(injections ...injection.Injection) harness.Story {
	return harness.Story{
		ID:         "killed-at-a-message",
		Plot:       "Ana buys, and the shop is killed at one message of hers.",
		Injections: injections,
		Script: func(s *harness.Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold(patience)
			ana.Waits(after)
			ana.Leaves() // else the page of an order that is stuck asks for ever, and nothing comes to rest
		},
		Promises: []judge.Promise{toldAtLast},
	}
}

// toldAtLast is what a shop that comes back owes a customer who waits long
// enough.
var toldAtLast = judge.Promise{
	Name: "told-at-last",
	Says: "However the shop died, the customer is told how her order ended.",
	Judge: func(r *judge.Run) judge.Ruling {
		for _, b := range r.Books() {
			if b.Screen != observe.StatusShipped {
				return judge.Ruling{Verdict: judge.Broken, Because: fmt.Sprintf("the last screen of %s said “%s”", b.Basket, b.Screen)}
			}
		}
		return judge.Ruling{Verdict: judge.Kept}
	},
}

// siege kills the shop, each time in a world of its own.
type siege struct {
	options enact.Options
	build   environment.Build
	atOnce  int
	out     io.Writer
}

// kill is a message and the side of it on which the shop is killed.
type kill struct {
	explore.Message
	answered bool // after it was forwarded and answered; otherwise before
	maybe    bool // how often a question is asked depends on the machine: it may not come
}

func (k kill) injection() injection.Injection {
	on := k.Trigger().Nth(k.N)
	if k.answered {
		on = on.Answered()
	}
	return on.Kills("checkout").Lasting(downFor)
}

func (k kill) String() string {
	side := "before"
	if k.answered {
		side = "after"
	}
	return fmt.Sprintf("%-6s %s", side, k.Message)
}

// fate is what happened to a kill.
type fate struct {
	kill
	run   *judge.Run
	tries int
}

// leftOut says that there was nothing to kill the shop at.
func (f fate) leftOut() bool {
	return f.maybe && !f.tookEffect() && f.run.Ruling("every-injection-took-effect").Verdict == judge.Unproven
}

// tookEffect says whether the shop was seen to die at the message and to come back.
func (f fate) tookEffect() bool {
	died, back := false, false
	for _, e := range f.run.History {
		if e.Kind == observe.Process {
			died = died || e.Life.What == observe.ProcessKilled
			back = back || died && e.Life.What == observe.ProcessReady
		}
	}
	return died && back && len(f.run.Effects(0)) == 1
}

func (f fate) String() string {
	mark, text := "✔", f.run.Sentence()
	switch {
	case f.leftOut():
		mark, text = "–", "this message did not come"
	case !f.tookEffect() || !f.run.Good():
		mark = "✖"
		text += "\n    " + strings.ReplaceAll(strings.TrimSpace(f.run.FailureText()), "\n", "\n    ")
	}
	return fmt.Sprintf("%s %-8s %-78s %4.1f s  %s", mark, f.run.Verdict(), f.kill, f.run.Took.Seconds(), text)
}

func (s *siege) enact(ctx context.Context, injections ...injection.Injection) *judge.Run {
	return enact.Run(ctx, purchase(injections...), s.options, s.build)
}

// samples is how many clean purchases, side by side as the kills will be, say
// which messages there are.
const samples = 6

// targets are the kills on both sides of every message that was in any of the
// clean purchases.
func (s *siege) targets(ctx context.Context) (list []kill, err error) {
	runs := make([]*judge.Run, samples)
	s.atATime(samples, func(i int) { runs[i] = s.enact(ctx) })
	seen := map[string]int{}
	var messages []explore.Message
	for _, run := range runs {
		if run.Verdict() != judge.Kept {
			return nil, fmt.Errorf("a purchase without any kill went wrong:\n%s", run.FailureText())
		}
		for _, m := range explore.Look(explore.Trial{Whole: true}, run).Messages {
			if seen[m.String()]++; seen[m.String()] == 1 {
				messages = append(messages, m)
			}
		}
	}
	for _, m := range messages {
		next := m
		next.N++
		maybe := seen[m.String()] < samples || m.Method == http.MethodGet && seen[next.String()] < samples
		list = append(list, kill{m, false, maybe}, kill{m, true, maybe})
	}
	return list, nil
}

// atATime does n things, so many at a time.
func (s *siege) atATime(n int, do func(i int)) {
	var all sync.WaitGroup
	turn := make(chan struct{}, s.atOnce)
	for i := range n {
		turn <- struct{}{}
		all.Go(func() { do(i); <-turn })
	}
	all.Wait()
}

// tries is how often a kill is tried whose message did not come.
const tries = 4

func (s *siege) try(ctx context.Context, k kill) fate {
	f := fate{kill: k}
	for f.tries = 1; ; f.tries++ {
		f.run = s.enact(ctx, k.injection())
		if f.tookEffect() || f.tries == tries || ctx.Err() != nil {
			return f
		}
	}
}

// kills tries them all and tells of each as soon as it is over.
func (s *siege) kills(ctx context.Context, list []kill) []fate {
	fates := make([]fate, len(list))
	var mu sync.Mutex
	s.atATime(len(list), func(i int) {
		fates[i] = s.try(ctx, list[i])
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(s.out, fates[i])
	})
	return fates
}

// sum closes the account: how many kills, and how they ended.
func (s *siege) sum(fates []fate, took time.Duration) (text string, good bool) {
	tookEffect, unhappy, again, all := 0, 0, 0, 0
	for _, f := range fates {
		again += f.tries - 1
		if f.leftOut() {
			continue
		}
		all++
		if f.tookEffect() {
			tookEffect++
		}
		if !f.run.Good() {
			unhappy++
		}
	}
	text = fmt.Sprintf("%d kills at both sides of %d messages on %s: %d seen to take effect, after %d a promise was not kept; "+
		"%d tries more, %d apart whose message did not come; %.1f s, %d worlds at a time, clock ÷%s",
		all, (len(fates)+1)/2, s.options.Database, tookEffect, unhappy, again, len(fates)-all, took.Seconds(), s.atOnce, s.options.Clock)
	return text, all > 0 && tookEffect == all && unhappy == 0
}
