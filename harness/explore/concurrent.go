package explore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// patience is how often in a row the machine may be too slow for a single
// schedule, and how often a schedule is tried beside bad stretches.
const patience = 3

// ending is what happened to one enactment, and when.
type ending struct {
	item         *item // nil: of the unharmed run
	outcome      Outcome
	err          error
	began, ended time.Time
}

func (a ending) overlaps(b ending) bool { return a.began.Before(b.ended) && b.began.Before(a.ended) }

// pool enacts schedules side by side. All that it knows is of one goroutine, which deals
// schedules and hears how they ended.
type pool struct {
	*explorer
	queue     []*item
	limit     int    // how many at once
	busy      int    // schedules under way
	along     bool   // the unharmed run is under way
	leave     func() // ends it
	left      bool
	endings   chan ending
	unsettled []ending // not kept, and nobody knows yet whether the machine was slow
	bad       []ending // the unharmed runs that were not well
	tries     map[*item]int
	discarded map[*item]Outcome // what broke beside a slow machine
	cut       func()            // ends what is under way
	cutting   bool              // it was ended, for what broke is to be repeated
	wereUnder map[*item]bool    // schedules that were under way then, and wait for their turn
	telling   *telling
	slow      int                // bad stretches in a row with one at a time
	reset     map[*item]*Outcome // what came of schedules at a shop that was reset, to be compared
	differs   []differing
	quiet     quieting
	lost      bool // since the last unharmed run, a schedule is to be tried again
	cautious  bool
	remembers bool // a shop that was reset did not keep what the unharmed run keeps
}

func newPool(e *explorer) *pool {
	return &pool{
		explorer: e, limit: max(1, min(e.Real.Begin, e.Workers)), endings: make(chan ending),
		tries: map[*item]int{}, discarded: map[*item]Outcome{}, reset: map[*item]*Outcome{}, wereUnder: map[*item]bool{},
	}
}

// inRealTime goes on with the levels, and hears how the last of their schedules ended.
func (c *pool) inRealTime(ctx context.Context) {
	ctx, c.cut = context.WithCancel(ctx)
	defer c.cut()
	c.cutting = false
	if c.run(ctx, nil) {
		c.levels(ctx)
	}
	c.finish(ctx)
}

// run begins a level's schedules, and says whether all were begun. It waits for none of
// them to end where there is room for others: one that takes long does not hold up the
// next level. Shards wait, since all of them must list the same pairs.
func (c *pool) run(ctx context.Context, list []item) bool {
	for i := range list {
		c.queue = append(c.queue, &list[i])
	}
	for c.deal(ctx); c.waits() && (len(c.queue) > 0 || c.busy >= c.limit || c.Shard.Of > 1); c.deal(ctx) {
		c.hear(ctx, <-c.endings)
	}
	return len(c.queue) == 0
}

// hearAll hears how those that are under way end, and says whether there were any.
func (c *pool) hearAll(ctx context.Context) (any bool) {
	for c.deal(ctx); c.busy > 0; c.deal(ctx) {
		any = true
		c.hear(ctx, <-c.endings)
	}
	return any
}

// finish hears the last of them.
func (c *pool) finish(ctx context.Context) {
	for c.deal(ctx); c.waits(); c.deal(ctx) {
		c.hear(ctx, <-c.endings)
	}
	// What broke, and was under way once more when the time was over, is told as well.
	for _, it := range slices.SortedFunc(maps.Keys(c.discarded), func(a, b *item) int { return cmp.Compare(a.index, b.index) }) {
		c.suspect(it)
	}
	for _, end := range c.unsettled { // the time was over before anybody knew
		c.settle(end)
	}
}

// countCut counts what was under way, or to be tried again, when the time was over.
func (c *pool) countCut() {
	for _, it := range c.queue {
		if c.tries[it] > 0 || c.reset[it] != nil || c.wereUnder[it] {
			c.result.Cut++
		}
	}
}

// waits says whether anything is under way.
func (c *pool) waits() bool { return c.busy > 0 || c.along }

