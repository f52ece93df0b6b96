package explore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// enacted explores a shop that stands everything, by a few kinds of faults, until random schedules
// are drawn, and returns the schedules in their order. The first one is the story as it is.
func enacted(t *testing.T, change func(*explore.Config)) (explore.Result, []Schedule) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	m := &model{breaks: nobodyUnhappy}
	c := config(m)
	c.Workers = 1
	c.Only = func(i Injection) bool {
		return slices.Contains([]fault.Kind{fault.Close, fault.Duplicate, fault.Drop}, i.Fault.Kind)
	}
	var list []Schedule
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		if p.Seed != c.Seed {
			stop()
			return explore.Outcome{}, context.Cause(ctx)
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

// Where nothing but the time is limited, a pair is tried after four singles, and then one for
// four until all singles were tried. It is another order, of the same schedules.
func TestLimitedTimeIsForPairsToo(t *testing.T) {
	_, want := enacted(t, func(c *explore.Config) { c.Audit = -1 })
	r, list := enacted(t, func(c *explore.Config) { c.Audit, c.Time = -1, time.Hour })
	require.ElementsMatch(t, texts(want), texts(list))
	singles, pairs := 0, 0
	for _, s := range list[1:] {
		if len(s) == 1 {
			singles++
		} else {
			pairs++
		}
		if singles < r.Singles.Possible {
			require.LessOrEqual(t, pairs, 1+singles/4, "after %d singles", singles)
		}
		if singles == 8 {
			require.Positive(t, pairs)
		}
	}
}

// Whatever is left out of it, every schedule is accounted for, in one piece or in two shards.
func TestLimitedTimeLosesNothing(t *testing.T) {
	whole := func(c *explore.Config) {
		*c = sells(*c, always)
		c.Time = time.Hour
	}
	r, _ := enacted(t, whole)
	require.Positive(t, r.Epilogues.Explored)
	require.Positive(t, r.Pairs.Pruned)
	for _, tally := range []explore.Tally{r.Singles, r.Pairs, r.Epilogues} {
		require.Equal(t, tally.Possible, tally.Explored+tally.Pruned+tally.Dead+tally.Unproven)
	}
	var halves []explore.Result
	for i := range 2 {
		half, _ := enacted(t, func(c *explore.Config) {
			whole(c)
			c.Shard = settings.Shard{I: i + 1, Of: 2}
		})
		halves = append(halves, half)
	}
	require.Equal(t, r.Pairs.Possible, halves[0].Pairs.Possible)
	require.Equal(t, r.Pairs.Explored+r.Pairs.Pruned, halves[0].Pairs.Explored+halves[0].Pairs.Pruned+halves[1].Pairs.Explored+halves[1].Pairs.Pruned)
}

// However little time there is, a pair is among what is tried.
func TestTheTimeIsNotOverBeforeAPairWasTried(t *testing.T) {
	r, list := enacted(t, func(c *explore.Config) { c.Time = time.Nanosecond })
	require.Equal(t, []int{4, 1}, []int{r.Singles.Explored, r.Pairs.Explored})
	require.Len(t, list, 1+5)
}
