package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// examination asks of each safeguard who becomes unhappy without it.
type examination struct {
	pool    *explore.Pool
	stories []explore.StoryHeader
	budget  time.Duration // to explore one story with, at most
	tell    func(string)
}

// shortLook is by what the budget is divided at first.
const shortLook = 16

func (e examination) storyIDs() (list []string) {
	for _, s := range e.stories {
		list = append(list, s.ID)
	}
	return list
}

// row examines one safeguard: alone, and where nobody misses it, with each other
// one, where each can be missed and both cannot. What the stories show as they
// are comes before what has to be looked for, and a short look before a long one.
func (e examination) row(ctx context.Context, g checkout.Safeguard) (reports.MatrixRow, error) {
	row := reports.MatrixRow{Safeguard: g.Name, Side: g.Side, Saves: g.Saves}
	budgets := []time.Duration{0, e.budget / shortLook, e.budget}
	for _, budget := range budgets {
		var err error
		if row.Cells, row.Found, err = e.without(ctx, budget, g.Name); err != nil || row.Explained() {
			return row, err
		}
	}
	for _, budget := range budgets {
		e.tell(fmt.Sprintf("%s: nobody misses it alone; looking at it with each other one, exploring %s a story", g.Name, budget))
		for _, other := range checkout.Safeguards {
			if other.Name == g.Name {
				continue
			}
			cells, found, err := e.without(ctx, budget, g.Name, other.Name)
			if err != nil {
				return row, err
			}
			if found != nil {
				row.Cells, row.Found, row.With = cells, found, []string{other.Name}
				return row, nil
			}
		}
	}
	return row, nil
}

// without enacts every story as it is, and where that says too little explores
// them until somebody becomes unhappy. Of a pair of safeguards counts only what
// hurts nobody while one of the two is there.
func (e examination) without(ctx context.Context, budget time.Duration, off ...string) (cells []reports.MatrixCell, found *reports.MatrixFinding, err error) {
	for _, s := range e.stories {
		o, err := e.try(ctx, explore.Trial{Story: s.ID, Seed: 1, Without: off})
		if err != nil {
			return nil, nil, err
		}
		cell := reports.MatrixCell{Story: s.ID}
		if o.Verdict == judge.Broken {
			cell.Breaks, cell.Sentence = o.Breaks[0], o.Sentence
			if found == nil || len(s.Injections) < len(found.Injections) {
				found = &reports.MatrixFinding{
					Story: s.ID, Breaks: o.Breaks[0], Sentence: o.Sentence, How: "the story as it is", Injections: texts(s.Injections),
				}
			}
		}
		cells = append(cells, cell)
	}
	switch {
	case found == nil && budget == 0:
		return cells, nil, nil
	case found != nil && len(found.Injections) <= 1:
		return cells, found, nil // it cannot be said shorter, or hardly
	case found != nil:
		budget = e.budget / shortLook // for something shorter
	}
	for _, s := range shortestFirst(e.stories) {
		f, err := e.explore(ctx, s, budget, off)
		if err != nil {
			return nil, nil, err
		}
		if f != nil && (found == nil || len(f.Injections) < len(found.Injections)) {
			found = f
		}
		if f != nil {
			break
		}
	}
	return cells, found, nil
}

// try enacts a trial. One without two safeguards is not broken where it is
// without one of them.
func (e examination) try(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
	o, err := e.pool.Try(ctx, p)
	if err != nil || o.Verdict != judge.Broken || len(p.Without) < 2 {
		return o, err
	}
	for _, one := range p.Without {
		p.Without = []string{one}
		alone, err := e.pool.Try(ctx, p)
		if err != nil {
			return o, err
		}
		if alone.Verdict == judge.Broken {
			o.Verdict, o.Breaks = judge.Kept, nil
			break
		}
	}
	return o, nil
}

func (e examination) explore(ctx context.Context, s explore.StoryHeader, budget time.Duration, off []string) (*reports.MatrixFinding, error) {
	r, err := explore.Explore(ctx, explore.Config{
		Story: s, Seed: 1, Without: off, Try: e.try, Workers: e.pool.Size(),
		Processes: compose.Processes(), Time: budget, StopAtFirst: true, Audit: -1,
	})
	if r.Nothing != "" {
		e.tell(fmt.Sprintf("%s without %s: nothing was explored: %s", s.ID, strings.Join(off, ", "), r.Nothing))
	}
	if err != nil || len(r.Findings) == 0 {
		return nil, err
	}
	return finding(s, r.Findings[0]), nil
}

func finding(s explore.StoryHeader, f explore.Finding) *reports.MatrixFinding {
	return &reports.MatrixFinding{
		Story: s.ID, Breaks: f.Promise, Sentence: f.Sentence, How: "explored", Replay: f.Replay,
		Injections: texts(slices.Concat(s.Injections, f.Injections)),
	}
}

// shortestFirst begins with the stories that have the fewest injections of their own.
func shortestFirst(stories []explore.StoryHeader) []explore.StoryHeader {
	sorted := slices.Clone(stories)
	slices.SortStableFunc(sorted, func(a, b explore.StoryHeader) int { return cmp.Compare(len(a.Injections), len(b.Injections)) })
	return sorted
}

func texts(s injection.Schedule) (list []string) {
	for _, injection := range s {
		list = append(list, injection.String())
	}
	return list
}
