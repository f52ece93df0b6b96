package settings_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// A line to paste is one that a shell takes as it was meant.
func TestReplayLinesInAShell(t *testing.T) {
	s := settings.Settings{Target: "/tmp/it's my shop/$x.yaml", Database: "sqlite", Command: "env"}
	for _, line := range []string{s.ReplayLine("a-story", "wire", 20), s.ReplayTokenLine(record.Replay{Story: "a-story"})} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", line).Output()
		require.NoError(t, err, line)
		require.Contains(t, string(out), "UNHAPPY_TARGET=/tmp/it's my shop/$x.yaml\n", line)
	}
	require.Equal(t, "''", settings.ShellQuote(""))
}
