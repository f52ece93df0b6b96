package explore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Early is how an exploration in real time saves quiet time. A run that would be kept as it
// is, in which nobody has anything left to do, ends after a shorter silence. That is worth
// as much as the whole quiet time as long as no shop moves after the one and before the
// other. So the first runs wait for the whole, and later one in 20; the shorter silence is
// twice as long as any after which something moved in these; and what breaks a promise
// after it, each time, says that the rule does not hold at this shop.
type Early struct {
	After time.Duration // the least, in story time
	Quiet time.Duration // the whole
}

// Quiet is how a run's quiet time ended that might be a shorter one.
type Quiet struct {
	After  time.Duration `json:"after,omitempty"`  // the shorter silence, in story time
	Short  bool          `json:"short,omitempty"`  // it ended the run
	Waited bool          `json:"waited,omitempty"` // the run waited for the whole quiet time all the same
	// Stood says that the run would be kept as it was after the shorter silence; Moved, how
	// long after the last movement before such a moment something moved again, at most.
	Stood bool          `json:"stood,omitempty"`
	Moved time.Duration `json:"moved,omitempty"`
}

// firstWait is how many runs wait for the whole quiet time, before any may end sooner.
const firstWait = 12

// quieting is what is known of the quiet times of an exploration.
type quieting struct {
	offered int             // schedules that might end early
	moved   time.Duration   // the longest Quiet.Moved
	ended   []time.Duration // the silences that ended a run early
	off     bool            // no other run ends early, since these broke a promise after the silence
	broke   []broken
}

// mayEndEarly lets a trial end early, where nothing speaks against it. What a process does
// when it lives again, and what follows a story, is waited for.
func (c *pool) mayEndEarly(p Trial, unharmed bool) Trial {
	after := max(c.Real.Early.After, 2*c.quiet.moved)
	if c.quiet.off || after <= 0 || after >= c.Real.Early.Quiet {
		return p
	}
	if slices.ContainsFunc(slices.Concat(c.Story.Injections, p.Injections), func(i injection.Injection) bool {
		return i.Fault.Spec().Space() == fault.Machines || i.Fault.IsEpilogue()
	}) {
		return p
	}
	p.Early, p.Waits = after, c.result.Waited < firstWait
	if !unharmed {
		p.Waits = p.Waits || c.quiet.offered%oneInTwenty == 0
		c.quiet.offered++
	}
	return p
}

// hearQuiet learns from how a run's quiet time ended.
func (c *pool) hearQuiet(end ending) {
	o := end.outcome
	switch {
	case end.err != nil:
	case end.item == nil: // the unharmed run is no schedule
	case o.Quiet.Short && o.Slow == "":
		c.result.Short++
		c.quiet.ended = append(c.quiet.ended, o.Quiet.After)
	case o.Quiet.Waited && o.Quiet.Stood:
		c.result.Waited++
		c.quiet.moved = max(c.quiet.moved, o.Quiet.Moved)
		if o.Verdict == judge.Broken {
			c.quiet.off = true
			c.quiet.broke = append(c.quiet.broke, broken{*end.item, o})
		}
	}
}

// lateAgain is how many of the runs that broke a promise late are enacted again.
const lateAgain = 6

// tellQuiet says where a run stood as it should after the shorter silence and broke a promise
// later, each time.
func (t *telling) tellQuiet(ctx context.Context) {
	t.result.TooShort = 0
	for _, after := range t.side.quiet.ended {
		if after < 2*t.side.quiet.moved {
			t.result.TooShort++
		}
	}
	for _, b := range t.side.quiet.broke[:min(len(t.side.quiet.broke), lateAgain)] {
		p := t.trial(b.ids, b.seed)
		p.Early, p.Waits = b.outcome.Quiet.After, true
		list, err := t.enactments(ctx, slices.Repeat([]Trial{p}, eachWay), eachWay)
		if err != nil {
			t.stop(ctx, err)
		}
		undecided := func(o *Outcome) bool { return o == nil || !isProven(*o) }
		if !slices.ContainsFunc(list, undecided) && slices.ContainsFunc(list, func(o *Outcome) bool {
			return !o.Quiet.Stood || !slices.Equal(o.Breaks, b.outcome.Breaks)
		}) {
			continue
		}
		times := fmt.Sprintf("each of %d times", eachWay+1)
		if slices.ContainsFunc(list, undecided) {
			times = "and could not be repeated in time"
		}
		t.result.Disagreements = append(t.result.Disagreements, fmt.Sprintf(
			"%q stood as it should when nothing had moved for %s, and %s later, %s: the %d schedules that ended so early may have missed as much; with explore.whole_quiet none does",
			p.Injections, p.Early, broke(b.outcome), times, t.result.Short))
		return
	}
}
