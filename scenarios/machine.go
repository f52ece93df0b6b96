package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// machine is what this machine bears, as far as that can be told: a shop in real
// time is not to be blamed for it.
type machine struct {
	pulse *wire.Pulse
	// Slow says why nothing more can be judged here, or "".
	slow string
	// Red says that something failed that is not the machine's doing.
	red bool
}

// tooMuch is the part of a page's shortest time-out that may be lost to the
// machine.
const tooMuch = 3

// slower is by how much the clock is slower on which a run of the reference shop is
// enacted again, whose machine was too slow.
const slower = 4

// bears is how much time of the story a shop's answer may lose to the machine.
func (t *runner) bears() time.Duration {
	if t.targetShop == nil {
		return compose.PageSilence / tooMuch
	}
	return t.targetShop.Waits() / tooMuch
}

// bearsFor is how much time of the story may be lost to the machine before a promise cannot
// be judged. What money and goods come to does not depend on when: until the shop is taken
// to be at rest, it may lose a part of the quiet time.
func (t *runner) bearsFor(promise string) time.Duration {
	if t.targetShop == nil || promise == "" || slices.Contains(timing(), promise) {
		return t.bears()
	}
	return t.bearsAtRest()
}

// bearsAtRest is how much time of the story may be lost to the machine before nobody knows
// whether a shop is at rest.
func (t *runner) bearsAtRest() time.Duration { return max(t.bears(), t.targetShop.QuietFor()/tooMuch) }

// judged enacts a story. Somebody's own shop has control runs to tell the machine's doing
// from the shop's; the reference shop's stories on the wire are enacted again instead.
func (t *runner) judged(ctx context.Context, s harness.Story, o enact.Options) *judge.Run {
	one := func(o enact.Options) *judge.Run {
		o.Replay = t.replayed(s, o)
		return t.stage(ctx, s, o)
	}
	if t.targetShop != nil || o.World != "wire" {
		return one(o)
	}
	return t.untilJudged(t.excused(ctx, o, t.bears()), one)
}

// excused lets a run not count that this machine took more time from than it bears.
func (t *runner) excused(ctx context.Context, o enact.Options, most time.Duration) enact.Options {
	o.Excuse = func(r *judge.Run) string {
		if ctx.Err() != nil {
			return "" // it is not enacted again
		}
		return excuse(r, t.lost(r, false, most))
	}
	return o
}

// excuse is why a run of the reference shop does not count where the machine was slow, or
// "". What a ledger shows is no machine's doing.
func excuse(r *judge.Run, slow string) string {
	if r.Good() || r.Expects == "kept" && !breaksOnlyTiming(r) {
		return ""
	}
	return slow
}

// untilJudged enacts a story again, on a slower clock, while it does not count. The last one
// of a few counts, however slow the machine was.
func (t *runner) untilJudged(o enact.Options, one func(enact.Options) *judge.Run) *judge.Run {
	for n := 1; n < patience; n++ {
		run := one(o)
		if run.Uncounted == "" {
			return run
		}
		o.Clock = max(1, o.Clock/slower)
		t.say(fmt.Sprintf("%s — %s does not count, since %s; again on clock ÷%s", run.Outcome(), run.Story, run.Uncounted, o.Clock))
	}
	o.Excuse = nil
	return one(o)
}

// slowness says why the machine was too slow for what is not kept in the run, or
// "". Of an unharmed one the answers tell as well.
func (t *runner) slowness(r *judge.Run, unharmed bool) string { return t.lost(r, unharmed, t.bears()) }

// lost says what the machine took from a run of more time of the story than most, or "".
func (t *runner) lost(r *judge.Run, unharmed bool, most time.Duration) string {
	if t.machine.pulse == nil {
		return ""
	}
	clock := max(1, r.Clock)
	of := func(d time.Duration) string { // of real time
		return fmt.Sprintf("%s of the story (%s)", units.FormatDuration(clock.Story(d)), d.Round(time.Millisecond))
	}
	if worst := t.machine.pulse.Worst(r.Began); clock.Story(worst) > most {
		return "this machine kept everybody waiting for " + of(worst)
	}
	if !unharmed {
		return ""
	}
	load, any := slowest(r)
	if load > most {
		return "the page took " + of(clock.Real(load)) + " to come"
	}
	if usual, known := t.control.slowest(); known && any-usual > most {
		return fmt.Sprintf("an answer of the shop took %s, %s more than without others", of(clock.Real(any)), units.FormatDuration(any-usual))
	}
	return ""
}

