package scenarios

import (
	"bytes"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/terminal"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// Ten stories that a shop breaks in the same way are told in one block, which names
// each; what broke another promise, or proves nothing, is told on its own.
func TestStoriesThatBreakTheSameAreToldOnce(t *testing.T) {
	var e endings
	for _, run := range []struct{ story, promise string }{
		{"first", "charged-once"}, {"second", "told-in-time"}, {"third", "charged-once"},
		{"fourth", "charged-once"}, {"fourth", "charged-once"}, {"fifth", "?"}, {"sixth", "?"},
	} {
		r := of(run.promise)
		r.Story = run.story
		e.add(r, false)
	}
	for story, mismatch := range map[string]string{"seventh": "charges: 1 instead of 2", "eighth": "charges: 3 instead of 2"} {
		complaint := of("charged-once")
		complaint.Story, complaint.Expects, complaint.Mismatch = story, "complaint", mismatch
		e.add(complaint, false)
	}
	var out bytes.Buffer
	e.tell(&out, terminal.Paint(false), "")
	told := out.String()
	require.Equal(t, 6, strings.Count(told, " — "), told)
	require.Contains(t, told, "— first: ")
	require.Contains(t, told, "  the same promises broke in 3 other runs, of: third, fourth\n")
	require.NotContains(t, told, "— third: ")
	require.Contains(t, told, "— second: ")
	require.Contains(t, told, "— sixth: ", "what is unproven has causes of its own")
	require.Contains(t, told, "charges: 1 instead of 2", "a complaint is told with what is wrong with it")
	require.Contains(t, told, "charges: 3 instead of 2")
}

// What a story broke each time on a machine too slow to judge it was staged: it is told with
// its replay, and neither as a failure of the shop nor as a story that was left out.
func TestWhatASlowMachineLeavesUndecidedIsTold(t *testing.T) {
	run := of("told-in-time")
	run.Story, run.Replay = controlID, "unhappypath replay shop.yaml "+controlID
	var out bytes.Buffer
	s := &runner{out: &out, targetShop: &target.Target{}}
	s.endings.add(run, false)
	s.endings.forgive(run) // as its repeats leave it
	s.endings.undecided(run)
	s.endings.tell(&out, terminal.Paint(false), "report.html")
	require.Contains(t, out.String(), "? NOT JUDGED, since this machine was too slow each time; alone it may be: ✖ BROKE — "+controlID)
	require.Contains(t, out.String(), "Replay: "+run.Replay)
	require.Equal(t, 3, s.exitCode(1), "nobody knows whether the shop is why")

	out.Reset()
	s.unstaged(ginkgo.Report{SpecReports: types.SpecReports{
		{State: types.SpecStateSkipped, ContainerHierarchyTexts: []string{controlID}, Failure: types.Failure{Message: notJudged}},
		{State: types.SpecStateSkipped, ContainerHierarchyTexts: []string{controlID}, Failure: types.Failure{Message: "it needs a carrier"}},
	}})
	require.Equal(t, "Not staged, since it needs a carrier: "+controlID+"\n", out.String())
}
