package explore

import (
	"fmt"
	"slices"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// unwellBeside says why nothing can be judged beside an unharmed run, or "". Where a shop that
// was reset breaks what a new one keeps, it may remember what it should not: that is no
// word about the machine, and from then on the unharmed runs have new shops.
func (c *pool) unwellBeside(o Outcome) string {
	if o.Reset && o.Slow == "" && o.Verdict != judge.Kept && o.Verdict != c.clean.Verdict {
		c.remembers = true
		return fmt.Sprintf("a purchase without any fault was %s at a shop that was reset: %s", o.Verdict, o.Because)
	}
	return c.unwell(o)
}

// unwell says why nothing can be judged beside an unharmed run, or "".
func (e *explorer) unwell(o Outcome) string {
	if o.Slow != "" {
		return o.Slow
	}
	if o.Verdict == judge.Kept || o.Verdict == e.clean.Verdict {
		return ""
	}
	if promise := e.subject(o); promise != "" && !e.isTiming(promise) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if !slices.ContainsFunc(e.broken, func(b broken) bool { return len(b.ids) == 0 }) {
			e.breaks(broken{item{index: -1}, o}) // maybe it needs no injection: it is repeated alone
		}
	}
	return fmt.Sprintf("a purchase without any fault was %s beside the others: %s", o.Verdict, o.Because)
}

// fit lets as many be enacted at once as keep the machine busy: half of what it began with
// more each time, until it has no more to give, and from then on an eighth more or fewer. More of
// them would get nothing done sooner, and would wait for each other until they are too late to be
// judged.
// It does not go below what it began with, since others may be what keeps the machine busy.
func (c *pool) fit(busy bool) {
	least := min(c.limit, max(1, c.Real.Begin))
	switch step := max(1, c.limit/8); {
	case busy:
		c.cautious = true
		c.limit = max(least, c.limit-step)
	case c.cautious:
		c.limit = min(c.limit+step, c.Workers)
	default:
		c.limit = min(c.limit+max(1, c.Real.Begin/2), c.Workers)
	}
}

// reduceTo halves what is enacted at once; where that was one already, and again
// and again, nothing can be judged here.
func (c *pool) reduceTo(why string) {
	c.cautious = true
	if c.limit > 1 {
		c.limit /= 2
		return
	}
	if c.slow++; c.slow >= patience {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.result.TooSlow = why
		c.stopping = true
	}
}

// again tries a schedule later once more, but not for ever.
func (c *pool) again(end ending) {
	c.result.Again++
	c.lost = true
	if promise := c.subject(end.outcome); promise != "" && !c.isTiming(promise) {
		c.discarded[end.item] = end.outcome
	}
	if c.tries[end.item]++; c.tries[end.item] <= patience {
		c.queue = slices.Insert(c.queue, min(len(c.queue), c.limit), end.item)
		return
	}
	c.suspect(end.item)
	end.outcome.Verdict, end.outcome.Because = judge.Unfinished, "each time that it was tried, the machine was too slow to judge it"
	c.settle(end)
}
