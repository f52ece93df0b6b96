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
	s.Seed, s.Tool = 7, "/opt/my tools/unhappypath"
	require.Equal(t, "'/opt/my tools/unhappypath' replay"+shop+" a-story --seed 7", s.ReplayLine("a-story", "wire", 20))
	s.Target = ""
	require.NotContains(t, s.ReplayLine("a-story", "virtual", 1), s.Tool, "the reference shop has no description")
}

// A message names a setting as the person knows it who reads it: by the flag, where the
// tool started the suite, and else as it is in the environment.
func TestSettingsAreNamedAsTheyWereTyped(t *testing.T) {
	suite := settings.Settings{Target: "shop.yaml"}
	tool := settings.Settings{Target: "shop.yaml", Tool: "unhappypath"}
	exploring := tool
	exploring.Budget.Schedules = 3
	for _, row := range []struct {
		by                    settings.Settings
		setting, value        string
		named, askedForItThus string
	}{
		{suite, "UNHAPPY_BUDGET", "40s", "UNHAPPY_BUDGET", "UNHAPPY_BUDGET=40s"},
		{suite, "UNHAPPY_RESUME", "1", "UNHAPPY_RESUME", "UNHAPPY_RESUME=1"},
		{settings.Settings{Tool: "unhappypath"}, "UNHAPPY_BUDGET", "40s", "UNHAPPY_BUDGET", "UNHAPPY_BUDGET=40s"}, // no description
		{tool, "UNHAPPY_BUDGET", "40s", "--budget", "--budget 40s"},
		{tool, "UNHAPPY_REPORT", "/dev/null/x", "--report", "--report /dev/null/x"},
		{tool, "UNHAPPY_SEED", "7", "--seed", "--seed 7"},
		{tool, "UNHAPPY_RESUME", "1", "--resume", "--resume"},
		{tool, "UNHAPPY_STRICT", "1", "--strict", "--strict"},
		{tool, "UNHAPPY_REPLAY", "two-tabs", "STORY|TOKEN", "unhappypath replay shop.yaml two-tabs"},
		{exploring, "UNHAPPY_REPLAY", "two-tabs", "--story", "--story two-tabs"},
		{tool, "UNHAPPY_SPACE", "people", "UNHAPPY_SPACE", "UNHAPPY_SPACE=people"}, // has no flag
	} {
		require.Equal(t, row.named, row.by.Named(row.setting))
		require.Equal(t, row.askedForItThus, row.by.With(row.setting, row.value))
	}
}

// What is wrong with a value is said without a name: anyone who asks knows which one.
func TestCheckNamesNoSetting(t *testing.T) {
	require.NoError(t, settings.Check("UNHAPPY_BUDGET", "20s"))
	for setting, value := range map[string]string{"UNHAPPY_BUDGET": "abc", "UNHAPPY_SEED": "x", "UNHAPPY_REPLAY": "A story", "UNHAPPY_STRICT": "yes"} {
		err := settings.Check(setting, value)
		require.ErrorContains(t, err, "; valid: ")
		require.NotContains(t, err.Error(), "UNHAPPY_")
	}
}
