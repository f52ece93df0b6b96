package compose_test

import (
	"os"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

func TestMain(m *testing.M) {
	compose.Reenter()
	beLoose()
	bePaidByPurse()
	bePaidByCard()
	beNotified()
	bePaidOnAPage()
	os.Exit(m.Run())
}

func enacted(b *testing.B, s Story) *Run {
	b.Helper()
	run := enact.Run(b.Context(), s, enact.Options{World: "wire", Database: "sqlite", Clock: 100, Seed: 1, Expects: "kept", Routes: compose.Routes()}, compose.Wire(compose.Resources{}))
	if run.Verdict() != Kept {
		b.Fatal(run.FailureText())
	}
	return run
}

// BenchmarkStaged is what it takes to build a world until the script starts:
// three proxies, four taps, two fakes, a database and the shop's process.
func BenchmarkStaged(b *testing.B) {
	var up time.Duration
	for b.Loop() {
		began := time.Now()
		enacted(b, Story{ID: "start", Plot: "Ana buys.", Script: func(s *Stage) {
			up += time.Since(began)
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold()
		}})
	}
	perStory(b, up, "start-ms")
}

func perStory(b *testing.B, d time.Duration, unit string) {
	b.ReportMetric(float64(d.Microseconds())/1000/float64(b.N), unit)
}

// BenchmarkKillToRecovered is the time, in the world's clock, from a SIGKILL of
// the shop in the middle of a capture until the customer is told: down time,
// start, the lease of the dead worker, and the rest of the purchase.
func BenchmarkKillToRecovered(b *testing.B) {
	var up, recovered time.Duration
	for b.Loop() {
		run := enacted(b, Story{
			ID: "kill", Plot: "The shop dies when it captures.",
			Injections: Schedule{
				OnPath(ProviderHop, "POST", "/epayment/v1/payments/{reference}/capture").Nth(1).Answered().Kills("checkout").Lasting(time.Second),
			},
			Script: func(s *Stage) {
				ana := s.Customer("ana")
				ana.Submits()
				ana.WaitsToBeTold()
			},
		})
		var killed, ready, told time.Duration
		for _, e := range run.History {
			switch {
			case e.Kind == observe.Process && e.Life.What == "killed":
				killed = e.At
			case e.Kind == observe.Process && e.Life.What == "ready":
				ready = e.At
			case e.Kind == observe.Screen && e.View.Says == "shipped":
				told = e.At
			}
		}
		up += run.Clock.Real(ready - killed)
		recovered += run.Clock.Real(told - killed)
	}
	perStory(b, up, "kill-to-ready-ms")
	perStory(b, recovered, "kill-to-recovered-ms")
}
