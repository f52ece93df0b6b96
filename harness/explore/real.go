package explore

import (
	"context"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// Real is what an exploration needs in real time, where no history is the same
// twice and a busy machine breaks promises that the shop keeps. There an unharmed
// run goes along all the time, fewer schedules are enacted at once while it shows
// that the machine is slow, and what broke is repeated alone before it is told.
type Real struct {
	// Timing are the promises about time: a slow machine breaks them, so that they
	// count as broken where every repeat breaks them.
	Timing []string
	// Known are the promises that break without any injection: that is told already.
	Known []string
	// Resets says that a shop can be reset for the next schedule instead of started anew.
	// One in 20 schedules is enacted both ways, and all that are not kept.
	Resets bool
	Early  Early // zero: every run waits for the whole quiet time
	// Begin is how many schedules are enacted at once to begin with; Workers is the
	// most.
	Begin int
	// Clean is what came of the story as it is, in Took, where that is known already.
	Clean *Outcome
	Took  time.Duration
}

// enough says whether no other schedule is to begin: it would not end in time, or
// leave none to repeat what broke.
func (c *pool) enough() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping || c.Time == 0 || c.dealt == 0 {
		return c.stopping
	}
	reserve := c.typical // for what is under way
	if repeats := c.toRepeat(); repeats > 0 {
		reserve = min(c.Time/2, repeats)
	}
	return time.Since(c.began) >= c.Time-reserve
}

// mostRounds is how often, at most, an exploration stops to repeat what broke.
const mostRounds = 3

// rounds explore, and repeat what broke, until the time is over: where that turned out to be
// no finding, or took less than was kept for it, the rest of the time is for other schedules.
func (e *explorer) rounds(ctx context.Context) {
	for range mostRounds {
		within, cancel := e.within(ctx)
		e.side.inRealTime(within)
		cancel()
		e.tellReal(ctx)
		if ctx.Err() != nil || e.failed() || !e.goesOn() {
			break
		}
	}
	e.side.countCut()
}

// goesOn says whether there are schedules left, and time for some, and whether they are worth
// anything. All shards list the same pairs, which one that goes on would not.
func (e *explorer) goesOn() bool {
	switch {
	case e.Time == 0, e.Time-time.Since(e.began) < 4*e.typical, e.stage == nil && len(e.side.queue) == 0:
		return false
	}
	return !e.StopAtFirst && e.Shard.Of == 1 && len(e.result.Disagreements) == 0
}

// toRepeat is how long it takes to repeat what broke, once for each promise, alone and
// then side by side, after what came out otherwise at a shop that was reset, which takes a
// quarter of it; and to look for a schedule that breaks one of them each time.
func (c *pool) toRepeat() (all time.Duration) {
	longest := map[string]time.Duration{}
	note := func(ids []int, o Outcome) {
		if promise := c.subject(o); promise != "" && !c.telling.isTold(promise, ids) {
			longest[promise] = max(longest[promise], o.took, c.typical)
		}
	}
	for _, b := range c.broken {
		note(b.ids, b.outcome)
	}
	for _, end := range c.unsettled {
		note(end.item.ids, end.outcome)
	}
	for it, o := range c.discarded {
		note(it.ids, o)
	}
	var steadying time.Duration
	for promise, d := range longest {
		all += 2 * d
		switch timing := c.isTiming(promise); {
		case timing && !c.bearsRepeats():
			all += 2 * d
		case !timing && c.bearsRepeats():
			steadying = max(steadying, 4*d)
		}
	}
	all += steadying
	if len(c.differs) > 0 {
		all += max(all/3, 4*c.typical)
	}
	return all
}

// suspects is how many schedules there are to repeat.
func (c *pool) suspects() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.broken) + len(c.discarded)
	for _, end := range c.unsettled {
		if end.outcome.Verdict == judge.Broken {
			n++
		}
	}
	return n
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// firstRun enacts the story as it is, alone: again, where the machine was too slow
// to judge it.
func (e *explorer) firstRun(ctx context.Context) (o Outcome, err error) {
	if e.Real.Clean != nil {
		e.typical = e.Real.Took
		return *e.Real.Clean, nil
	}
	for range patience {
		began := time.Now()
		o, err = e.enact(ctx, e.trial(nil, 0).whole())
		e.typical = time.Since(began)
		if err != nil || o.Verdict == judge.Kept || o.Slow == "" {
			return o, err
		}
		if e.Time > 0 && time.Since(e.began) > e.Time {
			break
		}
	}
	e.result.TooSlow = o.Slow
	return o, nil
}

// within is done when the exploration is to be over, whatever is under way: a tenth
// of its time after the end, or a schedule.
func (e *explorer) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if e.Real == nil || e.Time == 0 {
		return context.WithCancel(ctx)
	}
	longest := 2 * e.typical
	for _, b := range e.broken {
		longest = max(longest, b.outcome.took+b.outcome.took/4)
	}
	return context.WithDeadline(ctx, e.began.Add(e.Time+max(e.Time/10, longest)))
}
