package scenarios_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A suite that was built beforehand may be used without Go, and from anywhere.
func TestAPrebuiltSuiteIsRunAgainByItself(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	folder := filepath.Join(t.TempDir(), "my suite")
	require.NoError(t, os.Mkdir(folder, 0o755))
	program := filepath.Join(folder, "shop-stories")
	require.NoError(t, os.Symlink(self, program))
	red := command(t, t.TempDir(), []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_WITHOUT=one-payment", "UNHAPPY_REPLAY=" + doubleClick.ID})
	red.Path = program
	red.Args[0] = program
	replay := ""
	for range 2 {
		out, err := red.Output()
		require.ErrorAs(t, err, new(*exec.ExitError))
		require.Equal(t, 1, red.ProcessState.ExitCode(), string(out))
		require.Contains(t, string(out), "BROKE — "+doubleClick.ID)
		_, rest, found := strings.Cut(string(out), "Replay: ")
		require.True(t, found)
		replay, _, _ = strings.Cut(rest, "\n")
		again := exec.CommandContext(t.Context(), "sh", "-c", replay)
		again.Dir, again.Env = t.TempDir(), []string{"PATH=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "HOME=" + t.TempDir()} // no Go anywhere
		red = again
	}
}
