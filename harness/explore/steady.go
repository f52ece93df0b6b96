package explore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// Where real time passes, a schedule may break a promise by chance: it depends on when the
// customer looks. A replay is to show it each time.
const (
	steadyRepeats = 8 // of each schedule, side by side
	steadyOthers  = 4 // schedules that the minimized one is compared with
)

// steadiest lets what was minimized be a schedule that breaks the promise each time, or
// most often of those that are as small and broke it, and says how often that is.
func (t *telling) steadiest(ctx context.Context, s *minimizing) (shown, of int) {
	if t.Workers == 1 || len(s.ids) == 0 { // there is one shop, or one schedule
		return 0, 0
	}
	for _, c := range t.asSmall(s) {
		got, n, outcome := t.shownOf(ctx, c, s.promise)
		if n < steadyRepeats {
			break // there was no time, or the machine was too slow
		}
		if got > shown {
			shown, of = got, n
			s.ids, s.seed, s.outcome = c.ids, c.seed, outcome
		}
		if shown == n {
			break
		}
	}
	return shown, of
}

// asSmall are the minimized schedule and the next ones of those that broke its promise
// with no more injections.
func (t *telling) asSmall(s *minimizing) []broken {
	list := slices.DeleteFunc(slices.Clone(t.broken), func(b broken) bool {
		return len(b.ids) == 0 || len(b.ids) > len(s.ids) || !s.breaks(b.outcome) || slices.Equal(b.ids, s.ids)
	})
	slices.SortStableFunc(list, func(a, b broken) int { return cmp.Compare(len(a.ids), len(b.ids)) })
	list = list[:min(len(list), steadyOthers)]
	return slices.Concat([]broken{{item{ids: s.ids, seed: s.seed}, s.outcome}}, list)
}

// shownOf enacts a schedule several times side by side, and says how often it broke the
// promise, of how many times that can be judged.
func (t *telling) shownOf(ctx context.Context, b broken, promise string) (shown, of int, last Outcome) {
	list, err := t.enactments(ctx, t.trial(b.ids, b.seed), steadyRepeats, min(steadyRepeats, t.side.limit))
	if err != nil {
		t.stop(ctx, err)
	}
	for _, o := range list {
		if o.Slow != "" || o.Verdict == judge.Unfinished {
			continue
		}
		of++
		if slices.Contains(o.Breaks, promise) {
			shown, last = shown+1, o
		}
	}
	return shown, of, last
}

// bearsRepeats says whether the machine bears the repeats of a schedule side by side.
func (e *explorer) bearsRepeats() bool { return e.Workers > 1 && e.side.limit >= 2*sideBySide }

// enactments are a trial's, of which some are under way at once; fewer than so many
// where the time is over.
func (t *telling) enactments(ctx context.Context, p Trial, n, atOnce int) (list []Outcome, err error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	turns := make(chan struct{}, max(1, atOnce))
	for range n {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			if t.late(ctx) {
				return
			}
			o, failed := t.enact(ctx, p)
			mu.Lock()
			defer mu.Unlock()
			if err = errors.Join(err, failed); failed == nil {
				list = append(list, o)
			}
		})
	}
	all.Wait()
	return list, err
}
