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
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
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

// bears is how much time of the story a shop's answer may lose to the machine.
func (t *runner) bears() time.Duration {
	return t.targetShop.Waits() / tooMuch
}

// slowness says why the machine was too slow for what is not kept in the run, or
// "". Of an unharmed one the answers tell as well.
func (t *runner) slowness(r *judge.Run, unharmed bool) string {
	if t.machine.pulse == nil {
		return ""
	}
	clock := max(1, r.Clock)
	lost := func(d time.Duration) string { // of real time
		return fmt.Sprintf("%s of the story (%s)", units.FormatDuration(clock.Story(d)), d.Round(time.Millisecond))
	}
	if worst := t.machine.pulse.Worst(r.Began); clock.Story(worst) > t.bears() {
		return "this machine kept everybody waiting for " + lost(worst)
	}
	if !unharmed {
		return ""
	}
	load, any := slowest(r)
	if load > t.bears() {
		return "the page took " + lost(clock.Real(load)) + " to come"
	}
	if usual, known := t.control.slowest(); known && any-usual > t.bears() {
		return fmt.Sprintf("an answer of the shop took %s, %s more than without others", lost(clock.Real(any)), units.FormatDuration(any-usual))
	}
	return ""
}

// slowest is how long the slowest answer took before the first click, and of all.
func slowest(r *judge.Run) (load, any time.Duration) {
	asked := map[string]time.Duration{}
	clicked := false
	for _, e := range r.History {
		if e.Kind == observe.Action && e.Act.Does == observe.Clicks {
			clicked = true
		}
		if e.Message == nil || e.Message.Hop != string(observe.CustomerHop) || e.Actor != e.Message.Hop {
			continue
		}
		key := fmt.Sprint(e.Message.Call, e.Message.N)
		switch e.Kind {
		case observe.Arrived:
			asked[key] = e.At
		case observe.Answered:
			if at, known := asked[key]; known {
				any = max(any, e.At-at)
				if !clicked {
					load = max(load, e.At-at)
				}
			}
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

// proof is what happened to something red.
type proof int

const (
	isSo     proof = iota // it is so
	notAgain              // seen, and not again
	unjudged              // the machine was too slow to tell
)

// How often a red run is repeated, as an exploration does it: a promise about time
// must break each time, what a ledger shows once more, and the rest come out the
// same once more.
const (
	repeatsOfTiming = 3
	repeatsOfOthers = 10
	repeatsOfRest   = 1
	// patience is how often it is tried again on a machine that is too slow.
	patience = 3
)

// timing are the promises about time.
func timing() (names []string) {
	for _, p := range judge.StandardPromises() {
		if p.Timing {
			names = append(names, p.Name)
		}
	}
	return names
}

// subjectOf is what a red run is about: the promise that it breaks, what a ledger
// shows before what is about time, or "" where none is broken.
func (c *control) subjectOf(r *judge.Run) (promise string) {
	for _, ruling := range r.Rulings {
		if ruling.Verdict != judge.Broken || c.isBroken(ruling.Promise) {
			continue
		}
		if !slices.Contains(timing(), ruling.Promise) {
			return ruling.Promise
		}
		promise = cmp.Or(promise, ruling.Promise)
	}
	return promise
}

// repeating is how a red run is repeated.
type repeating struct {
	again func(form string) *judge.Run
	slow  func(*judge.Run) string // why the machine was too slow for a run, or ""
	well  func() string           // why nothing that is about time can be judged now, or ""
}

// repeats is how a red run is repeated here, once that is known.
func (t *runner) repeats(ctx context.Context, again func(form string) *judge.Run) repeating {
	return repeating{
		again: again,
		slow:  func(r *judge.Run) string { return t.slowness(r, false) },
		well:  func() string { return t.unwell(ctx) },
	}
}

// repeat repeats a red run alone until it is known whether that is the shop's
// doing, and says so in words. What is not the shop's doing is forgiven.
func (t *runner) repeat(ctx context.Context, run *judge.Run, how repeating) (proof, string) {
	promise := t.control.subjectOf(run)
	about := slices.Contains(timing(), promise)
	most := repeatsOfOthers
	switch {
	case promise == "":
		most = repeatsOfRest
	case about:
		most = repeatsOfTiming
	}
	shown, of, slow := 1, 1, 0
	red := []*judge.Run{run}
	forgive := func(list []*judge.Run) {
		for _, r := range list {
			t.endings.forgive(r)
		}
	}
	for n := 1; of <= most; n++ {
		r := how.again(fmt.Sprintf("again-%d", n))
		if ctx.Err() != nil {
			return isSo, "not repeated (interrupted)"
		}
		if !r.Good() {
			red = append(red, r)
		}
		if why := how.slow(r); why != "" && !r.Good() {
			if slow++; slow >= patience {
				forgive(red)
				return unjudged, why
			}
			continue
		}
		of++
		shows := promise == "" && r.Verdict() == run.Verdict() || promise != "" && breaks(r, promise)
		if shows {
			shown++
		}
		if every := about || promise == ""; every != shows {
			break
		}
	}
	every := about || promise == ""
	if shown < 2 || every && shown < of {
		forgive(red)
		return notAgain, explore.NotAgain(shown, of)
	}
	if every && run.Verdict() != judge.Unfinished {
		if why := how.well(); why != "" {
			forgive(red)
			return unjudged, why
		}
	}
	forgive(slices.DeleteFunc(red, func(r *judge.Run) bool { return endingKey(r) == endingKey(run) })) // what is left is what it is about
	return isSo, fmt.Sprintf("shown %d of %d", shown, of)
}

func breaks(r *judge.Run, promise string) bool {
	ruling := r.Ruling(promise)
	return ruling != nil && ruling.Verdict == judge.Broken
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

// ends lets the test fail where the machine was too slow, and takes note whether
// anything else failed.
func (t *runner) ends(test *testing.T) {
	t.machine.red = t.machine.red || test.Failed()
	if t.machine.slow != "" {
		test.Fail()
		t.endings.unknown("? " + strings.ToUpper(t.machine.slow[:1]) + t.machine.slow[1:])
	}
}

// exitCode is the suite's: 1 where something is not as it should be, and 3 where
// nothing else failed than that the machine was too slow to tell, or that the harness
// could not finish what it began.
func (t *runner) exitCode(code int) int {
	if code == 1 && t.endings.areUnfinished() {
		return 3
	}
	if code == 1 && t.machine.slow != "" && !t.machine.red {
		return 3
	}
	return code
}
