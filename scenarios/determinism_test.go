package scenarios_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/cast"
)

// One seed is one history, of every story and of every complaint: each of them
// is enacted again and again, and not a byte differs.
func TestEveryStorysSeedIsOneHistory(t *testing.T) {
	seeds := seeds(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	studio := cast.NewStudio()
	t.Cleanup(func() { require.NoError(t, studio.Close()) })
	for _, story := range scenarios.Told() {
		if story.Browser || slices.ContainsFunc(story.Strikes, func(s Strike) bool { return s.Fault.Kind == PauseFault }) {
			continue // staged on the wire only
		}
		forms := map[string][]string{"kept": nil}
		if story.Complaint.Is() {
			forms["complaint"] = story.Complaint.Off
		}
		for expects, without := range forms {
			t.Run(story.ID+"/"+expects, func(t *testing.T) {
				var differ []uint64
				why := ""
				for seed := uint64(1); seed <= seeds; seed++ {
					first := ""
					for range 5 {
						text := written(t, studio.Enact(t.Context(), story, Options{
							World: "virtual", Database: "sqlite", Seed: seed, Expects: expects, Without: without,
						}))
						if first == "" {
							first = text
						}
						if text != first {
							differ, why = append(differ, seed), difference(first, text)
							break
						}
					}
				}
				require.Empty(t, differ, "seeds whose replays differ, such as:\n%s", why)
			})
		}
	}
}

// seeds is how many are replayed.
func seeds(t *testing.T) uint64 {
	text := os.Getenv("SEEDS")
	if text == "" {
		t.Skip("it takes a while: SEEDS=2 goes through all stories, as make slow does")
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, "SEEDS")
	return n
}

// written is the run's record without what is not of the story: when and how
// long, in real time.
func written(t *testing.T, r *Run) string {
	require.Empty(t, r.Failure)
	r.Began, r.Took = time.Time{}, 0
	var b bytes.Buffer
	record := NewRecord(&b)
	record.Write(r)
	require.NoError(t, record.Err())
	return b.String()
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
