package explore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// enact tries a schedule. One that an interruption cut short is none.
func (e *explorer) enact(ctx context.Context, p Trial) (Outcome, error) {
	o, err := e.Try(ctx, p)
	if err == nil && o.Verdict == judge.Unfinished {
		err = context.Cause(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.result.Enacted++
	if e.phase == "minimizing" {
		e.watch()
	}
	return o, err
}

func (e *explorer) trial(ids []int, seed uint64) Trial {
	return Trial{Story: e.Story.ID, Seed: e.Seed + seed, Without: e.Without, Injections: e.catalogue.schedule(ids)}
}

func (p Trial) whole() Trial {
	p.Whole = true
	return p
}

// try tries a schedule and counts it, or leaves it out.
func (e *explorer) try(ctx context.Context, it item) error {
	if it.leftOut() {
		return e.leaveOut(ctx, it)
	}
	p := e.trial(it.ids, it.seed)
	if it.level == singles {
		p = p.whole()
	}
	o, err := e.enact(ctx, p)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if it.level == singles {
		e.tried[it.ids[0]] = o
	}
	if it.level == pairs && e.Audit > 0 {
		e.signs[fmt.Sprint(it.ids)] = o.sameness()
	}
	if e.Shard.Has(it.index) {
		e.count(it, o)
	}
	return nil
}

// count writes an outcome into the result.
func (e *explorer) count(it item, o Outcome) {
	t := e.tally(it.level)
	switch {
	case o.Verdict == judge.Unfinished:
		t.Unfinished++
		e.result.Unfinished = append(e.result.Unfinished, fmt.Sprintf("%s: %s", e.catalogue.schedule(it.ids), o.Because))
	case len(o.Missed) > 0 || o.Verdict == judge.Unproven:
		t.Unproven++
	default:
		t.Explored++
		e.result.add(spacesOf(e.catalogue.schedule(it.ids)), 1)
	}
	schedule := e.catalogue.schedule(it.ids)
	for i, s := range schedule {
		cell := e.cell(s)
		if slices.Contains(o.Missed, e.own+i) {
			cell.Missed++
			if cell.TookEffect == 0 && cell.Why == "" && it.level == singles {
				cell.Why = o.Because
			}
			continue
		}
		cell.TookEffect++
		cell.Why = ""
	}
	if o.Verdict == judge.Broken {
		e.breaks(broken{it, o})
	}
	e.watch()
}

func (e *explorer) breaks(b broken) {
	e.broken = append(e.broken, b)
	e.stopping = e.stopping || e.StopAtFirst
}

func (e *explorer) tally(l level) *Tally {
	return [...]*Tally{&e.result.Singles, &e.result.Pairs, &e.result.Random, &e.result.Epilogues}[l]
}

func (e *explorer) cell(s injection.Injection) *Cell {
	c := e.catalogue.byText[s.String()]
	if e.cells[c.id] == nil {
		e.cells[c.id] = &Cell{Message: c.message, Injection: s}
	}
	return e.cells[c.id]
}

func (e *explorer) watch() {
	if e.Watch == nil {
		return
	}
	p := Progress{
		Tally: e.result.Tally(), Broken: len(e.broken), Enacted: e.result.Enacted, Took: time.Since(e.began),
		Total: e.result.Tally().Possible, Phase: e.phase,
	}
	if e.Time > 0 {
		p.Left = max(0, e.Time-p.Took)
	}
	if e.Schedules > 0 {
		p.Total = e.Schedules
	}
	e.Watch(p)
}
