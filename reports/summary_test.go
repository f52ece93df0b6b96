package reports_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/export"
)

func TestTheSummaryTellsTheWorstFirst(t *testing.T) {
	a := about()
	a.Baseline = []*judge.Run{keptRun(), brokenRun()}
	golden(t, "summary.golden", string(export.Summary(allRuns(), a)))
}

func TestTheSummarySaysWhatIsNewSinceTheBaseline(t *testing.T) {
	a := about()
	was := brokenRun()
	was.Rulings = []judge.Ruling{{Promise: "charged-once", Verdict: judge.Kept}}
	for _, row := range []struct {
		baseline []*judge.Run
		says     string
		isNew    bool
	}{
		{[]*judge.Run{was}, "vs last: 1 new failure", true},
		{[]*judge.Run{brokenRun()}, "vs last: 1 still broken", false},
		{[]*judge.Run{}, "vs last: 1 new failure", true},
	} {
		a.Baseline = row.baseline
		text := string(export.Summary([]*judge.Run{brokenRun()}, a))
		require.Contains(t, text, row.says)
		require.Equal(t, row.isNew, strings.Contains(text, "· NEW"))
	}
	a.Baseline = nil
	require.NotContains(t, string(export.Summary([]*judge.Run{brokenRun()}, a)), "vs last")
}

// What was recorded is text in the summary and never structure: the tags that a
// reader makes of a run with traps in all of its words are those of a harmless one.
func TestNothingThatWasRecordedIsMarkup(t *testing.T) {
	var texts []string
	for _, trap := range append([]string{"x"}, traps...) {
		if trap == "" {
			continue // where there are no words, there is less structure
		}
		r := withWords(trap)
		a := reports.About{Title: r.Story, Commit: r.Story, Skipped: []reports.Skip{{Name: "x" + r.Story, Reason: r.Story}}}
		texts = append(texts, string(export.Summary([]*judge.Run{r}, a)))
	}
	said := read(t, "markdown", texts...)
	for i := range said {
		require.Equal(t, said[0], said[i], "%s\n%s", said[i], texts[i])
		words, _, _ := strings.Cut(texts[i], "```sh") // code is nobody's name
		require.NotContains(t, words, "@everyone")
		require.NotContains(t, words, ":boom:")
	}
	require.NotEqual(t, said[0], read(t, "markdown", texts[0]+"\n**bold**")[0], "the reader must see what is structure")
}

func TestTheSummaryStaysBelowWhatGitHubTakes(t *testing.T) {
	thousands(t)
	long := brokenRun()
	long.Plot = strings.Repeat("<|`æ", 100_000)
	for i := range long.Rulings {
		long.Rulings[i].Because = long.Plot
	}
	var runs []*judge.Run
	for i := range 5_000 {
		r := *long
		r.ID, r.Story = fmt.Sprintf("story-%d", i), fmt.Sprintf("story-%d <|`", i)
		runs = append(runs, &r)
	}
	text := export.Summary(runs, about())
	require.LessOrEqual(t, len(text), 900<<10)
	require.Greater(t, len(text), 800<<10, "as much as fits")
	require.True(t, utf8.Valid(text))
	require.Contains(t, string(text), "more: see the report.")
	require.Equal(t, 10, strings.Count(string(text), "```mermaid"))
}
