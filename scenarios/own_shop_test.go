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

// Findings belong to their description: another one's in the same folder is not read.
// What an earlier version left in a folder that all shared is replayed, and ignored
// where it has no effect.
func TestFindingsBelongToTheirDescription(t *testing.T) {
	t.Parallel()
	path := altered(t, "node", "mended")
	at := filepath.Join(filepath.Dir(path), "unhappypath")
	const ofAnother = `{"version":1,"story":"plain-purchase","seed":1,"strikes":["customer>checkout POST /elsewhere #1 arrives: close"]}`
	for name, text := range map[string]string{
		"naive/regressions/damaged.json": "{",
		"regressions/old.json":           ofAnother,
	} {
		file := filepath.Join(at, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	output, code, report := judged(t, []string{"UNHAPPY_TARGET=" + path, "UNHAPPY_REPORT="}, asItIs, "-ginkgo.focus=plain-purchase")
	require.Zero(t, code, output)
	require.Contains(t, output, "old.json has no effect here, so it is taken for another description's")
	require.FileExists(t, filepath.Join(at, "mended", "report.html"))
	require.NoFileExists(t, filepath.Join(report, "report.html"))

	own := filepath.Join(at, "mended", "regressions", "own.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(own), 0o755))
	require.NoError(t, os.WriteFile(own, []byte(ofAnother), 0o600))
	output, code, _ = judged(t, []string{"UNHAPPY_TARGET=" + path}, asItIs, "-ginkgo.focus=plain-purchase")
	require.Equal(t, 1, code, output)
	require.Contains(t, output, "own.json proves nothing any more")

	output, code, _ = judged(t, []string{"UNHAPPY_TARGET=" + path, "UNHAPPY_REPLAY=plain-purchase"}, asItIs)
	require.Zero(t, code, output)
	require.NotContains(t, output, "found before", "one story is asked for")
}
