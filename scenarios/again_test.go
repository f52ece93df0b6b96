package scenarios_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A suite that was built beforehand may be used without Go, and from anywhere: the
// line that it prints runs in another folder, however the suite was called.
func TestAPrebuiltSuiteIsRunAgainByItself(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	folder := filepath.Join(t.TempDir(), "my suite")
	require.NoError(t, os.Mkdir(folder, 0o755))
	require.NoError(t, os.Symlink(self, filepath.Join(folder, "shop-stories")))
	for name, row := range map[string]struct{ path, called string }{
		"by its path":             {t.TempDir(), filepath.Join(folder, "shop-stories")},
		"by a relative one":       {t.TempDir(), "./shop-stories"},
		"by PATH":                 {folder, "shop-stories"},
		"by a folder named so in": {".", "shop-stories"}, // PATH
	} {
		t.Run(name, func(t *testing.T) {
			line := "UNHAPPY_REPORT=" + t.TempDir() + " UNHAPPY_WORLD=virtual UNHAPPY_WITHOUT=one-payment UNHAPPY_REPLAY=" +
				doubleClick.ID + " " + quoted(row.called) + " -test.run '^TestScenarios$'"
			at := folder
			for range 2 {
				red := exec.CommandContext(t.Context(), "/bin/sh", "-c", line)
				red.Dir = at
				red.Env = []string{"PATH=" + row.path, "TMPDIR=" + t.TempDir(), "HOME=" + t.TempDir()} // no Go anywhere
				out, err := red.CombinedOutput()
				require.ErrorAs(t, err, new(*exec.ExitError))
				require.Equal(t, 1, red.ProcessState.ExitCode(), string(out))
				require.Contains(t, string(out), "BROKE — "+doubleClick.ID)
				_, rest, found := strings.Cut(string(out), "Replay: ")
				require.True(t, found)
				replay, _, _ := strings.Cut(rest, "\n")
				line, at = "UNHAPPY_REPORT="+t.TempDir()+" "+replay, t.TempDir()
			}
		})
	}
}

func quoted(word string) string { return "'" + word + "'" }
