package scenarios

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// controlID is the story of the control run: the plain one, without faults.
const controlID = "plain-purchase"

// controls is how often it is enacted before anything else of a target.
const controls = 3

// control is what the control runs came to. Without a sale nothing that
// follows proves anything, and what breaks here needs no fault.
type control struct {
	once sync.Once
	runs []*judge.Run
	// Cannot says in one sentence why nothing else is staged, or "".
	cannot string
	broken []breach
	unsold int        // in so many nobody could buy, and in others somebody could
	seen   []string   // what now and then broke, and is no finding
	asRun  *judge.Run // the one that stands for the story itself; nil: none does
}

// breach is a promise that control runs broke.
type breach struct {
	judge.Ruling
	run   *judge.Run // an example
	count int        // in so many of the control runs
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
// promises: without a sale, that nothing broke says nothing.
var somebodyCanBuy = judge.Promise{
	Name: judge.SomebodyCanBuy, Says: "Without any fault, a customer can buy.",
	Judge: func(r *judge.Run) judge.Ruling {
		if len(r.Schedule) > 0 || r.Failure != "" || sold(r) {
			return judge.Ruling{Verdict: judge.Kept}
		}
		return judge.Ruling{Verdict: judge.Unproven, Because: whyNobodyBought(r)}
	},
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
		n := controls
		if t.Story != "" {
			n = 1 // one story is asked for
		}
		for i := range n {
			run := t.enactControl(ctx, s, i+1)
			c.runs = append(c.runs, run)
			if i == 0 && run.Verdict() == judge.Unfinished || ctx.Err() != nil {
				break // a shop that cannot start does not start the next time
			}
		}
		if last := c.runs[len(c.runs)-1]; strings.HasSuffix(last.ID, "/kept") {
			c.asRun = last
		}
		if c.judge(); ctx.Err() != nil {
			c.cannot = "interrupted while the control run was staged"
		}
		t.weighControl(c)
		t.tellControl(c)
	})
	return c
}

// enactControl enacts the i-th. The last one stands for the story itself, which
// is not staged again.
func (t *runner) enactControl(ctx context.Context, s harness.Story, i int) *judge.Run {
	o := t.options("wire", "kept", nil, t.Seed)
	o.Replay = t.ReplayLine(s.ID, "wire", o.Clock)
	_, told := storyNamed(controlID)
	if !told {
		o.Replay = t.Line() // nobody can ask for it alone
	}
	config, _ := ginkgo.GinkgoConfiguration()
	if i < controls || config.ParallelTotal > 1 || !told {
		o.Form = fmt.Sprintf("control-%d", i)
		if config.ParallelTotal > 1 {
			o.Form += fmt.Sprintf("-of-process-%d", config.ParallelProcess)
		}
	}
	return t.showAs(t.stage(ctx, s, o), fmt.Sprintf("control run %d", i))
}

// judge says what the control runs came to.
func (c *control) judge() {
	if !slices.ContainsFunc(c.runs, sold) {
		c.cannot = whyNobodyBought(c.runs[len(c.runs)-1])
		return
	}
	for _, run := range c.runs {
		for _, ruling := range run.Rulings {
			if ruling.Verdict != judge.Broken {
				continue
			}
			i := slices.IndexFunc(c.broken, func(b breach) bool { return b.Promise == ruling.Promise })
			if i < 0 {
				i = len(c.broken)
				c.broken = append(c.broken, breach{Ruling: ruling, run: run})
			}
			c.broken[i].count++
		}
	}
}

