package cast_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/cast"
)

// studio serves all tests of the package.
var studio = cast.NewStudio()

// inVirtualTime enacts a story with the shop as it should be.
func inVirtualTime(ctx context.Context, s Story, seed uint64) *Run {
	return studio.Enact(ctx, s, Options{World: "virtual", Database: "sqlite", Seed: seed, Expects: "kept"})
}

// twoTabsAndARetry is the story that speed and determinism are measured on: a
// page that sends again, a second tab, a double click.
var twoTabsAndARetry = Story{
	ID:   "two-tabs-and-a-retry",
	Plot: "Ana's first answer is lost, her page sends again, and she buys in a second tab.",
	Shop: Shop{PageTimeOut: 30 * time.Second, PageResends: 1},
	Strikes: Schedule{
		On(CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Hangs().Lasting(35 * time.Second),
		Toxic(ProviderHop, Downstream, Latency(3*time.Second)).AtMessage("POST", "/epayment/v1/payments", 1).Lasting(20 * time.Second),
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
	Strikes: Schedule{
		Toxic(ProviderHop, Downstream, Latency(3*time.Second)).AtMessage("POST", "/epayment/v1/payments", 1).Lasting(20 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.DoubleClicks()
		ana.WaitsToBeTold()
	},
}

// written is the run's record without what is not of the story: when and how
// long, in real time.
func written(t testing.TB, r *Run) string {
	r.Began, r.Took = time.Time{}, 0
	var b bytes.Buffer
	record := NewRecord(&b)
	record.Write(r)
	require.NoError(t, record.Err())
	return b.String()
}

// seeds is how many seeds are replayed, five times each: a few in every test
// run, a thousand by “make determinism”.
func seeds(t testing.TB) int { return number(t, "SEEDS", 20) }

const replays = 5

func TestOneSeedIsOneHistoryByteForByte(t *testing.T) {
	for _, procs := range []int{1, 2} {
		for _, story := range []Story{twoTabsAndARetry, doubleClick} {
			t.Run(fmt.Sprintf("%s/GOMAXPROCS=%d", story.ID, procs), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
				differ := differing(t, seeds(t), func(seed uint64) *Run { return inVirtualTime(t.Context(), story, seed) })
				require.Empty(t, differ, "seeds whose replays differ")
			})
		}
	}
}

// differing replays each seed and returns those whose histories are not one.
func differing(t testing.TB, seeds int, enact func(seed uint64) *Run) (differ []uint64) {
	var first sync.Once
	for seed := uint64(1); seed <= uint64(seeds); seed++ {
		want := ""
		for range replays {
			run := enact(seed)
			require.Empty(t, run.Failure)
			got := written(t, run)
			if want == "" {
				want = got
			}
			if got != want {
				differ = append(differ, seed)
				first.Do(func() { t.Log(difference(want, got)) })
				break
			}
		}
	}
	return differ
}

// difference shows the first line in which two records differ.
func difference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("line %d:\n%s\n%s", i+1, left[i], right[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(left), len(right))
}
