package scenarios_test

import (
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/compose"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// BenchmarkCase is how much faster than life each case story is in virtual time:
// the customer's time up to her final screen, by the time that we waited.
func BenchmarkCase(b *testing.B) {
	studio := compose.NewStudio()
	b.Cleanup(func() { _ = studio.Close() })
	for _, s := range []Story{lostConfirmation, contractDrift, chargedTwice, doubleClick, clickSilenceClick} {
		b.Run(s.ID, func(b *testing.B) {
			var lived time.Duration
			for b.Loop() {
				run := studio.Enact(b.Context(), s, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
				if run.Verdict() != Kept {
					b.Fatal(run.FailureText())
				}
				lived += finalScreen(run)
			}
			b.ReportMetric(lived.Seconds()/b.Elapsed().Seconds(), "story-s/s")
		})
	}
}

func finalScreen(r *Run) (at time.Duration) {
	for _, e := range r.History {
		if e.Kind == observe.Screen {
			at = e.At
		}
	}
	return at
}
