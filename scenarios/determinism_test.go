package scenarios_test

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/worldtest"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// One seed is one history, of every story and of every complaint: each of them
// is enacted again and again, and not a byte differs.
func TestEveryStorysSeedIsOneHistory(t *testing.T) {
	seeds := seeds(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	for _, story := range scenarios.Told() {
		if story.Browser || slices.ContainsFunc(story.Injections, func(s Injection) bool { return s.Fault.Spec().Only == "wire" }) {
			continue // staged on the wire only
		}
		forms := map[string][]string{"kept": nil}
		if story.Complaint.Is() {
			forms["complaint"] = story.Complaint.Off
		}
		for expects, without := range forms {
			t.Run(story.ID+"/"+expects, func(t *testing.T) {
				studio := compose.StudioPaidBy(payerOf(story)) // of its own, so that the first run makes the schema and the next finds it
				t.Cleanup(func() { require.NoError(t, studio.Close()) })
				differ, where, err := worldtest.Unlike(seeds, func(seed uint64) *Run {
					return studio.Enact(t.Context(), story, enact.Options{
						World: "virtual", Database: "sqlite", Seed: seed, Expects: expects, Without: without,
					})
				})
				require.NoError(t, err)
				require.Empty(t, differ, "seeds whose replays differ, such as %s", where)
			})
		}
	}
}

// payerOf is the usual provider, or the one that plays what the story needs of one.
func payerOf(s Story) string {
	if s.Shop.Bank == observe.RejectingBank {
		return "adyen"
	}
	return ""
}

// seeds is how many are replayed.
func seeds(t *testing.T) int {
	text := os.Getenv("SEEDS")
	if text == "" {
		t.Skip("it takes a while: SEEDS=2 goes through all stories, as make slow does")
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "SEEDS")
	return n
}
