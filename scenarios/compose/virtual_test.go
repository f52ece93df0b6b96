package compose_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/worldtest"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// studio serves all tests of the package.
var studio = compose.NewStudio()

// inVirtualTime enacts a story with the shop as it should be.
func inVirtualTime(ctx context.Context, s Story, seed uint64) *Run {
	return studio.Enact(ctx, s, enact.Options{World: "virtual", Database: "sqlite", Seed: seed, Expects: "kept"})
}

// twoTabsAndARetry is the story that speed and determinism are measured on: a
// page that sends again, a second tab, a double click.
var twoTabsAndARetry = Story{
	ID:   "two-tabs-and-a-retry",
	Plot: "Ana's first answer is lost, her page sends again, and she buys in a second tab.",
	Shop: Shop{PageTimeOut: 30 * time.Second, PageResends: 1},
	Injections: Schedule{
		OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Hangs().Lasting(35 * time.Second),
		OnPath(ProviderHop, "POST", "/epayment/v1/payments").Nth(1).Toxic(Downstream, Latency(3*time.Second)).Lasting(20 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.Waits(2 * time.Second)
		ana.NewTab()
		ana.Submits()
		ana.WaitsToBeTold()
	},
}

var doubleClick = Story{
	ID:   "double-click",
	Plot: "Ana double-clicks submit, and the provider is slow.",
	Injections: Schedule{
		OnPath(ProviderHop, "POST", "/epayment/v1/payments").Nth(1).Toxic(Downstream, Latency(3*time.Second)).Lasting(20 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.DoubleClicks()
		ana.WaitsToBeTold()
	},
}

// seeds is how many seeds are replayed, five times each: a few in every test
// run, a thousand by “make determinism”.
func seeds(t testing.TB) int { return number(t, "SEEDS", 6) }

func TestOneSeedIsOneHistoryByteForByte(t *testing.T) {
	for _, procs := range []int{1, 2} {
		for _, story := range []Story{twoTabsAndARetry, doubleClick} {
			t.Run(fmt.Sprintf("%s/GOMAXPROCS=%d", story.ID, procs), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				differ, where, err := worldtest.Unlike(seeds(t), func(seed uint64) *Run { return inVirtualTime(t.Context(), story, seed) })
				require.NoError(t, err)
				require.Empty(t, differ, "seeds whose replays differ, such as %s", where)
			})
		}
	}
}

func TestTheReferenceShopsProvidersAreListed(t *testing.T) {
	require.Contains(t, checkout.Providers(), checkout.DefaultProvider)
	for _, name := range checkout.Providers() {
		require.Contains(t, fakes.Providers().Kinds, name)
	}
}

// A bank that the provider plays neither at any price nor at one of its own cannot be staged.
func TestABankIsPlayedOrToldOf(t *testing.T) {
	story := doubleClick
	story.Shop.Bank = "on fire"
	run := inVirtualTime(t.Context(), story, 1)
	require.Equal(t, Unfinished, run.Verdict())
	require.Contains(t, run.Failure, "the provider vipps plays no bank that is on fire")
}
