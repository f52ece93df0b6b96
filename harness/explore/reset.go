package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// oneInTwenty is of how many schedules that were kept at a shop that was reset one is
// enacted once more at a shop that is started anew.
const oneInTwenty = 20

// differing is a schedule that came out otherwise at a shop that was reset than at one that
// was started anew.
type differing struct {
	item
	reset, anew Outcome
}

// anew says whether a schedule is to be enacted once more at a shop that is started anew.
// That is what counts for all that was not kept at a shop that was reset, since that may
// remember what it should not.
func (c *pool) anew(end ending) bool {
	if end.err != nil {
		return false
	}
	if !end.outcome.Reset {
		c.compare(end)
		return false
	}
	c.result.Reset++
	if well := end.outcome.Verdict == judge.Kept && len(end.outcome.Missed) == 0; well && c.result.Reset%oneInTwenty != 0 {
		return false
	}
	if c.subject(end.outcome) != "" {
		c.discarded[end.item] = end.outcome
	}
	c.reset[end.item] = &end.outcome
	c.queue = slices.Insert(c.queue, 0, end.item)
	return true
}

// compare notes where a schedule breaks other promises than at a shop that was reset.
func (c *pool) compare(end ending) {
	before := c.reset[end.item]
	if before == nil || !isProven(end.outcome) {
		return
	}
	c.reset[end.item] = nil // it was told
	if !isProven(*before) {
		return
	}
	c.result.Anew++
	if !slices.Equal(before.Breaks, end.outcome.Breaks) {
		c.differs = append(c.differs, differing{*end.item, *before, end.outcome})
	}
}

// isProven says whether all injections took effect and every promise was kept, whatever the
// machine did, or one was broken on a machine that was fast enough.
func isProven(o Outcome) bool {
	return len(o.Missed) == 0 && (o.Verdict == judge.Kept || o.Verdict == judge.Broken && o.Slow == "")
}

// Of the schedules that differ, how many are told of those that do so each time, and how
// often each way they are enacted again.
const (
	differingTold = 2
	eachWay       = 3
	differAtOnce  = 2 * sideBySide
)

// tellResets says where a shop that was reset and one that was started anew differ each
// time: what was explored at the former is worth nothing then. Most differ by chance, which
// one more enactment each way shows.
func (t *telling) tellResets(ctx context.Context) {
	list := t.toCompare()
	list = t.differAgain(ctx, list, 1)
	list = t.differAgain(ctx, list[:min(len(list), differingTold)], eachWay-1)
	for _, d := range list {
		t.result.Disagreements = append(t.result.Disagreements, fmt.Sprintf(
			"%q %s at a shop that was reset, and %s at one that was started anew, each of %d times: the shop does not forget everything when it is reset; without reset.post it is started anew for each schedule",
			t.trial(d.ids, d.seed).Injections, broke(d.reset), broke(d.anew), eachWay+1))
	}
	if len(list) > 0 { // what broke there is no hint at a defect
		t.broken = slices.DeleteFunc(t.broken, func(b broken) bool { return b.outcome.Reset })
	}
}

// toCompare are the quickest of the schedules that differ, and one in any case, that are
// enacted both ways within a quarter of the time that is left.
func (t *telling) toCompare() []differing {
	list := slices.SortedStableFunc(slices.Values(t.side.differs), func(a, b differing) int { return cmp.Compare(a.took(), b.took()) })
	if t.until.IsZero() || len(list) == 0 {
		return list
	}
	left, atOnce := time.Until(t.until), max(1, min(differAtOnce, t.side.limit))
	n := 1
	for n < len(list) {
		rounds := (2*(n+1) + atOnce - 1) / atOnce
		if time.Duration(rounds)*list[n].took() > left/4 {
			break
		}
		n++
	}
	return list[:n]
}

// took is how long the longer of both took.
func (d differing) took() time.Duration { return max(d.reset.took, d.anew.took) }

// differAgain are those that come out as before each of so many times, at either shop.
func (t *telling) differAgain(ctx context.Context, list []differing, times int) (same []differing) {
	var trials []Trial
	for _, d := range list {
		anew := t.trial(d.ids, d.seed)
		reset := anew
		reset.Reset = true
		trials = append(trials, slices.Concat(slices.Repeat([]Trial{anew}, times), slices.Repeat([]Trial{reset}, times))...)
	}
	outcomes, err := t.enactments(ctx, trials, differAtOnce)
	if err != nil {
		t.stop(ctx, err)
	}
	for i, d := range list {
		these := outcomes[2*times*i:][:2*times]
		if areAll(these[:times], false, d.anew) && areAll(these[times:], true, d.reset) {
			same = append(same, d)
		}
	}
	return same
}

// areAll says whether all were enacted at a shop of that kind, and broke the same promises.
func areAll(list []*Outcome, reset bool, like Outcome) bool {
	return !slices.ContainsFunc(list, func(o *Outcome) bool {
		return o == nil || !isProven(*o) || o.Reset != reset || !slices.Equal(o.Breaks, like.Breaks)
	})
}

func broke(o Outcome) string {
	if len(o.Breaks) == 0 {
		return "kept every promise"
	}
	return fmt.Sprintf("broke %v", o.Breaks)
}
