package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

// hunt is how one defect is looked for.
type hunt struct {
	root     string
	provider string        // by whom the shop is paid
	budget   time.Duration // for each story that is explored
	audit    int           // schedules of the plain purchase on which a harmless patch stays green
	replays  int           // of what was found
}

// one looks for a defect: by exploring a purchase in which nothing goes wrong,
// and where that does not show it soon, every other story.
func (h hunt) one(ctx context.Context, d corpus.Defect) (t reports.Defect, err error) {
	t = reports.Defect{Name: d.Name, Says: d.Says, Source: d.Source, Harmless: d.Harmless()}
	folder, err := os.MkdirTemp("", "unhappypath-defect-")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	program, err := d.Build(ctx, h.root, folder)
	if err != nil {
		return t, err
	}
	pool, err := compose.Workers(program, cmp.Or(d.By, h.provider))
	if err != nil {
		return t, fmt.Errorf("%s: %w", d.Name, err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()

	began := time.Now()
	for _, at := range h.order(d, pool.About.Stories) {
		s := at.story
		if at.asItIs {
			o, err := pool.Try(ctx, explore.Trial{Story: s.ID, Seed: 1})
			if err != nil {
				return t, fmt.Errorf("%s: %w", d.Name, err)
			}
			if t.Schedules++; len(o.Breaks) == 0 {
				continue
			}
		}
		r, err := explore.Explore(ctx, explore.Config{
			Story: s, Seed: 1, Try: pool.Try, Workers: pool.Size(), Processes: compose.Processes(),
			Time: at.Time, Schedules: at.Schedules, StopAtFirst: true, Audit: -1,
		})
		if err != nil {
			return t, fmt.Errorf("%s: %w", d.Name, err)
		}
		t.Schedules += r.Enacted
		if ctx.Err() != nil {
			return t, context.Cause(ctx)
		}
		if all := r.Tally(); all.Unfinished > 0 {
			t.Because = fmt.Sprintf("%d schedules of %s could not be enacted: %s", all.Unfinished, s.ID, r.Unfinished[0])
			return t, nil
		}
		if t.Harmless && r.Nothing != "" {
			t.Because = fmt.Sprintf("nothing of %s was explored: %s", s.ID, r.Nothing)
			return t, nil
		}
		if len(r.Findings) > 0 {
			t.After = time.Since(began)
			return t, h.show(ctx, &t, d, s, r.Findings[0], pool)
		}
	}
	t.After = time.Since(began)
	if !t.Harmless {
		t.Because = "nobody became unhappy"
	}
	return t, nil
}

// expedition is one story, and how far it is explored.
type expedition struct {
	story  explore.StoryHeader
	asItIs bool // it is explored only where that breaks a promise
	settings.Budget
}

// firstLook is after how many schedules of the plain purchase the other stories get their turn:
// its single injections have been tried then. As they are, the other stories take as long
// as some hundred schedules, and a defect that shows in one of them is not to wait until pairs
// have been tried for a minute.
const firstLook = 200

// few is how many schedules of any story a harmless patch has to pass.
const few = 10

// order is where a defect is looked for: in the plain purchase first, then in
// every story as it is, then by exploring the plain purchase to its end, and then the others.
// A harmless patch has to pass a number of schedules of the plain purchase, and a tenth as
// many, but not too few, of each other story.
func (h hunt) order(d corpus.Defect, stories []explore.StoryHeader) (list []expedition) {
	if d.Harmless() {
		for _, s := range stories {
			some := h.audit
			if s.ID != corpus.Plain {
				some = min(some, max(few, some/10))
			}
			list = append(list, expedition{s, false, settings.Budget{Schedules: some}})
		}
		return list
	}
	var plain, asTheyAre, explored []expedition
	for _, s := range stories {
		if s.ID == corpus.Plain {
			list = append(list, expedition{s, false, settings.Budget{Time: h.budget, Schedules: firstLook}})
			plain = append(plain, expedition{s, false, settings.Budget{Time: h.budget}})
			continue
		}
		asTheyAre = append(asTheyAre, expedition{s, true, settings.Budget{Time: time.Nanosecond}})
		explored = append(explored, expedition{s, false, settings.Budget{Time: h.budget}})
	}
	return slices.Concat(list, asTheyAre, plain, explored)
}

// show writes the finding down, and replays it.
func (h hunt) show(ctx context.Context, t *reports.Defect, d corpus.Defect, s explore.StoryHeader, f explore.Finding, pool *explore.Pool) error {
	t.Caught, t.Story, t.Promise, t.Sentence, t.Injections = true, s.ID, f.Promise, f.Sentence, f.Injections
	again, err := record.ParseReplay(f.Replay)
	if err != nil {
		return err
	}
	got := corpus.Replayed{Promise: f.Promise, Of: h.replays}
	for range h.replays {
		o, err := pool.Try(ctx, explore.Trial{Story: again.Story, Seed: again.Seed, Injections: again.Injections})
		if err != nil {
			return err
		}
		got.Broken = append(got.Broken, o.Breaks...)
		if slices.Contains(o.Breaks, f.Promise) && len(o.Missed) == 0 {
			got.Broke++
		}
	}
	t.Replayed, t.Replays = got.Broke, got.Of
	switch {
	case t.Harmless:
		t.Because = "a harmless patch made somebody unhappy"
	case f.Flaky:
		t.Because = "what was found is flaky"
	default:
		t.Because = got.Wrong(d.Breaks)
	}
	return nil
}
