package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
	"github.com/unhappypath/unhappypath/scenarios/suite"
)

// hunt is how defects are looked for: by the suite, as the owner of a shop runs it.
type hunt struct {
	*shops
	suite   string // its program
	budget  time.Duration
	replays int
}

// explored explores a plain purchase at a sample with a switch on, and again where the
// machine was too slow to judge.
func (h hunt) explored(ctx context.Context, d defect, variable string) (r explore.Result, err error) {
	for range tries {
		if r, err = h.exploredOnce(ctx, d, variable); err != nil || r.TooSlow == "" || len(r.Findings) > 0 {
			break
		}
	}
	return r, err
}

func (h hunt) exploredOnce(ctx context.Context, d defect, variable string) (r explore.Result, err error) {
	if _, err := h.of(ctx, d.Sample); err != nil {
		return r, err
	}
	description := h.description(d.Sample)
	report, err := os.MkdirTemp(h.folder, "report-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(report)
	// What one defect left must not be found again at the next one.
	defer os.RemoveAll(filepath.Join(filepath.Dir(description), "unhappypath"))
	said, code, err := suite.Run(ctx, h.suite, "", suite.Exploration, "UNHAPPY_TARGET="+description,
		"UNHAPPY_BUDGET="+h.budget.String(), "UNHAPPY_REPORT="+report,
		asDefect+"=", asTwin+"=", variable+"="+d.Name) // the description inherits them
	if err != nil {
		return r, err
	}
	text, err := os.ReadFile(filepath.Join(report, "exploration.json"))
	if err != nil {
		return r, fmt.Errorf("%s: the suite exited with %d and left no exploration: %w\n%s", d.Name, code, err, said)
	}
	var results []explore.Result
	if err := json.Unmarshal(text, &results); err != nil {
		return r, fmt.Errorf("%s: exploration.json: %w", d.Name, err)
	}
	if len(results) != 1 {
		return r, fmt.Errorf("%s: %d stories were explored instead of one:\n%s", d.Name, len(results), said)
	}
	return results[0], nil
}

// defect looks for a defect, and replays what it finds.
func (h hunt) defect(ctx context.Context, d defect) (t reports.Defect, err error) {
	t = reports.Defect{Name: d.Name, Says: d.Wrong, Source: d.After}
	r, err := h.explored(ctx, d, asDefect)
	if err != nil {
		return t, err
	}
	t.Schedules, t.After = r.Enacted, r.Took
	f, found := d.best(r.Findings)
	if !found {
		t.Because = cmp.Or(r.TooSlow, r.Nothing, "nobody became unhappy")
		if len(r.Unconfirmed) > 0 {
			t.Because += fmt.Sprintf("; %s: %s", r.Unconfirmed[0].Why, r.Unconfirmed[0].Cause)
		}
		return t, nil
	}
	t.Caught, t.Story, t.Promise, t.Sentence, t.Injections = true, r.Story, f.Promise, f.Sentence, f.Injections
	got, err := h.replay(ctx, d, f)
	if err != nil {
		return t, err
	}
	t.Replayed, t.Replays, t.Because = got.Broke, got.Of, got.Wrong(d.Breaks)
	return t, nil
}

// best is the finding of the fewest injections, one of a listed promise before others.
func (d defect) best(list []explore.Finding) (best explore.Finding, found bool) {
	list = slices.Clone(list)
	rank := func(f explore.Finding) int {
		if slices.Contains(d.Breaks, f.Promise) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b explore.Finding) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a.Injections), len(b.Injections)))
	})
	if len(list) == 0 {
		return best, false
	}
	return list[0], true
}

// atOnce is how many replays there are at a time: they wait, most of theirs.
const atOnce = 2

// replay enacts a finding's schedule again and again.
func (h hunt) replay(ctx context.Context, d defect, f explore.Finding) (got corpus.Replayed, err error) {
	shop, err := h.with(ctx, d.Sample, asDefect, d.Name)
	if err != nil {
		return got, err
	}
	got = corpus.Replayed{Promise: f.Promise, Of: h.replays}
	story := defect{}.story()
	story.Injections = f.Injections
	only := defect{Breaks: []string{f.Promise}}
	var mu sync.Mutex
	var replaying sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i := range h.replays {
		turns <- struct{}{}
		replaying.Go(func() {
			defer func() { <-turns }()
			run, failed := h.enact(ctx, shop, story, f.Seed+uint64(i), only.broken)
			mu.Lock()
			defer mu.Unlock()
			if failed != nil {
				err = failed
				return
			}
			if only.broken(run) {
				got.Broke++
				got.Broken = append(got.Broken, brokenPromises(run)...)
			}
		})
	}
	replaying.Wait()
	return got, err
}

// twin explores the harmless twin of a defect, which is to be left alone.
func (h hunt) twin(ctx context.Context, d defect) (t reports.Defect, err error) {
	t = reports.Defect{Name: d.Name + " (twin)", Says: d.Twin, Harmless: true}
	r, err := h.explored(ctx, d, asTwin)
	if err != nil {
		return t, err
	}
	t.Schedules, t.After = r.Enacted, r.Took
	if len(r.Findings) > 0 {
		f := r.Findings[0]
		t.Caught, t.Story, t.Promise, t.Sentence, t.Injections = true, r.Story, f.Promise, f.Sentence, f.Injections
		t.Because = fmt.Sprintf("a harmless twin was accused: %s: %s", f.Promise, inOneLine(f.Injections))
	} else if why := cmp.Or(r.TooSlow, r.Nothing); why != "" {
		t.Because = why
	}
	return t, nil
}

// explores looks for each defect of the list, or explores its twin, or does both, and prints a
// table.
func (h hunt) explores(ctx context.Context, list []defect, defects, twins bool) error {
	fmt.Println("| defect | sample | found | injections | replayed | schedules | s | twin |\n|---|---|---|---|---|---|---|---|")
	var all []reports.Defect
	var excused, explained []string
	for _, d := range list {
		var t reports.Defect
		if defects {
			var err error
			if t, err = h.defect(ctx, d); err != nil {
				return err
			}
			if t.Caught || d.Excused == "" {
				all = append(all, t)
			} else {
				excused = append(excused, fmt.Sprintf("excused: %s: %s", d.Name, d.Excused))
			}
		}
		twin := "not explored"
		if twins {
			harmless, err := h.twin(ctx, d)
			if err != nil {
				return err
			}
			if all = append(all, harmless); harmless.Good() {
				twin = fmt.Sprintf("left alone in %d schedules", harmless.Schedules)
			} else {
				twin, explained = "✖ "+harmless.Because, append(explained, corpus.Line(harmless))
			}
		}
		fmt.Println(rowOf(d, t, twin))
	}
	for _, text := range slices.Concat(excused, explained) {
		fmt.Println(text)
	}
	text, err := corpus.Sum(all)
	fmt.Print("\n" + text)
	return err
}

// rowOf is a defect's row of the table.
func rowOf(d defect, t reports.Defect, twin string) string {
	found := "✖ " + t.Because
	var list injection.Schedule
	if t.Name == "" {
		found = "not explored"
	} else if t.Caught {
		found, list = strings.TrimSpace(t.Promise+" "+t.Because), t.Injections
	} else if d.Excused != "" {
		found = "excused"
	}
	return tableRow(d.Name, d.Sample, found, inOneLine(list), fmt.Sprintf("%d of %d", t.Replayed, t.Replays),
		fmt.Sprint(t.Schedules), fmt.Sprintf("%.0f", t.After.Seconds()), twin)
}

func inOneLine(list injection.Schedule) string { return strings.ReplaceAll(list.String(), "\n", "; ") }
