package scenarios_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/scenarios"
)

// A number of schedules is never none, which would be no limit: a few of them
// are for the first stories. A variant has a quarter of another story's share.
func TestABudgetIsSharedToItsEnd(t *testing.T) {
	var stories []harness.Story
	for i := range 20 {
		s := harness.Story{}
		if i%5 == 1 {
			s.Labels = []string{scenarios.Variant}
		}
		stories = append(stories, s)
	}
	for _, b := range []settings.Budget{{Schedules: 5}, {Schedules: 20}, {Schedules: 107}, {Schedules: 68_000}, {Time: 3 * time.Second}} {
		left := b
		var shares []settings.Budget
		for i := range stories {
			share, some := scenarios.ShareOf(left, stories[i:])
			if !some {
				break
			}
			require.Equal(t, b.Schedules > 0, share.Schedules > 0, "%v: no schedules are no limit", b)
			left.Schedules -= share.Schedules
			left.Time -= share.Time
			shares = append(shares, share)
		}
		require.Zero(t, left, "%v is spent", b)
		want := len(stories)
		if b.Schedules > 0 {
			want = min(want, b.Schedules)
		}
		require.Len(t, shares, want)
		if b.Schedules == 68_000 {
			require.Equal(t, settings.Budget{Schedules: 4000}, shares[0])
			require.Equal(t, settings.Budget{Schedules: 1000}, shares[1])
		}
	}
}

func TestAFewSchedulesAreNotAllThereAre(t *testing.T) {
	t.Parallel()
	output, code, _ := run(t, []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_BUDGET=5"}, "-test.run=^TestExploration$")
	require.Zero(t, code, output)
	require.Regexp(t, `\n[1-5] distinct schedules explored`, output) // of five that were tried
	require.Regexp(t, `not explored \(out of time\): .*plain-purchase`, output)
}

// What is resumed needs not be enacted again, and what cannot be resumed is a wrong call.
func TestAnExplorationIsResumed(t *testing.T) {
	t.Parallel()
	set := []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_REPLAY=plain-purchase", "UNHAPPY_REPORT=" + t.TempDir()}
	explores := func(set []string, more ...string) (output string, code int) {
		output, code, _ = run(t, append(slices.Clone(set), more...), "-test.run=^TestExploration$")
		return output, code
	}
	output, code := explores(set, "UNHAPPY_BUDGET=150", "UNHAPPY_RESUME=1")
	require.Equal(t, 2, code, output)
	require.Contains(t, output, "UNHAPPY_RESUME=1: no exploration to resume: there is no ")
	output, code = explores(set, "UNHAPPY_BUDGET=150")
	require.Zero(t, code, output)
	require.NotContains(t, output, "resumed:")
	output, code = explores(set, "UNHAPPY_BUDGET=160", "UNHAPPY_RESUME=1")
	require.Zero(t, code, output)
	// Singles are enacted again: of so few schedules, the others are those with an epilogue.
	require.Regexp(t, `resumed:   [1-9]\d* of the enacted`, output)
	output, code = explores(append(set, "UNHAPPY_PROVIDER=stripe"), "UNHAPPY_BUDGET=160", "UNHAPPY_RESUME=1")
	require.Equal(t, 2, code, output)
	require.Contains(t, output, "it is of another build or description")
	output, code = explores(set, "UNHAPPY_RESUME=1")
	require.Equal(t, 2, code, output)
	require.Contains(t, output, "nothing is resumed without a budget")
}

func TestAFindingThatCannotBeKeptIsToldAllTheSame(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder) // far from the regressions of this suite
	require.NoError(t, os.WriteFile(filepath.Join(folder, "regressions"), nil, 0o600))
	result := explore.Result{}
	for _, promise := range []string{"charged-once", "told-in-time"} {
		result.Findings = append(result.Findings, explore.Finding{
			Promise: promise, Replay: record.Replay{Story: "plain-purchase"}.String(), NotMinimized: true,
		})
	}
	var out bytes.Buffer
	err := scenarios.TellFindings(&out, folder, harness.Story{ID: "plain-purchase"}, result)
	require.Equal(t, 2, strings.Count(err.Error(), "could not be kept"), err)
	require.Contains(t, out.String(), "✖ charged-once broke (0 schedules, not minimized (out of time): ")
	require.Contains(t, out.String(), "✖ told-in-time broke")

	require.NoError(t, os.Remove("regressions"))
	out.Reset()
	require.NoError(t, scenarios.TellFindings(&out, folder, harness.Story{ID: "plain-purchase"}, result))
	require.Contains(t, out.String(), "kept as: "+filepath.Join(folder, "regressions", "plain-purchase-"))
}