// weighControl takes out of what the control runs came to what the machine may
// have done: a promise about time counts where all of them broke it, and neither
// that nor a sale that did not come counts where it was too slow for all of those.
func (t *runner) weighControl(c *control) {
	tooSlow := func(bad func(*judge.Run) bool) (why string) {
		for _, run := range c.runs {
			if bad(run) {
				if why = t.slowness(run, true); why == "" {
					return ""
				}
			}
		}
		return why
	}
	if c.cannot != "" {
		// That the provider refuses something is no machine's doing.
		if why := tooSlow(func(r *judge.Run) bool { return !refused(r) }); why != "" {
			c.cannot = t.endsAsSlow(why)
		}
		return
	}
	for _, run := range c.runs {
		if run == c.asRun || run.Verdict() != judge.Unproven && run.Verdict() != judge.Unfinished {
			continue
		}
		switch why := t.slowness(run, true); {
		case why == "" && !sold(run): // that some could buy is no excuse
			c.unsold++
		case why != "" && !sold(run):
			t.endsAsSlow(why)
			fallthrough
		default:
			t.endings.forgive(run)
		}
	}
	c.broken = slices.DeleteFunc(c.broken, func(b breach) bool {
		if !slices.Contains(timing(), b.Promise) {
			return false
		}
		why := tooSlow(func(r *judge.Run) bool { return breaks(r, b.Promise) })
		if why != "" {
			t.endsAsSlow(why)
		}
		if why == "" && b.count == len(c.runs) && b.count == controls {
			return false
		}
		for _, run := range c.runs {
			if !breaks(run, b.Promise) {
				continue
			}
			if breaksOnlyTiming(run) {
				t.endings.forgive(run)
			}
			if why == "" {
				c.seen = append(c.seen, fmt.Sprintf("BROKE — %s: %s, seen in %d of %d control runs; a promise about time counts where %d of %d break it: see %s in the report",
					run.Story, b.Promise, b.count, len(c.runs), controls, controls, run.ID))
			}
		}
		return true
	})
}

// breaksOnlyTiming says whether all that a run breaks is about time.
func breaksOnlyTiming(r *judge.Run) bool {
	return !slices.ContainsFunc(r.Rulings, func(ruling judge.Ruling) bool {
		return ruling.Verdict == judge.Broken && !slices.Contains(timing(), ruling.Promise)
	})
}

// tellControl prints what the control runs came to, once.
func (t *runner) tellControl(c *control) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, text := range c.seen {
		if fmt.Fprintln(t.out, text); t.Strict {
			t.endings.wrong("✖ "+text, "")
		}
	}
	if c.cannot != "" && c.cannot == t.machine.slow {
		for _, run := range c.runs {
			t.endings.forgive(run)
		}
		return // that is told at the end
	}
	if c.cannot != "" {
		text := "? UNPROVEN: " + c.cannot
		if t.Story == "" {
			text += "\n  Nothing else was staged."
		}
		replay := ""
		for _, run := range c.runs {
			t.endings.forgive(run) // this tells of all of them
			replay = run.Replay
		}
		t.endings.wrong(text, replay)
		return
	}
	for _, b := range c.broken {
		fmt.Fprintf(t.out, "\n%s\n  replay: %s\n\n", b.text(len(c.runs)), b.run.Replay)
	}
}

// text is the finding of a control run.
func (b breach) text(of int) string {
	return fmt.Sprintf("✖ %s broke in %d of %d control runs, without any fault: %s\n  %s", b.Promise, b.count, of, b.Because, b.run.Sentence())
}

// isBroken says whether the control runs broke the promise.
func (c *control) isBroken(promise string) bool {
	return slices.ContainsFunc(c.broken, func(b breach) bool { return b.Promise == promise })
}

// breaksAny says whether the run breaks one of these.
func breaksAny(r *judge.Run, list []breach) bool {
	return slices.ContainsFunc(list, func(b breach) bool { return breaks(r, b.Promise) })
}

// explains says whether the run breaks nothing but what the control runs broke
// without any fault. Of those it says nothing: they are the first to show it.
func (c *control) explains(r *judge.Run) bool {
	return len(c.broken) > 0 && !slices.Contains(c.runs, r) && !slices.ContainsFunc(r.Rulings, func(ruling judge.Ruling) bool {
		return ruling.Verdict != judge.Kept && !c.isBroken(ruling.Promise)
	})
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
	return t.targetShop.Service.URL == "" && t.targetShop.Payments.Port == 0 && t.targetShop.Shipping.Port == 0
}

// controlIsRed says whether the control runs came to something that is not as it
// should be, though somebody could buy.
func (t *runner) controlIsRed() bool {
	c := &t.control
	return len(c.broken) > 0 || c.unsold > 0 || len(c.seen) > 0 && t.Strict
}

// controlFirst lets the test fail that cannot go on, since nobody can buy, or
// whose control run breaks a promise. It says whether anything else is to be
// staged. Where one story is asked for, the control run runs beside it.
func (t *runner) controlFirst(test *testing.T) bool {
	if t.targetShop == nil || t.Story != "" {
		return true
	}
	ctx, stop := signal.NotifyContext(test.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := t.controlled(ctx)
	if c.cannot != "" && c.cannot == t.machine.slow {
		return false
	}
	if c.cannot != "" {
		test.Fail() // what it came to is told at the end
		return false
	}
	if t.controlIsRed() {
		test.Fail()
	}
	return true
}