// slowest is how long the slowest answer took before the first click, and of all.
func slowest(r *judge.Run) (load, any time.Duration) {
	click := slices.IndexFunc(r.History, func(e observe.Event) bool {
		return e.Kind == observe.Action && e.Act.Does == observe.Clicks
	})
	for _, m := range r.Index().Messages() {
		if m.Call.Hop != observe.CustomerHop || m.Answer < 0 {
			continue
		}
		took := r.History[m.Answer].At - r.History[m.Request].At
		any = max(any, took)
		if click < 0 || m.Answer < click {
			load = max(load, took)
		}
	}
	return load, any
}

// slowest is what the slowest answer takes without faults and without others.
func (c *control) slowest() (usual time.Duration, known bool) {
	for i, run := range c.runs {
		if _, any := slowest(run); i == 0 || any < usual {
			usual = any
		}
	}
	return usual, len(c.runs) > 0
}

// unwell enacts an unharmed purchase alone, and says why nothing that is about
// time can be judged now, or "".
func (t *runner) unwell(ctx context.Context) string {
	s, why := t.controlStory()
	if why != "" {
		return ""
	}
	o := t.options("wire", "kept", nil, t.Seed)
	o.Sink = nil
	run := t.stage(ctx, s, o)
	if why := t.slowness(run, true); why != "" {
		return why
	}
	if c := &t.control; !run.Good() && len(c.runs) > 0 && c.runs[len(c.runs)-1].Good() {
		return fmt.Sprintf("a purchase without any fault was %s", run.Verdict())
	}
	return ""
}

// endsUnjudged takes note of what could not be judged, and of nothing else later.
func (t *runner) endsUnjudged(why string) { t.machine.slow = cmp.Or(t.machine.slow, why) }

// endsAsSlow takes note that the machine cannot judge this shop, in the sentence
// that the suite ends with.
func (t *runner) endsAsSlow(why string) string {
	if t.machine.slow == "" {
		less := max(1, t.Clock/4)
		t.machine.slow = fmt.Sprintf("this machine is too slow for clock %s: %s; try clock: %s, or fewer other programs", t.Clock, why, less)
		if t.Clock == 1 {
			t.machine.slow = "this machine is too slow: " + why + "; try fewer other programs"
		}
	}
	return t.machine.slow
}

// ends lets the test fail where the machine was too slow, the suite was interrupted, or the
// control runs came to something that is not as it should be, and takes note whether anything else failed.
func (t *runner) ends(test *testing.T) {
	if t.controlIsRed() {
		test.Fail() // whatever the stories came to
	}
	if t.stopped.came() {
		test.Fail() // nobody knows what would have come
	}
	t.machine.red = t.machine.red || test.Failed()
	if t.machine.slow != "" {
		test.Fail()
		t.endings.unknown("? " + strings.ToUpper(t.machine.slow[:1]) + t.machine.slow[1:])
	}
}

// exitCode is the suite's: 1 where something is not as it should be, and 3 where
// nothing else failed than that the machine was too slow to tell, or that the harness
// could not finish what it began. What is told as red at the end is red, though no test
// failed with it. A shop with a live key was called wrongly, whatever else happened.
func (t *runner) exitCode(code int) int {
	if t.liveKey() != "" {
		return 2
	}
	if code == 0 && t.targetShop != nil && t.endings.any() {
		code = 1
	}
	if code == 1 && t.endings.areUnfinished() {
		return 3
	}
	if code == 1 && t.machine.slow != "" && !t.machine.red {
		return 3
	}
	return code
}
