package scenarios_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
)

// recorded is what a run of the suite left.
func recorded(t *testing.T, report string) (record.Origin, []*judge.Run) {
	t.Helper()
	file, err := os.Open(filepath.Join(report, "runs.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	origin, runs, err := record.ReadWhole(file)
	require.NoError(t, err)
	return origin, runs
}

// What is left out unless the world is the wire, is run by a target that says so.
func TestWhatIsLeftOutIsRunByTheMakefile(t *testing.T) {
	text, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	var runs []*regexp.Regexp
	for _, m := range regexp.MustCompile(`UNHAPPY_WORLD=wire .*-test\.run (?:'([^']+)'|(\S+))`).FindAllStringSubmatch(string(text), -1) {
		runs = append(runs, regexp.MustCompile(strings.ReplaceAll(m[1]+m[2], "$$", "$")))
	}
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	var sources strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		sources.Write(text)
	}
	tests := regexp.MustCompile(`func (Test\w+)\(t \*testing\.T\) \{\n\tif why := scenarios\.LeftOut\(\)`).FindAllStringSubmatch(sources.String(), -1)
	require.NotEmpty(t, tests)
	for _, m := range tests {
		require.True(t, slices.ContainsFunc(runs, func(r *regexp.Regexp) bool { return r.MatchString(m[1]) }), "no target of the Makefile runs %s", m[1])
	}
}

func TestShardsHaveEveryStoryOnce(t *testing.T) {
	t.Parallel()
	// Some of the stories alone: what all of them come to is said elsewhere.
	const quick = "-ginkgo.label-filter=directed"
	_, _, report := run(t, []string{"UNHAPPY_WORLD=virtual"}, quick)
	origin, runs := recorded(t, report)
	require.Empty(t, origin.Part())
	whole := map[string]bool{}
	for _, r := range runs {
		whole[r.ID] = true
		require.Regexp(t, `^scenarios/[a-z0-9_]+_test\.go:\d+$`, r.Told, "an annotation must find the story")
	}
	shared := map[string]bool{}
	for i := 1; i <= 2; i++ {
		output, code, report := run(t, []string{"UNHAPPY_WORLD=virtual", fmt.Sprintf("UNHAPPY_SHARD=%d/2", i)}, quick)
		require.Zero(t, code, output)
		origin, runs := recorded(t, report)
		require.Equal(t, fmt.Sprintf("shard %d of 2", i), origin.Part())
		for _, r := range runs {
			require.False(t, shared[r.ID], "%s is in both", r.ID)
			shared[r.ID] = true
		}
		page, err := os.ReadFile(filepath.Join(report, "report.html"))
		require.NoError(t, err)
		require.Contains(t, string(page), origin.Part())
		for _, skip := range origin.Skipped {
			require.NotContains(t, skip.Reason, "shard", "a story of another shard is not skipped")
		}
	}
	require.Equal(t, whole, shared)
}

func TestAShardWithoutAStoryIsRedAndSaysWhy(t *testing.T) {
	output, code, _ := run(t, []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_SHARD=999/999"})
	require.Equal(t, 1, code)
	require.Contains(t, output, "no story was staged: shard 999 of 999 has none that the filter fits, of ")
}

func TestAStoryThatIsAskedForIsNotShared(t *testing.T) {
	t.Parallel()
	for _, shard := range []string{"1/2", "2/2"} {
		output, code, report := run(t, []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_SHARD=" + shard, "UNHAPPY_REPLAY=" + doubleClick.ID})
		require.Zero(t, code, output)
		origin, runs := recorded(t, report)
		require.Len(t, runs, 2)
		require.Empty(t, origin.Part())
	}
}

func TestOnGitHubTheJobIsToldAndTheStoryAnnotated(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	require.NoError(t, os.WriteFile(summary, []byte("what another step said\n"), 0o644))
	_, _, before := run(t, []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_REPLAY=" + chargedTwice.ID})
	output, code, report := run(t, []string{
		"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + summary, "UNHAPPY_BASELINE=" + filepath.Join(before, "runs.jsonl"),
		"UNHAPPY_WORLD=virtual", "UNHAPPY_WITHOUT=order-identity", "UNHAPPY_REPLAY=" + chargedTwice.ID,
	})
	require.Equal(t, 1, code)
	require.Contains(t, output, "\n::error file=scenarios/customer_2_charged_twice_test.go,line=", "at the beginning of a line")
	text, err := os.ReadFile(summary)
	require.NoError(t, err)
	added, found := strings.CutPrefix(string(text), "what another step said\n")
	require.True(t, found, "a summary is added to")
	require.Contains(t, added, "vs last: 1 new failure")
	own, err := os.ReadFile(filepath.Join(report, "summary.md"))
	require.NoError(t, err)
	require.Equal(t, string(own), added)
}
