package explore_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// sells is a model whose customer is told that she bought, unless a schedule says no.
func sells(c explore.Config, sold func(Schedule) bool) explore.Config {
	try := c.Try
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		o, err := try(ctx, p)
		o.Sold = sold(p.Injections)
		for i := range o.Messages {
			if o.Messages[i].Path == "/orders/{id}" {
				o.Messages[i].Operation = Submit
			}
		}
		o.Trace(p.Injections)
		return o, err
	}
	c.Epilogues = true
	return c
}

func always(Schedule) bool { return true }

// again says whether the same submit is sent again, after a restart.
func again(s Schedule) bool {
	return slices.ContainsFunc(s, func(one Injection) bool { return one.Fault.Kind == fault.Resubmit && one.Fault.Process != "" })
}

// What only an epilogue shows is found and minimized to it: alone, or after the fault
// without which it breaks nothing.
func TestWhatOnlyAnEpilogueShowsIsFound(t *testing.T) {
	for name, row := range map[string]struct {
		breaks func(Schedule, uint64) string
		want   string
	}{
		"alone": {func(s Schedule, _ uint64) string {
			return map[bool]string{true: "charged-once"}[again(s)]
		}, "Submit after the story: resubmit after restarting checkout"},
		"without a restart": {func(s Schedule, _ uint64) string {
			return map[bool]string{true: "charged-once"}[slices.ContainsFunc(s, func(one Injection) bool { return one.Trigger.End })]
		}, "Submit after the story: resubmit"},
		"after a fault": {func(s Schedule, _ uint64) string {
			lost := has(s, "/shipments", func(one Injection) bool { return loses(one) && one.Trigger.Phase == fault.Arrives })
			return map[bool]string{true: "goods-match-money"}[again(s) && lost]
		}, "Submit after the story: resubmit after restarting checkout\ncheckout>shipping POST /shipments #1 arrives: close"},
	} {
		t.Run(name, func(t *testing.T) {
			c := sells(config(&model{breaks: row.breaks}), always)
			c.Schedules = 800
			r, err := explore.Explore(t.Context(), c)
			require.NoError(t, err)
			require.NotEmpty(t, r.Findings)
			require.Equal(t, row.want, r.Findings[0].Injections.String())
			require.Empty(t, r.Disagreements)
			require.Contains(t, explore.Literal(explore.StoryHeader{ID: "x"}, r.Findings[0]), "Resubmits")
		})
	}
}

// One schedule in seven ends with an epilogue, and every one is accounted for. Without
// them, and where nobody is told that she bought, there are none.
func TestEpiloguesHaveAShareOfTheSchedules(t *testing.T) {
	var trials []bool
	c := sells(config(&model{breaks: nobodyUnhappy}), always)
	try := c.Try
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		trials = append(trials, slices.ContainsFunc(p.Injections, func(one Injection) bool { return one.Trigger.End }))
		return try(ctx, p)
	}
	c.Workers, c.Schedules = 1, 400
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	all := r.Tally()
	require.Equal(t, all.Explored, r.Singles.Explored+r.Pairs.Explored+r.Random.Explored+r.Epilogues.Explored)
	share := float64(r.Epilogues.Explored) / float64(all.Explored)
	require.InDelta(t, 0.1, share, 0.06)
	require.True(t, slices.Contains(trials[:10], true), "the first ones come soon")

	var shards []explore.Result
	for i := range 2 {
		c.Shard = settings.Shard{I: i + 1, Of: 2}
		shard, err := explore.Explore(t.Context(), c)
		require.NoError(t, err)
		require.Positive(t, shard.Epilogues.Explored)
		shards = append(shards, shard)
	}
	merged, err := explore.Merge(shards...)
	require.NoError(t, err)
	require.Equal(t, r.Epilogues, merged.Epilogues)
	c.Shard = settings.Shard{}

	c.Epilogues, c.Try = false, try
	plain, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.Zero(t, plain.Epilogues)
	require.Empty(t, plain.NoEpilogue)
	require.Equal(t, plain.Singles, r.Singles, "the others are tried as without epilogues")
	require.Equal(t, plain.Pairs.Possible, r.Pairs.Possible)

	none, err := explore.Explore(t.Context(), sells(c, func(Schedule) bool { return false }))
	require.NoError(t, err)
	require.Zero(t, none.Epilogues)
	require.Contains(t, none.NoEpilogue, "told that she bought")
}