// deal begins what may begin now.
func (c *pool) deal(ctx context.Context) {
	alone := c.Workers == 1 // there is one shop for all
	for len(c.queue) > 0 && c.busy < c.limit && !(alone && (c.along || len(c.unsettled) > 0)) && ctx.Err() == nil && !c.enough() {
		it := c.queue[0]
		c.queue = c.queue[1:]
		c.busy++
		c.result.AtOnce = max(c.result.AtOnce, c.busy)
		c.dealt++
		c.begin(ctx, it, c.trialOf(it))
	}
	over := c.enough()
	if over && c.suspects() > 0 { // what broke is repeated alone, which is worth more than what is under way
		c.cut()
		c.cutting, c.left = true, true
	}
	switch wanted := !alone && c.busy > 0 || len(c.unsettled) > 0 && c.busy == 0; {
	case c.busy == 0 && over:
		if c.along && !c.left {
			c.left = true
			c.leave()
		}
	case wanted && !c.along && ctx.Err() == nil:
		c.along, c.left = true, false
		ctx, c.leave = context.WithCancel(ctx)
		c.begin(ctx, nil, c.mayEndEarly(c.unharmedTrial(), true))
	}
}

func (c *pool) trialOf(it *item) Trial {
	p := c.trial(it.ids, it.seed)
	if it.level == singles {
		p = p.whole()
	}
	_, known := c.reset[it]
	p.Reset = c.Real.Resets && !known
	if c.tries[it] > 0 {
		return p
	}
	return c.mayEndEarly(p, false)
}

func (c *pool) unharmedTrial() Trial {
	p := c.trial(nil, 0)
	p.Reset = c.Real.Resets && !c.remembers
	return p
}

func (c *pool) begin(ctx context.Context, it *item, p Trial) {
	began := time.Now()
	go func() {
		o, err := c.enact(ctx, p)
		o.took = time.Since(began)
		c.endings <- ending{it, o, err, began, time.Now()}
	}()
}

func (c *pool) hear(ctx context.Context, end ending) {
	c.hearQuiet(end)
	if end.item == nil {
		c.along = false
		c.leave()
		if !c.left {
			c.hearUnharmed(ctx, end)
		}
		return
	}
	c.busy--
	switch {
	case c.anew(end):
	case end.err != nil && c.cutting:
		c.wereUnder[end.item] = true
		c.queue = slices.Insert(c.queue, 0, end.item)
	case end.err != nil:
		c.result.Cut++
		c.stop(ctx, end.err)
	case end.outcome.Quiet.Short && end.outcome.Slow != "": // a silence may be the machine's
		c.again(end)
	case end.outcome.Verdict == judge.Kept && len(end.outcome.Missed) == 0:
		c.settle(end) // whatever the machine did, it was kept
	case end.outcome.Verdict == judge.Unfinished && c.tries[end.item] == 0:
		c.again(end)
	case end.outcome.Slow != "" || slices.ContainsFunc(c.bad, end.overlaps):
		c.again(end)
	default:
		c.unsettled = append(c.unsettled, end)
	}
}

// hearUnharmed learns from the run that went along whether the machine bears what
// is enacted at once.
func (c *pool) hearUnharmed(ctx context.Context, end ending) {
	if end.err != nil {
		c.stop(ctx, end.err)
		return
	}
	if c.Workers == 1 { // it came after those that it speaks for
		for _, one := range c.unsettled {
			end.began = minTime(end.began, one.began)
		}
	}
	why := c.unwellBeside(end.outcome)
	switch lost := c.lost || slices.ContainsFunc(c.unsettled, end.overlaps); {
	case why == "":
		c.slow = 0
		c.unharmed++
		c.fit(end.outcome.Busy)
	case end.outcome.Verdict == judge.Kept && !lost, end.outcome.Reset && end.outcome.Slow == "":
		c.bad = append(c.bad, end) // it was slow, and nothing has to be tried again for it
	default:
		c.bad = append(c.bad, end)
		c.reduceTo(why)
	}
	unsettled := c.unsettled
	c.unsettled = nil
	for _, one := range unsettled {
		switch {
		case why != "" && one.overlaps(end):
			c.again(one)
		case one.ended.After(end.ended):
			c.unsettled = append(c.unsettled, one)
		default:
			c.settle(one)
		}
	}
	c.lost = false
}

// suspect keeps what a ledger showed beside a slow machine, to be repeated alone.
func (c *pool) suspect(it *item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o, broke := c.discarded[it]; broke {
		c.breaks(broken{*it, o})
		delete(c.discarded, it)
	}
}

// settle takes an outcome for the schedule's.
func (c *pool) settle(end ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.discarded, end.item)
	if end.item.level == singles && end.outcome.Verdict != judge.Unfinished {
		c.tried[end.item.ids[0]] = end.outcome
	}
	if c.Shard.Has(end.item.index) {
		c.count(*end.item, end.outcome)
	}
}
