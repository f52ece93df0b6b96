package scenarios_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
	"github.com/stretchr/testify/require"
)

// A suite that tests somebody's own shop has the stories and nothing else: specs of
// this repository's own shops would fail there, and say nothing of that shop.
func TestAtOnesOwnShopThereAreOnlyStories(t *testing.T) {
	list := filepath.Join(t.TempDir(), "specs.json")
	output, code, _ := run(t, []string{shopOnTheWall(t, "")}, "-ginkgo.dry-run", "-ginkgo.json-report="+list)
	require.Zero(t, code, output)
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	var suites []types.Report
	require.NoError(t, json.Unmarshal(text, &suites))
	specs := suites[0].SpecReports.WithLeafNodeType(types.NodeTypeIt)
	require.NotEmpty(t, specs)
	for _, spec := range specs {
		require.Equal(t, "is kept by A shop that does not start", spec.LeafNodeText, spec.FullText())
	}
}

// What this front end cannot play is skipped with the reason before it is staged.
func TestAStoryThatAPageCannotPlayIsSkipped(t *testing.T) {
	output, _, _ := run(t, []string{"UNHAPPY_REPLAY=back-button", shopOnTheWall(t, "")})
	require.Contains(t, output, "no story was staged: it needs a page with a back button")
	require.NotContains(t, output, "UNFINISHED")
}
