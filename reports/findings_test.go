package reports_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/html"
)

// found is an exploration of somebody's own shop: one finding with its run, one
// without, and one that was seen once.
func found() reports.Exploration {
	e := exploration()
	run := brokenRun()
	run.ID = "plain-purchase/wire/finding-1"
	e.Results[0].Findings[0].Line = `UNHAPPY_TARGET='/my shop/shop.yaml' UNHAPPY_REPLAY=u1.abc.0000 /opt/unhappypath-scenarios -test.run '^TestScenarios$'`
	e.Results[0].Findings[0].Run, e.Results[0].Findings[0].Record = run.ID, run
	e.Results[0].Findings[0].Shown, e.Results[0].Findings[0].Of = 2, 11
	e.Results[1].Unconfirmed = []explore.Finding{{
		Cause: "told-in-time: on PUT /orders/{id}", Promise: "told-in-time", Because: "b-ana was told nothing for 45.0 s", Why: "seen once, not again in 3 repeats",
		Sentence: "Ana was not charged.", Seed: 3, Count: 1, Replay: "u1.abe.0000", Line: "UNHAPPY_REPLAY=u1.abe.0000 ./suite",
	}}
	e.Results[1].TooSlow = "the unharmed purchase took 9 s instead of 1 s"
	return e
}

func TestAFindingHasOneReplayLineAndItsTimeline(t *testing.T) {
	page, err := html.BuildExploration(found())
	require.NoError(t, err)
	text := words(string(page))
	require.Contains(t, text, "\nUNHAPPY_TARGET='/my shop/shop.yaml' UNHAPPY_REPLAY=u1.abc.0000 /opt/unhappypath-scenarios -test.run '^TestScenarios$'\n")
	require.NotContains(t, text, "./scenarios", "anyone who has the suite as a program has no such folder")
	require.Contains(t, text, "seen 2 of 11 times")
	require.Contains(t, text, "Add this to the line that runs your suite:\nUNHAPPY_REPLAY=u1.abd.0000\n", "of a suite that left no line")
	require.Contains(t, text, "Its run is not beside this page.")
	require.Contains(t, text, "The machine was too slow to go on: two-tabs: the unharmed purchase took 9 s instead of 1 s")
	require.Contains(t, text, "told-in-time\nin two-tabs: seen once, not again in 3 repeats\n")
	require.Equal(t, 1, len(regexp.MustCompile(`<a href="findings\.html#`).FindAllString(string(page), -1)))

	dir := t.TempDir()
	_, err = reports.WriteExploration(dir, found())
	require.NoError(t, err)
	runs := fileText(t, dir, "findings.html")
	link := regexp.MustCompile(`<a href="findings\.html#([^"]*)"`).FindStringSubmatch(fileText(t, dir, "exploration.html"))[1]
	require.Contains(t, runs, `<article class="story broke" id="`+link+`"`)
	require.Contains(t, part(t, runs, `<nav id="pages"`, `</nav>`), `href="exploration.html"`)

	_, err = reports.WriteExploration(dir, exploration())
	require.NoError(t, err)
	require.NoFileExists(t, dir+"/findings.html", "no finding leads to another exploration's runs")
}

func TestTheMatrixAsksTheSettingsForItsLine(t *testing.T) {
	page, err := html.BuildMatrix(matrix())
	require.NoError(t, err)
	require.Contains(t, words(string(page)), "\n"+settings.Settings{}.Line("UNHAPPY_REPLAY=u1.abc.0000")+"\n")
}
