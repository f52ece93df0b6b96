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

// Where the tool started the suite, its own commands are what is printed.
func TestReplayLinesOfTheTool(t *testing.T) {
	s := settings.Settings{Target: "/tmp/it's my shop/$x.yaml", Tool: "unhappypath", Seed: 1, Database: "sqlite", Command: "suite"}
	const shop = ` '/tmp/it'\''s my shop/$x.yaml'`
	token := record.Replay{Story: "a-story"}
	require.Equal(t, "unhappypath replay"+shop+" a-story", s.ReplayLine("a-story", "wire", 20))
	require.Equal(t, "unhappypath replay"+shop+" "+token.String(), s.ReplayTokenLine(token))
	require.Equal(t, "unhappypath run"+shop, s.Line())
	require.Equal(t, "--budget 40s", s.WithBudget("40s"))
	s.Seed, s.Tool = 7, "/opt/my tools/unhappypath"
	require.Equal(t, "'/opt/my tools/unhappypath' replay"+shop+" a-story --seed 7", s.ReplayLine("a-story", "wire", 20))
	s.Target = ""
	require.NotContains(t, s.ReplayLine("a-story", "virtual", 1), s.Tool, "the reference shop has no description")
	require.Equal(t, "UNHAPPY_BUDGET=40s", s.WithBudget("40s"))
}
