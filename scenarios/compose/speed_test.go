package compose_test

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// asExplored enacts a story as an exploration does, in which nobody reads a run that comes
// out well.
func asExplored(ctx context.Context, s *compose.Studio, story Story, seed uint64) *Run {
	return s.Enact(ctx, story, enact.Options{World: "virtual", Database: "sqlite", Seed: seed, Expects: "kept", Unread: true})
}

// BenchmarkVirtualStories is stories a second of one core: each a fresh world,
// its whole history, all standard promises, and settling. The process is set up
// as a worker of an exploration is, which does nothing else; see compose.Workers.
func BenchmarkVirtualStories(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	b.ReportAllocs()
	seed := uint64(0)
	for b.Loop() {
		seed++
		if run := asExplored(b.Context(), studio, twoTabsAndARetry, seed); run.Verdict() != Kept {
			b.Fatal(run.FailureText())
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "stories/s")
}

// BenchmarkPaidBy compares a purchase by each provider with one by the usual one, story by
// story in turn: whatever else the machine does hits both alike.
func BenchmarkPaidBy(b *testing.B) {
	for _, name := range checkout.Providers() {
		if name == checkout.DefaultProvider {
			continue
		}
		b.Run(name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			defer debug.SetGCPercent(debug.SetGCPercent(400))
			other := compose.StudioPaidBy(name)
			defer other.Close()
			var took [2]time.Duration
			seed := uint64(0)
			for b.Loop() {
				seed++
				for i, s := range []*compose.Studio{studio, other} {
					began := time.Now()
					run := asExplored(b.Context(), s, purchase, seed)
					if took[i] += time.Since(began); run.Verdict() != Kept {
						b.Fatal(run.FailureText())
					}
				}
			}
			b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "times-"+checkout.DefaultProvider)
		})
	}
}

var purchase = Story{ID: "purchase", Plot: "Ana buys.", Script: func(s *Stage) {
	ana := s.Customer("ana")
	ana.Submits()
	ana.WaitsToBeTold()
}}
