package explore_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
)

// pairs breaks where any two of a lost order, a payment and a shipment are hit.
func pairs(s Schedule, _ uint64) string {
	any := func(Injection) bool { return true }
	if has(s, "/orders/{id}", loses) && (has(s, "/shipments", any) || has(s, "/payments", any)) {
		return "goods-match-money"
	}
	return ""
}

// after lets every schedule of a shop take so long from when slow says so.
func (m *model) after(slow func() bool, takes time.Duration) explore.Try {
	return func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		if slow() {
			select {
			case <-time.After(takes):
			case <-ctx.Done(): // as a world of its own does, which is then Unfinished
				return explore.Outcome{Verdict: Unfinished, Because: "interrupted"}, nil
			}
		}
		return m.try(ctx, p)
	}
}

func TestAnInterruptionLosesNoFindingThatThereIsNoTimeToMinimize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		c := config(nil)
		c.Try = (&model{breaks: twice}).after(func() bool { return ctx.Err() != nil }, time.Hour)
		c.Watch = func(p explore.Progress) {
			if p.Broken >= 3 {
				interrupt()
			}
		}
		began := time.Now()
		r, err := explore.Explore(ctx, c)
		require.NoError(t, err)
		require.True(t, r.Interrupted)
		require.Less(t, time.Since(began), time.Minute)
		require.NotEmpty(t, r.Findings)
		require.Zero(t, r.Tally().Unfinished, "what the interruption cut short is not counted")
		for _, f := range r.Findings {
			require.True(t, f.NotMinimized)
			require.False(t, f.Flaky)
			require.Equal(t, "charged-once", f.Promise)
			require.NotEmpty(t, f.Replay)
		}
	})
}

func TestAnInterruptionWhileItMinimizesLosesNoFinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		var minimizing atomic.Bool
		c := config(nil)
		c.SinglesOnly = true
		c.Try = (&model{breaks: twice}).after(minimizing.Load, 6*time.Second)
		c.Watch = func(p explore.Progress) {
			if p.Tally.Explored == p.Total && minimizing.CompareAndSwap(false, true) {
				time.AfterFunc(time.Second, interrupt)
			}
		}
		r, err := explore.Explore(ctx, c)
		require.NoError(t, err)
		require.True(t, r.Interrupted)
		require.Equal(t, []bool{false, true}, notMinimized(r), "the first ones came through within the grace")
	})
}

func TestAnErrorLosesNoFinding(t *testing.T) {
	var broken atomic.Bool
	c := config(nil)
	c.Workers = 1
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		if broken.Load() {
			return explore.Outcome{}, errors.New("the world is gone")
		}
		return (&model{breaks: twice}).try(ctx, p)
	}
	c.Watch = func(p explore.Progress) { broken.Store(p.Broken > 0) }
	r, err := explore.Explore(t.Context(), c)
	require.ErrorContains(t, err, "the world is gone")
	require.LessOrEqual(t, strings.Count(err.Error(), "gone"), 2, "and nothing is tried in it but what was dealt already")
	require.Len(t, r.Findings, 1)
	require.True(t, r.Findings[0].NotMinimized)
}

// What breaks alone breaks beside anything, too: there is nothing to minimize in all
// the pairs that it is in.
func TestPairsOfASingleThatBreaksAreMoreOfTheSame(t *testing.T) {
	c, minimizations := config(&model{breaks: twice}), 0
	c.Watch = func(p explore.Progress) {
		if p.Phase == "minimizing" {
			minimizations++
		}
	}
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.Len(t, r.Findings, 1)
	require.Greater(t, r.Findings[0].Count, 1000)
	require.Less(t, minimizations, 20)
}

// Minimizing may take half of the exploration's time once more. After that, what
// was found is told as it is.
func TestMinimizingEndsWithTheBudget(t *testing.T) {
	const budget = 10 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		began, told := time.Now(), 0
		c := config(nil)
		c.Time = budget
		m := &model{breaks: pairs}
		takes := func() time.Duration {
			if time.Since(began) > budget {
				return time.Minute
			}
			return time.Second
		}
		c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
			return m.after(func() bool { return true }, takes())(ctx, p)
		}
		c.Watch = func(p explore.Progress) {
			if p.Phase == "minimizing" {
				told++
			}
		}
		r, err := explore.Explore(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, []bool{true}, notMinimized(r))
		require.Len(t, r.Findings, 2, "one for each two messages: %v", r.Findings)
		require.LessOrEqual(t, r.Took, budget*3/2+2*time.Minute, "and what is under way by then")
		require.NotZero(t, told, "anyone who waits hears of it")
	})
}

// not minimized says whether there are findings that were minimized, and that were not.
func notMinimized(r explore.Result) (list []bool) {
	for _, is := range []bool{false, true} {
		if slices.ContainsFunc(r.Findings, func(f explore.Finding) bool { return f.NotMinimized == is }) {
			list = append(list, is)
		}
	}
	return list
}
