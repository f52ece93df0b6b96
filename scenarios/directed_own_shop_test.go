package scenarios_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios"
)

// The directed stories come before all others, whatever the seed.
func TestDirectedStoriesComeFirst(t *testing.T) {
	list := filepath.Join(t.TempDir(), "specs.json")
	output, code, _ := run(t, []string{shopOnTheWall(t, ""), "UNHAPPY_SEED=7"}, "-ginkgo.dry-run", "-ginkgo.json-report="+list)
	require.Zero(t, code, output)
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	var suites []types.Report
	require.NoError(t, json.Unmarshal(text, &suites))
	var others int
	for _, spec := range suites[0].SpecReports.WithLeafNodeType(types.NodeTypeIt) {
		if !slices.Contains(spec.Labels(), scenarios.Directed) {
			others++
			continue
		}
		require.Zero(t, others, "%s comes after another story", spec.FullText())
	}
	require.NotZero(t, others)
	require.Len(t, directed, 20)
}

// A step that no control run had cannot be hit, and that is no fault of the shop.
func TestAStepThatNoControlRunHadIsSkipped(t *testing.T) {
	control := inVirtualTime(t, Story{ID: "control", Plot: "Ana buys.", Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	}}, "kept", nil)
	for _, s := range directed {
		require.Empty(t, scenarios.LackedBy(s, control), s.ID)
		require.Empty(t, scenarios.LackedBy(s), "nothing is known without a control run")
	}
	control.History = slices.DeleteFunc(control.History, func(e Event) bool {
		return e.Message != nil && control.Routes.Named(Hop(e.Message.Hop), e.Message.Method, e.Message.Path) == Capture
	})
	for _, s := range directed {
		want := ""
		if s.Injections[0].Operation == Capture {
			want = "it needs a message of the operation Capture, and no control run had one"
		}
		require.Equal(t, want, scenarios.LackedBy(s, control), s.ID)
	}
}
