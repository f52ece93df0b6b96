package scenarios

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// controlID is the story of the control run: the plain one, without faults.
const controlID = "plain-purchase"

// controls is how often it is enacted to its end before anything else of a target.
const controls = 3

// control is what the control runs came to. Without a sale nothing that
// follows proves anything, and what breaks here needs no fault.
type control struct {
	once sync.Once
	runs []*judge.Run
	// Cannot says in one sentence why nothing else is staged, or "".
	cannot string
	// Unfinished says that the harness failed to finish them: nobody knows of the shop.
	unfinished bool
	live       bool // a live key was refused: the suite was called wrongly
	broken     []breach
	unsold     int        // in so many nobody could buy, and in others somebody could
	open       int        // so many prove nothing, and no other one does
	lost       string     // why nobody can buy any more, when the stories are over
	seen       []string   // what now and then broke, and is no finding
	asRun      *judge.Run // the one that stands for the story itself; nil: none does
	// late is in how many stories a promise about time broke each time.
	late map[string]int
}

// controlStory is the purchase in which nothing goes wrong, as the target's
// customers have it.
func (t *runner) controlStory() (harness.Story, string) {
	s, known := storyNamed(controlID)
	if !known { // a suite of somebody's own stories need not have it
		s = harness.Story{ID: controlID, Plot: "Ana buys, and nothing goes wrong.", Script: func(s *harness.Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold()
		}}
	}
	return t.asTarget(s)
}

// somebodyCanBuy is what the plain purchase of a target proves beside the standard
// promises: without a sale that the customer could be told of, that nothing broke says
// nothing.
func somebodyCanBuy(shop *target.Target) judge.Promise {
	return judge.Promise{
		Name: judge.SomebodyCanBuy, Says: "Without any fault, a customer can buy.",
		Judge: func(r *judge.Run) judge.Ruling {
			switch {
			case len(r.Schedule) > 0 || r.Failure != "":
			case !sold(r):
				return judge.Ruling{Verdict: judge.Unproven, Because: whyNobodyBought(r, shop)}
			case deaf(r) && toldOutcome(r):
				return judge.Ruling{Verdict: judge.Unproven, Because: whyItNeverRests(r, shop)}
			case heardNothing(r):
				return judge.Ruling{Verdict: judge.Unproven, Because: whyNobodyWasTold(r, shop)}
			}
			return judge.Ruling{Verdict: judge.Kept}
		},
	}
}

// controlled enacts the control runs, the first time that it is called, and
// says what they came to.
func (t *runner) controlled(ctx context.Context) *control {
	c := &t.control
	c.once.Do(func() {
		s, why := t.controlStory()
		if why == "" {
			if err := t.needs(s); err != nil {
				why = err.Error()
			}
		}
		if why != "" {
			c.cannot = "the control run cannot be staged: " + why
			return
		}
		most := controls
		if t.Story != "" {
			most = 1 // one story is asked for
		}
		c.enact(ctx, most, func(i int, last bool) *judge.Run { return t.enactControl(ctx, s, i, last) })
		if c.judge(most, t.targetShop); ctx.Err() != nil {
			c.cannot, c.unfinished = "interrupted while the control run was staged", false
		}
		t.weighControl(c)
		t.tellControl(c)
	})
	return c
}

// enact enacts control runs until so many came to their end. One that the harness could
// not finish is enacted again, a few times. Where nobody bought, and the set-up is wrong or
// none came to its end, the next one would be the same: the shop cannot start, it has another
// secret, or its description is wrong.
func (c *control) enact(ctx context.Context, most int, one func(i int, last bool) *judge.Run) {
	unfinished := 0
	for finished := 0; finished < most; {
		run := one(len(c.runs)+1, finished+1 == most)
		c.runs = append(c.runs, run)
		if run.Verdict() == judge.Unfinished {
			unfinished++
		} else {
			finished++
		}
		hopeless := c.all(deaf) || !slices.ContainsFunc(c.runs, sold) && (misconfigured(run) || finished == 0)
		if ctx.Err() != nil || unfinished == patience || hopeless {
			return
		}
	}
}

// all says whether all of them are so.
func (c *control) all(so func(*judge.Run) bool) bool {
	return !slices.ContainsFunc(c.runs, func(r *judge.Run) bool { return !so(r) })
}

// finished is how many came to their end.
func (c *control) finished() (n int) {
	for _, run := range c.runs {
		if run.Verdict() != judge.Unfinished {
			n++
		}
	}
	return n
}

// good is the last that came out well, or nil.
func (c *control) good() *judge.Run {
	for _, run := range slices.Backward(c.runs) {
		if run.Good() {
			return run
		}
	}
	return nil
}

// enactControl enacts the i-th. The last one stands for the story itself, which
// is not staged again.
func (t *runner) enactControl(ctx context.Context, s harness.Story, i int, last bool) *judge.Run {
	o := t.options("wire", "kept", nil, t.Seed)
	o.Replay = t.ReplayLine(s.ID, "wire", o.Clock)
	if _, told := storyNamed(controlID); !told {
		o.Replay = t.Line() // nobody can ask for it alone
	}
	asStory := last && t.Story == "" && t.control.asRun == nil && t.progress.stories[controlID]
	if !asStory {
		o.Form = fmt.Sprintf("control-%d", i)
		if config, _ := ginkgo.GinkgoConfiguration(); config.ParallelTotal > 1 {
			o.Form += fmt.Sprintf("-of-process-%d", config.ParallelProcess)
		}
	}
	run := t.showAs(t.stage(ctx, s, o), fmt.Sprintf("control run %d", i))
	if asStory {
		t.control.asRun = run
	}
	return run
}

// controlBeside begins the control run of a replay, beside the story that is
// asked for, or before it where there is one shop for both. It returns how to wait
// for what it came to.
func (t *runner) controlBeside(ctx context.Context, story string) func() *control {
	switch {
	case story == controlID: // it is one itself
		return func() *control { return &control{} }
	case t.Story != "" && t.canBeTwice():
		done := make(chan struct{})
		go func() {
			defer close(done)
			t.controlled(ctx)
		}()
		return func() *control { <-done; return &t.control }
	}
	c := t.controlled(ctx)
	return func() *control { return c }
}

// canBeTwice says whether the shop can be started twice at the same time.
func (t *runner) canBeTwice() bool {
	return t.targetShop.Service.URL == "" && len(t.targetShop.FixedPorts()) == 0
}

// controlIsRed says whether the control runs came to something that is not as it
// should be, whatever the stories come to.
func (t *runner) controlIsRed() bool {
	c := &t.control
	return t.controlFailed() || len(c.broken) > 0 || c.unsold > 0 || c.open > 0 || c.lost != "" || len(c.seen) > 0 && t.Strict
}

// controlFailed says whether nothing proves anything, since nobody could buy, or nobody
// knows whether anybody can. That the machine was too slow for it is told by itself.
func (t *runner) controlFailed() bool {
	c := &t.control
	return c.cannot != "" && c.cannot != t.machine.slow
}

// controlFirst lets the test fail that cannot go on, since nobody can buy, or
// whose control run breaks a promise. It says whether anything else is to be
// staged. Where one story is asked for, the control run runs beside it.
func (t *runner) controlFirst(ctx context.Context, test *testing.T) bool {
	if t.targetShop == nil || t.Story != "" {
		return true
	}
	c := t.controlled(ctx)
	if t.controlIsRed() {
		test.Fail() // what it came to is told at the end
	}
	return c.cannot == ""
}
