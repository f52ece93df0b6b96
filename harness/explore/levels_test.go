package explore_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// enacted explores a shop that stands everything, by a few kinds of faults, and returns the
// schedules in their order. The first one is the story as it is.
func enacted(t *testing.T, change func(*explore.Config)) (explore.Result, []Schedule) {
	t.Helper()
	m := &model{breaks: nobodyUnhappy}
	c := config(m)
	c.Only = func(i Injection) bool { return i.Fault.Kind == fault.Close || i.Fault.Kind == fault.Answer }
	var mu sync.Mutex
	var list []Schedule
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		mu.Lock()
		defer mu.Unlock()
		list = append(list, p.Injections)
		return m.try(ctx, p)
	}
	change(&c)
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	return r, list
}

func texts(list []Schedule) (texts []string) {
	for _, s := range list {
		texts = append(texts, s.String())
	}
	return texts
}

// Where the time is limited, pairs are tried after a few singles. It is another order, of the
// same schedules.
func TestLimitedTimeTriesTheSameSchedulesInAnotherOrder(t *testing.T) {
	all, want := enacted(t, func(c *explore.Config) { c.Audit = -1 })
	limited, list := enacted(t, func(c *explore.Config) { c.Audit, c.Time, c.Schedules = -1, time.Hour, len(want)-1 })
	require.Positive(t, all.Pairs.Explored)
	require.Equal(t, all.Pairs.Possible, limited.Pairs.Possible)
	require.ElementsMatch(t, texts(want), texts(list))
	singles := func(list []Schedule) int {
		return slices.IndexFunc(list, func(s Schedule) bool { return len(s) > 1 }) - 1
	}
	require.LessOrEqual(t, singles(list), 4, "before the first pair")
	require.Greater(t, singles(want), 10)
}

// However little time there is, pairs are among what is tried.
func TestTheTimeIsNotOverBeforePairsWereTried(t *testing.T) {
	r, list := enacted(t, func(c *explore.Config) { c.Time = time.Nanosecond })
	require.Positive(t, r.Singles.Explored)
	require.Positive(t, r.Pairs.Explored)
	require.LessOrEqual(t, len(list), 1+6)
}
