package scenarios_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
)

// Each finding of an exploration leads to its timeline, and its line says how this
// suite was run.
func TestAFindingLeadsToItsTimeline(t *testing.T) {
	output, code, report := run(t, []string{
		"UNHAPPY_WORLD=virtual", "UNHAPPY_WITHOUT=one-payment", "UNHAPPY_REPLAY=customer-3-double-click", "UNHAPPY_BUDGET=3",
	}, "-test.run=^TestExploration$")
	require.Equal(t, 1, code, output)
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(report, name))
		require.NoError(t, err, output)
		return string(text)
	}
	page := read("exploration.html")
	links := regexp.MustCompile(`<a href="findings\.html#([^"]*)"`).FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, links)
	for _, link := range links {
		require.Contains(t, read("findings.html"), `<article class="story broke" id="`+link[1]+`"`)
	}
	require.Regexp(t, `<pre class="replay" tabindex="0">UNHAPPY_REPLAY=u2\.\S+ go test github\.com/unhappypath/unhappypath/scenarios `, page)

	file, err := os.Open(filepath.Join(report, "findings.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	runs, err := record.ReadAll(file)
	require.NoError(t, err)
	require.Len(t, runs, len(links))
	require.Equal(t, judge.Broken, runs[0].Verdict())
}
