package explore_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
)

// enacted explores a shop that stands everything until random schedules are drawn, and returns
// the schedules in their order.
func enacted(t *testing.T, change func(*explore.Config)) (explore.Result, []Schedule) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	m := &model{breaks: nobodyUnhappy}
	c := config(m)
	var mu sync.Mutex
	var list []Schedule
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		mu.Lock()
		defer mu.Unlock()
		if p.Seed != c.Seed { // a random one
			stop()
			return explore.Outcome{}, ctx.Err()
		}
		list = append(list, p.Injections)
		return m.try(ctx, p)
	}
	change(&c)
	r, err := explore.Explore(ctx, c)
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
	limited, list := enacted(t, func(c *explore.Config) { c.Audit, c.Time = -1, time.Hour })
	require.Positive(t, all.Pairs.Explored)
	require.Equal(t, all.Pairs.Possible, limited.Pairs.Possible)
	require.ElementsMatch(t, texts(want), texts(list))
	firstPair := func(list []Schedule) (singles int) {
		for singles = 1; len(list[singles]) < 2; singles++ { // the first one is the story as it is
		}
		return singles - 1
	}
	require.LessOrEqual(t, firstPair(list), 4)
	require.Greater(t, firstPair(want), 10)
}

// However little time there is, pairs are among what is tried.
func TestTheTimeIsNotOverBeforePairsWereTried(t *testing.T) {
	r, list := enacted(t, func(c *explore.Config) { c.Time = time.Nanosecond })
	require.Positive(t, r.Singles.Explored)
	require.Positive(t, r.Pairs.Explored)
	require.LessOrEqual(t, len(list), 1+6)
}
