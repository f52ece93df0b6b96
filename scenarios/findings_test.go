package scenarios_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/target"
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

// A finding is told as a story in the form in which its reader writes stories: Go in this
// suite, an entry of the description at somebody's own shop.
func TestAFindingIsToldAsAStoryOfItsShop(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder) // far from the regressions of this suite
	lost, err := injection.ParseInjection("Capture #1 answered: close")
	require.NoError(t, err)
	result := explore.Result{Findings: []explore.Finding{{
		Promise: "charged-once", Sentence: "Ana was charged twice.", Injections: injection.Schedule{lost}, Replay: record.Replay{Story: "plain-purchase"}.String(),
		Script: "ana := s.Customer(\"ana\")\nana.Opens()\nana.Waits(1300*time.Millisecond)\nana.Submits()",
	}}}
	plain := harness.Story{ID: "plain-purchase", Plot: "Ana buys.", Script: func(*harness.Stage) {}}
	var out bytes.Buffer
	require.NoError(t, scenarios.TellFindings(&out, folder, plain, result))
	require.Contains(t, out.String(), "  as a story:\nTell(Story{\n")

	shop, err := target.Parse("shop.yaml", []byte(onTheWall), fakes.Providers())
	require.NoError(t, err)
	own, why := shop.Story(plain)
	require.Empty(t, why)
	out.Reset()
	require.NoError(t, scenarios.TellFindingsOf(&out, folder, shop, own, result))
	require.NotContains(t, out.String(), "Tell(Story{")
	_, entry, found := strings.Cut(out.String(), "  as a story, to paste under “stories:” of the description:\n")
	require.True(t, found, out.String())
	entry, _, _ = strings.Cut(entry, "\n\n")
	pasted, err := target.Parse("shop.yaml", []byte(onTheWall+"stories:\n"+entry+"\n"), fakes.Providers())
	require.NoError(t, err)
	require.Equal(t, injection.Schedule{lost}, pasted.OwnStories("shop.yaml")[0].Injections)
	require.Empty(t, pasted.Stories[0].Steps, "a plain purchase, however long its page took to load")

	out.Reset()
	result.Findings[0].Promise = "a-promise-of-the-story"
	require.NoError(t, scenarios.TellFindingsOf(&out, folder, shop, own, result))
	require.NotContains(t, out.String(), "as a story", "no description has promises of its own")
	require.Contains(t, out.String(), "replay: ")
}
