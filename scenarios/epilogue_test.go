package scenarios_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// The reference checkout keeps its promises when every customer who was told that she
// bought sends the same submit again, after a restart, at the end of each story.
func TestTheSameSubmitAgainAtTheEndOfEachStory(t *testing.T) {
	t.Parallel()
	studio, other := compose.NewStudio(), compose.StudioPaidBy(payerOf(captureRejectedLater))
	t.Cleanup(func() { require.NoError(t, errors.Join(studio.Close(), other.Close())) })
	tookEffect := 0
	for _, story := range scenarios.Told() {
		if story.Browser || slices.ContainsFunc(story.Injections, func(s Injection) bool { return s.Fault.Spec().Only == "wire" }) {
			continue // staged on the wire only
		}
		t.Run(story.ID, func(t *testing.T) {
			own, by := len(story.Injections), studio
			if payerOf(story) != "" {
				by = other
			}
			run := by.Enact(t.Context(), enact.Replayed(story, record.Replay{
				Injections: Schedule{On(Submit).ResubmitsAfterRestarting("checkout")},
			}), enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
			if why := run.WithoutEffect(own); why != "" {
				require.Contains(t, why, "no screen says that anything was bought")
				require.Equal(t, judge.EveryInjectionTookEffect, onlyRuling(t, run))
				return
			}
			tookEffect++
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
		})
	}
	require.Greater(t, tookEffect, 10)
}

// onlyRuling is the one ruling of a run that is not kept.
func onlyRuling(t *testing.T, run *Run) string {
	t.Helper()
	bad := slices.DeleteFunc(slices.Clone(run.Rulings), func(r Ruling) bool { return r.Verdict == Kept })
	require.Len(t, bad, 1, run.FailureText())
	return bad[0].Promise
}
