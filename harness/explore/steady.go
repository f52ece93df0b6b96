package explore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Where real time passes, a schedule may break a promise by chance: it depends on when the
// customer looks. A replay is to show it each time.
const (
	steadyRepeats = 8 // of each schedule, side by side
	steadyOthers  = 4 // schedules that the minimized one is compared with
	// steadyNeighbours are tried once, to see which of them break the promise at all.
	steadyNeighbours = 16
)

// steadiest lets what was minimized be a schedule that breaks the promise each time, or
// most often of those that are as small, and says how often that is. Those that broke it
// are compared first, and then its neighbours.
func (t *telling) steadiest(ctx context.Context, s *minimizing) (shown, of int) {
	if t.Workers == 1 || len(s.ids) == 0 { // there is one shop, or one schedule
		return 0, 0
	}
	shown, of = t.steadier(ctx, s, t.asSmall(s), 0, 0)
	if shown < of {
		shown, of = t.steadier(ctx, s, t.neighbours(ctx, s), shown, of)
	}
	return shown, of
}

// steadier compares schedules with one that broke the promise so often, until one breaks it
// each time.
func (t *telling) steadier(ctx context.Context, s *minimizing, list []broken, shown, of int) (int, int) {
	for _, c := range list {
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

// neighbours are the schedules that break the promise with a fault of another kind in the
// place of one injection, at the same moment: an answer that is late may show each time
// what an error shows by chance.
func (t *telling) neighbours(ctx context.Context, s *minimizing) (list []broken) {
	var trials []Trial
	var of [][]int
	for i, id := range s.ids {
		this := t.catalogue.list[id]
		kinds := map[fault.Kind]bool{this.Fault.Kind: true}
		for _, other := range t.catalogue.ofMessage[this.message.String()] {
			if other.spot != this.spot || kinds[other.Fault.Kind] || len(trials) == steadyNeighbours {
				continue
			}
			kinds[other.Fault.Kind] = true
			ids := slices.Sorted(slices.Values(append(slices.Delete(slices.Clone(s.ids), i, i+1), other.id)))
			trials, of = append(trials, t.trial(ids, s.seed)), append(of, ids)
		}
	}
	outcomes, err := t.enactments(ctx, trials, steadyRepeats)
	if err != nil {
		t.stop(ctx, err)
	}
	for i, o := range outcomes {
		if o != nil && s.breaks(*o) {
			list = append(list, broken{item{ids: of[i], seed: s.seed}, *o})
		}
	}
	return list[:min(len(list), steadyOthers)]
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
	list, err := t.enactments(ctx, slices.Repeat([]Trial{t.trial(b.ids, b.seed)}, steadyRepeats), steadyRepeats)
	if err != nil {
		t.stop(ctx, err)
	}
	for _, o := range list {
		if o == nil || o.Slow != "" || o.Verdict == judge.Unfinished {
			continue
		}
		of++
		if slices.Contains(o.Breaks, promise) {
			shown, last = shown+1, *o
		}
	}
	return shown, of, last
}

// bearsRepeats says whether the machine bears the repeats of a schedule side by side.
func (e *explorer) bearsRepeats() bool { return e.Workers > 1 && e.side.limit >= 2*sideBySide }

// enactments are what came of trials, so many of them at once, as far as the machine bears
// it; nil where the time was over before.
func (t *telling) enactments(ctx context.Context, trials []Trial, atOnce int) (list []*Outcome, err error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	list = make([]*Outcome, len(trials))
	turns := make(chan struct{}, max(1, min(atOnce, t.side.limit)))
	for i, p := range trials {
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
				list[i] = &o
			}
		})
	}
	all.Wait()
	return list, err
}
