package explore

import (
	"context"
	"fmt"
	"slices"

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

// Of the schedules that differ, how many are enacted again until so many differ each time,
// and how often each way.
const (
	differingAgain = 6
	differingTold  = 2
	eachWay        = 3
)

// tellResets says where a shop that was reset and one that was started anew differ each
// time: what was explored at the former is worth nothing then.
func (t *telling) tellResets(ctx context.Context) {
	before := len(t.result.Disagreements)
	for _, d := range t.side.differs[:min(len(t.side.differs), differingAgain)] {
		if len(t.result.Disagreements) == before+differingTold {
			break
		}
		anew := t.trial(d.ids, d.seed)
		reset := anew
		reset.Reset = true
		if t.eachIs(ctx, reset, d.reset) && t.eachIs(ctx, anew, d.anew) {
			t.result.Disagreements = append(t.result.Disagreements, fmt.Sprintf(
				"%q %s at a shop that was reset, and %s at one that was started anew, each of %d times: the shop does not forget everything when it is reset; without reset.post it is started anew for each schedule",
				anew.Injections, broke(d.reset), broke(d.anew), eachWay+1))
		}
	}
	if len(t.result.Disagreements) > before { // what broke there is no hint at a defect
		t.broken = slices.DeleteFunc(t.broken, func(b broken) bool { return b.outcome.Reset })
	}
}

// eachIs says whether a trial breaks the same promises each time, at a shop of that kind.
func (t *telling) eachIs(ctx context.Context, p Trial, like Outcome) bool {
	list, err := t.enactments(ctx, slices.Repeat([]Trial{p}, eachWay), eachWay)
	if err != nil {
		t.stop(ctx, err)
	}
	return !slices.ContainsFunc(list, func(o *Outcome) bool {
		return o == nil || !isProven(*o) || o.Reset != p.Reset || !slices.Equal(o.Breaks, like.Breaks)
	})
}

func broke(o Outcome) string {
	if len(o.Breaks) == 0 {
		return "kept every promise"
	}
	return fmt.Sprintf("broke %v", o.Breaks)
}
