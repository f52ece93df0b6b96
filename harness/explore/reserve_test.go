package explore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reserving is a pool of an exploration in real time in which these schedules broke.
func reserving(limit int, list ...broken) *pool {
	e := &explorer{Config: Config{Workers: limit, Real: &Real{Begin: limit, Timing: []string{"told-in-time"}}}, broken: list}
	e.side = newPool(e)
	e.side.telling = &telling{explorer: e}
	return e.side
}

func brokenIn(took time.Duration, promise string) broken {
	return broken{outcome: Outcome{Breaks: []string{promise}, took: took}}
}

// Time is kept to repeat what broke of each promise, and, where repeats go side by side, to
// look for a schedule that shows each time what a ledger showed once.
func TestHowMuchTimeIsKeptForRepeating(t *testing.T) {
	const long, short = 10 * time.Second, 2 * time.Second
	for name, row := range map[string]struct {
		pool *pool
		want time.Duration
	}{
		"a ledger shows it":             {reserving(16, brokenIn(long, "charged-once")), 6 * long},
		"one of each promise, one look": {reserving(16, brokenIn(long, "charged-once"), brokenIn(short, "goods-match-money")), 6*long + 2*short},
		"a promise about time":          {reserving(16, brokenIn(long, "told-in-time")), 2 * long},
		"one after the other":           {reserving(1, brokenIn(long, "told-in-time"), brokenIn(short, "charged-once")), 4*long + 2*short},
	} {
		require.Equal(t, row.want, row.pool.toRepeat(), name)
	}
}

// What broke at a new shop on a machine that was fast enough is repeated before what did so at
// a shop that was reset, or on a slow machine.
func TestTheDoubtfulAreRepeatedLast(t *testing.T) {
	reset, slow, sure := brokenIn(1, "charged-once"), brokenIn(1, "charged-once"), brokenIn(1, "charged-once")
	reset.outcome.Reset, slow.outcome.Slow = true, "it stood still"
	for i, b := range []*broken{&reset, &slow, &sure} {
		b.index, b.ids = i, []int{i}
	}
	first, rest := reserving(16, reset, slow, sure).telling.suspects()
	require.Equal(t, []broken{sure}, first)
	require.Equal(t, []broken{reset, slow}, rest)
}
