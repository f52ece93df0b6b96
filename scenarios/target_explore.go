package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// targetStories are those that are explored in somebody's own shop: the one that is
// asked for; otherwise the plain purchase, where nothing goes wrong but what an
// exploration adds; and in a suite without it, all stories without injections. Where
// there are none, it says why.
func (t *runner) targetStories() (list []harness.Story, why string) {
	only := t.Story
	if _, plain := storyNamed(controlID); plain {
		only = cmp.Or(only, controlID)
	}
	for _, s := range told {
		if only != "" && s.ID != only || only == "" && (len(s.Injections) > 0 || slices.Contains(s.Labels, Case)) {
			continue
		}
		own, reason := t.asTarget(s)
		if reason == "" {
			list = append(list, own)
		}
		why = cmp.Or(why, reason)
	}
	return list, why
}

// How many schedules are enacted side by side in somebody's own shop, for each core:
// they wait, most of the time. It begins with few, and an unharmed purchase that runs
// along says whether the machine bears more: where half is lost of what may be lost,
// there are enough.
const (
	mostPerCore  = 36
	beginPerCore = 8
	mostAtOnce   = 144 // whatever the cores: each is a shop in memory
	// startsShare is the part of the processor's time that starts alone may take to begin
	// with.
	startsShare = 0.5
)

// How much of the quiet time a run waits at least that stands as it should: this part of it,
// and so much real time, for a shop that is slow to do what it means to do.
const (
	shortQuiet = 5
	leastQuiet = 250 * time.Millisecond
)

// gatherTarget is the party that explores somebody's own shop, on the wire and in
// this process.
func (t *runner) gatherTarget() (party, error) {
	if err := t.needs(harness.Story{Browser: t.targetShop.AtBrowser()}); err != nil {
		return party{}, err
	}
	p := party{
		workers: cmp.Or(t.targetShop.Explore.AtOnce, min(mostAtOnce, mostPerCore*runtime.NumCPU())), processes: killable(t.targetShop), audit: -1,
		budget: settings.Budget{Time: 20 * time.Second},
	}
	if !t.canBeTwice() {
		p.workers = 1
	}
	t.sites = compose.NewSites(t.targetShop, fakes.Providers, t.hands.Ports)
	p.close = t.sites.Close
	p.try, p.real, p.noEpilogue = t.tryTarget, t.realTarget, t.targetShop.NoEpilogue()
	return p, nil
}

// killable are the processes that are killed, those that serve last: most epilogues restart
// the last one before they send a submit again.
func killable(shop *target.Target) (names []string) {
	if shop.Service.URL != "" {
		return nil // it must live
	}
	var serving []string
	for _, p := range shop.Shop() {
		if p.Serves {
			serving = append(serving, p.Names()...)
		} else {
			names = append(names, p.Names()...)
		}
	}
	return append(names, serving...)
}

// tryTarget enacts a trial in somebody's own shop.
func (t *runner) tryTarget(ctx context.Context, trial explore.Trial) (explore.Outcome, error) {
	s, known := storyNamed(trial.Story)
	if !known {
		return explore.Outcome{}, fmt.Errorf("there is no story %q", trial.Story)
	}
	own, reason := t.asTarget(s)
	if reason != "" {
		return explore.Outcome{}, fmt.Errorf("%s cannot be explored: %s", trial.Story, reason)
	}
	o := t.options("wire", "kept", nil, trial.Seed)
	o.Sink, o.Unread = nil, !trial.Whole
	hands := t.hands
	if trial.Reset {
		hands.Sites = t.sites
	}
	var early *environment.Early
	if trial.Early > 0 {
		early = &environment.Early{After: trial.Early, Whole: trial.Waits}
		o.Early = early
	}
	run := enact.Run(ctx, enact.Replayed(own, record.Replay{Injections: trial.Injections}), o, compose.Target(t.targetShop, hands))
	if err := t.stopsAtLiveKey(run); err != nil {
		return explore.Outcome{}, err
	}
	outcome := explore.Look(trial, run)
	outcome.Reset = slices.ContainsFunc(run.History, func(e observe.Event) bool { return e.Life != nil && e.Life.What == observe.ProcessLivesOn })
	if early != nil {
		outcome.Quiet = explore.Quiet{After: trial.Early, Short: early.Ended, Waited: trial.Waits, Stood: early.Stood, Moved: early.Moved}
	}
	unharmed := len(trial.Injections) == 0 && len(own.Injections) == 0
	outcome.Slow = t.slowness(run, unharmed)
	outcome.Busy = t.lost(run, unharmed, t.bears()/2) != "" || t.machine.pulse != nil && t.machine.pulse.CoresAreTaken(run.Began)
	return outcome, nil
}

