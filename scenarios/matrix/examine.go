package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/cast"
)

// examination asks of each safeguard who becomes unhappy without it.
type examination struct {
	pool    *explore.Pool
	stories []explore.StoryHeader
	budget  time.Duration
	alone   map[string]bool // safeguards whose absence alone was seen to matter
}

func (e examination) storyIDs() (list []string) {
	for _, s := range e.stories {
		list = append(list, s.ID)
	}
	return list
}

// row examines one safeguard: alone, or where that changes nothing, with each
// other one whose absence is not enough either.
func (e examination) row(ctx context.Context, g checkout.Safeguard) (reports.MatrixRow, error) {
	row := reports.MatrixRow{Safeguard: g.Name, Side: g.Side, Saves: g.Saves}
	var err error
	row.Cells, row.Found, err = e.without(ctx, g.Name)
	if err != nil || row.Explained() {
		return row, err
	}
	for _, other := range checkout.Safeguards {
		if other.Name == g.Name {
			continue
		}
		cells, found, err := e.pair(ctx, g.Name, other.Name)
		if err != nil {
			return row, err
		}
		if found != nil {
			row.With, row.Cells, row.Found = []string{other.Name}, cells, found
			return row, nil
		}
	}
	return row, nil
}

// without enacts every story as it is, and explores them until somebody becomes
// unhappy.
func (e examination) without(ctx context.Context, off ...string) (cells []reports.MatrixCell, found *reports.MatrixFinding, err error) {
	for _, s := range e.stories {
		o, err := e.pool.Try(ctx, explore.Probe{Story: s.ID, Seed: 1, Without: off})
		if err != nil {
			return nil, nil, err
		}
		cell := reports.MatrixCell{Story: s.ID}
		if o.Verdict == harness.Broken {
			cell.Breaks, cell.Sentence = o.Breaks[0], o.Sentence
			if found == nil || len(s.Strikes) < len(found.Strikes) {
				found = &reports.MatrixFinding{
					Story: s.ID, Breaks: o.Breaks[0], Sentence: o.Sentence, How: "the story as it is", Strikes: texts(s.Strikes),
				}
			}
		}
		cells = append(cells, cell)
	}
	if found != nil && len(found.Strikes) <= 1 {
		return cells, found, nil // it cannot be said shorter, or hardly
	}
	for _, s := range shortestFirst(e.stories) {
		f, err := e.explore(ctx, s, off)
		if err != nil {
			return nil, nil, err
		}
		if f != nil && (found == nil || len(f.Strikes) < len(found.Strikes)) {
			found = f
		}
		if found != nil {
			break
		}
	}
	return cells, found, nil
}

// pair looks whether two safeguards, each of which can be missed alone, are
// missed together: one that is missed without the other shows nothing of it.
func (e examination) pair(ctx context.Context, off, other string) ([]reports.MatrixCell, *reports.MatrixFinding, error) {
	known, tried := e.alone[other]
	if !tried {
		_, found, err := e.without(ctx, other)
		if err != nil {
			return nil, nil, err
		}
		known = found != nil
		e.alone[other] = known
	}
	cells, found, err := e.without(ctx, off, other)
	if err != nil || found == nil || !known {
		return cells, found, err
	}
	// The other one alone makes somebody unhappy: only a schedule that the shop
	// without it stands shows that the pair does what neither does.
	return e.beyond(ctx, off, other)
}

// beyond explores the pair for a schedule that hurts with both off and not with
// the other one alone.
func (e examination) beyond(ctx context.Context, off, other string) ([]reports.MatrixCell, *reports.MatrixFinding, error) {
	for _, s := range shortestFirst(e.stories) {
		r, err := explore.Explore(ctx, explore.Config{
			Story: s, Seed: 1, Without: []string{off, other}, Try: e.unlessAlready(other), Workers: e.pool.Size(),
			Processes: cast.Processes(), Time: e.budget, StopAtFirst: true, Audit: -1,
		})
		if err != nil {
			return nil, nil, err
		}
		if len(r.Findings) > 0 {
			cells, _, err := e.asTheyAre(ctx, off, other)
			return cells, finding(s, r.Findings[0]), err
		}
	}
	return nil, nil, nil
}

// asTheyAre enacts the stories with no strike added.
func (e examination) asTheyAre(ctx context.Context, off ...string) ([]reports.MatrixCell, *reports.MatrixFinding, error) {
	short := e
	short.budget = time.Nanosecond
	return short.without(ctx, off...)
}

// unlessAlready tries a probe, and lets only that be broken which the shop
// without the other safeguard alone stands.
func (e examination) unlessAlready(other string) explore.Try {
	return func(ctx context.Context, p explore.Probe) (explore.Outcome, error) {
		o, err := e.pool.Try(ctx, p)
		if err != nil || o.Verdict != harness.Broken {
			return o, err
		}
		p.Without = []string{other}
		before, err := e.pool.Try(ctx, p)
		if err != nil {
			return o, err
		}
		if before.Verdict == harness.Broken {
			o.Verdict, o.Breaks = harness.Kept, nil
		}
		return o, nil
	}
}

func (e examination) explore(ctx context.Context, s explore.StoryHeader, off []string) (*reports.MatrixFinding, error) {
	r, err := explore.Explore(ctx, explore.Config{
		Story: s, Seed: 1, Without: off, Try: e.pool.Try, Workers: e.pool.Size(),
		Processes: cast.Processes(), Time: e.budget, StopAtFirst: true, Audit: -1,
	})
	if err != nil || len(r.Findings) == 0 {
		return nil, err
	}
	return finding(s, r.Findings[0]), nil
}

func finding(s explore.StoryHeader, f explore.Finding) *reports.MatrixFinding {
	return &reports.MatrixFinding{
		Story: s.ID, Breaks: f.Promise, Sentence: f.Sentence, How: "explored", Replay: f.Replay,
		Strikes: texts(slices.Concat(s.Strikes, f.Strikes)),
	}
}

// shortestFirst begins with the stories that have the fewest strikes of their own.
func shortestFirst(stories []explore.StoryHeader) []explore.StoryHeader {
	sorted := slices.Clone(stories)
	slices.SortStableFunc(sorted, func(a, b explore.StoryHeader) int { return cmp.Compare(len(a.Strikes), len(b.Strikes)) })
	return sorted
}

func texts(s harness.Schedule) (list []string) {
	for _, strike := range s {
		list = append(list, strike.String())
	}
	return list
}
