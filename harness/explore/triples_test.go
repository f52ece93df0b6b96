package explore_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// three breaks only where three messages are hit.
func three(s Schedule, seed uint64) string {
	if both(s, seed) != "" && has(s, "/payments", loses) {
		return "goods-match-money"
	}
	return ""
}

// Triples come after the singles and in the place of pairs, the same ones for each seed.
func TestTriplesFindWhatNoPairShows(t *testing.T) {
	explored := func(breaks func(Schedule, uint64) string) (r explore.Result, sizes map[int]int) {
		m := &model{breaks: breaks}
		c := config(m)
		c.Triples = 4000
		var mu sync.Mutex
		sizes = map[int]int{}
		c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
			mu.Lock()
			sizes[len(p.Injections)]++
			mu.Unlock()
			return m.try(ctx, p)
		}
		r, err := explore.Explore(t.Context(), c)
		require.NoError(t, err)
		return r, sizes
	}
	r, sizes := explored(nothing)
	require.Equal(t, 4000, r.Random.Possible)
	require.Equal(t, 4000, r.Random.Explored+r.Random.Unproven)
	require.Equal(t, map[int]int{0: 1, 1: r.Singles.Possible, 3: 4000}, sizes)
	r, _ = explored(three)
	require.NotEmpty(t, r.Findings)
	require.Equal(t, "goods-match-money", r.Findings[0].Promise)
	require.Len(t, r.Findings[0].Injections, 3, "it needs all three")
}

// What an exploration may try can be named.
func TestOnlySomeInjectionsAreTried(t *testing.T) {
	c := config(&model{breaks: nothing})
	c.Only = func(i Injection) bool { return i.Trigger.N == 1 && i.Fault.Kind == fault.Close }
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, 8, r.Singles.Possible, "four messages, before and after the work")
	for _, cell := range r.Cells {
		require.Equal(t, fault.Close, cell.Injection.Fault.Kind, fmt.Sprint(cell.Injection))
	}
}