// stopsAtLiveKey fails once a live key was seen: nothing is staged after that.
func (t *runner) stopsAtLiveKey(run *judge.Run) error {
	t.mu.Lock()
	t.live = cmp.Or(t.live, run.LiveKey())
	t.mu.Unlock()
	if why := t.liveKey(); why != "" {
		return errors.New(why)
	}
	return nil
}

// realTarget is what the exploration of a story in somebody's own shop has to know of
// real time, and of the control runs.
func (t *runner) realTarget(s harness.Story) *explore.Real {
	r := &explore.Real{Timing: timing(), Begin: t.beginsWith(), Resets: t.sites != nil}
	if !t.targetShop.Explore.WholeQuiet {
		quiet := t.targetShop.QuietFor()
		r.Early = explore.Early{After: max(quiet/shortQuiet, t.Clock.Story(leastQuiet)), Quiet: quiet}
	}
	for _, b := range t.control.broken {
		r.Known = append(r.Known, b.Promise)
	}
	if run := t.control.good(); run != nil && run.Story == s.ID {
		clean := explore.Look(explore.Trial{Story: s.ID, Seed: t.Seed, Whole: true}, run)
		r.Clean, r.Took = &clean, run.Took
	}
	return r
}

// beginsWith is how many schedules are under way at once when an exploration begins: no
// more than the description allows, and fewer of shops that have several processes or take
// long to start.
func (t *runner) beginsWith() int {
	cores := runtime.NumCPU()
	begin := beginPerCore * cores / len(t.targetShop.ProcessNames())
	if run := t.control.good(); run != nil {
		begin = min(begin, bearable(cores, run.Took, t.hands.Starts.Shortest()))
	}
	begin = max(cores, begin)
	if most := t.targetShop.Explore.AtOnce; most > 0 {
		return min(begin, most)
	}
	return begin
}

// bearable is how many runs of that length may be under way on so many cores, each of which
// takes one for as long as a start does.
func bearable(cores int, run, start time.Duration) int {
	if start == 0 { // nothing starts
		return math.MaxInt
	}
	return int(startsShare * float64(cores) * float64(run) / float64(start))
}

// fewTried is of how many schedules one must have taken effect: fewer may all have
// been those that never do.
const fewTried = 10

// isRed says whether an exploration came to something that is not as it should be.
// That the machine was too slow for it is something else, and noted. Others says that
// something was explored at all.
func (t *runner) isRed(r explore.Result, others bool) bool {
	if len(r.Findings) > 0 || len(r.Disagreements) > 0 || t.Strict && slices.ContainsFunc(r.Unconfirmed, isSeenOnce) {
		return true
	}
	switch {
	case r.TooSlow != "":
		t.endsAsSlow(r.TooSlow)
	case r.Real && !r.Staged():
		t.endsAsSlow(fmt.Sprintf("%d of %d schedules could not be staged, such as %s",
			r.Tally().Unfinished, r.Tally().Explored+r.Tally().Unproven+r.Tally().Unfinished, strings.Join(r.Unfinished[:min(1, len(r.Unfinished))], "")))
	case slices.ContainsFunc(r.Unconfirmed, func(f explore.Finding) bool { return !isSeenOnce(f) }):
		t.endsUnjudged(fmt.Sprintf("what broke while %s was explored could not be repeated within its time: %s gives it more",
			r.Story, t.With("UNHAPPY_BUDGET", (2*max(t.Budget.Time, 20*time.Second)).String())))
	case r.Real && r.Tally().Explored == 0 && r.Tally().Unproven < fewTried && !r.Idle && !r.Interrupted && r.Tally().Possible > 0:
		if others { // this one is told as not explored, as those are that nobody came to
			return false
		}
		t.endsUnjudged(fmt.Sprintf("nothing of %s was explored: %s; %s gives it more time", r.Story, r.Nothing,
			t.With("UNHAPPY_BUDGET", (2*max(t.Budget.Time, 20*time.Second)).String())))
	case !r.Good():
		t.endings.wrong(fmt.Sprintf("✖ exploring %s: %s", r.Story, cmp.Or(r.Nothing, strings.Join(r.Unfinished[:min(1, len(r.Unfinished))], ""))), "")
		return true
	}
	return false
}

// isSeenOnce says whether what was seen was repeated, and came out well.
func isSeenOnce(f explore.Finding) bool { return !f.Cut }
