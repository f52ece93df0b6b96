package scenarios_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"
)

// A replay is staged because somebody reads the report of all stories: it leaves that
// one as it is, and its own in a folder of its own, unless a folder is named.
func TestAReplayLeavesTheReportOfTheSuiteAlone(t *testing.T) {
	t.Parallel()
	at := t.TempDir() // a suite that was built beforehand leaves its report where it runs
	stage := func(code int, report string, settings []string, flags ...string) (output string) {
		suite := command(t, report, append(settings, "UNHAPPY_WORLD=virtual"), flags...)
		suite.Dir = at
		var out bytes.Buffer
		suite.Stdout, suite.Stderr = &out, &out
		if err := suite.Run(); err != nil {
			require.ErrorAs(t, err, new(*exec.ExitError))
		}
		require.Equal(t, code, suite.ProcessState.ExitCode(), out.String())
		return out.String()
	}
	folder := filepath.Join(at, "reports", "out")
	stage(0, "", nil, "-ginkgo.focus=(customer-3-double-click|plain-purchase) is")
	all := filesOf(t, folder)
	require.Contains(t, all, "runs.jsonl")
	require.Contains(t, all["report.html"], `id="plain-purchase"`)

	replay := []string{"UNHAPPY_REPLAY=customer-3-double-click"}
	output := stage(0, "", replay)
	require.Contains(t, output, "\nReport: "+filepath.Join(folder, "replay", "report.html")+"\n")
	require.Equal(t, all, filesOf(t, folder))
	require.Contains(t, filesOf(t, filepath.Join(folder, "replay"))["report.html"], `id="customer-3-double-click"`)

	named := filepath.Join(at, "named")
	output = stage(0, named, replay)
	require.Contains(t, output, "\nReport: "+filepath.Join(named, "report.html")+"\n")
	require.Equal(t, all, filesOf(t, folder))
}

// Where no run was staged, there is nothing to put in the place of a report.
func TestWhereNothingIsStagedNoReportIsOverwritten(t *testing.T) {
	output, _, report := run(t, []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_REPLAY=plain-purchase"})
	before := filesOf(t, report)
	require.Contains(t, before, "report.html", output)
	output, code, _ := run(t, []string{"UNHAPPY_WORLD=wire", "UNHAPPY_REPLAY=next-morning", "UNHAPPY_REPORT=" + report})
	require.Equal(t, 1, code, output)
	require.Contains(t, output, "no story was staged: it takes hours")
	require.NotContains(t, output, "Report:", "there is none of this staging")
	require.Equal(t, before, filesOf(t, report))
}

// At a shop of one's own, the replay's folder lies in the description's.
func TestAReplayOfAShopHasAFolderOfItsOwn(t *testing.T) {
	setting := shopOnTheWall(t, "")
	own := filepath.Join(filepath.Dir(strings.TrimPrefix(setting, "UNHAPPY_TARGET=")), "unhappypath", "shop")
	output, code, _ := run(t, []string{setting, "UNHAPPY_REPORT=", "UNHAPPY_REPLAY=plain-purchase"})
	require.Equal(t, 1, code, output)
	require.Contains(t, output, "\nReport: "+filepath.Join(own, "replay", "report.html")+"\n")
	require.Contains(t, output, " plain-purchase (1 of 1, repeat 1, ", "what is red is repeated, and says so")
	require.Empty(t, filesOf(t, own))
}

// Two stagings that would write to one folder overwrite each other's report: the second one
// says whose folder it is, and how to have another. What a killed one leaves stops nobody.
func TestAReportIsWrittenByOneProcessAtATime(t *testing.T) {
	setting := shopOnTheWall(t, "")
	own := filepath.Join(filepath.Dir(strings.TrimPrefix(setting, "UNHAPPY_TARGET=")), "unhappypath", "shop")
	require.NoError(t, os.MkdirAll(own, 0o755))
	replay := []string{setting, "UNHAPPY_TOOL=unhappypath", "UNHAPPY_REPORT=", "UNHAPPY_REPLAY=plain-purchase"}
	path := filepath.Join(own, ".lock-replay")
	lock := flock.New(path)
	taken, err := lock.TryLock()
	require.NoError(t, err)
	require.True(t, taken)
	require.NoError(t, os.WriteFile(path, []byte("4711\n"), 0o600))
	output, code, _ := run(t, replay)
	require.Equal(t, 2, code, output)
	require.Contains(t, output, fmt.Sprintf("the report's folder %[1]s is in use: process %[2]s writes there; wait until it ends, or name another folder, such as --report %[1]s-2\n",
		filepath.Join(own, "replay"), "4711"))
	require.NoDirExists(t, filepath.Join(own, "replay"))

	require.NoError(t, lock.Close())
	require.FileExists(t, path, "as a killed one leaves it")
	output, _, _ = run(t, replay)
	require.Contains(t, output, "\nReport: "+filepath.Join(own, "replay", "report.html")+"\n")
}

// What is wrong with a call of the tool is told in its flags, which are what was typed.
func TestTheToolsFlagsAreNamed(t *testing.T) {
	setting := shopOnTheWall(t, "")
	shop := strings.TrimPrefix(setting, "UNHAPPY_TARGET=")
	const explores = "-test.run=^TestExploration$"
	for name, row := range map[string]struct {
		set  []string
		says string
	}{
		"resume":         {[]string{"UNHAPPY_BUDGET=5", "UNHAPPY_RESUME=1"}, "--resume: no exploration to resume: there is no "},
		"without budget": {[]string{"UNHAPPY_RESUME=1"}, "--resume: nothing is resumed without a budget; name one, such as --budget 1h"},
		"report":         {[]string{"UNHAPPY_REPORT=/dev/null/x"}, "--report /dev/null/x: "},
		"story":          {[]string{"UNHAPPY_BUDGET=5", "UNHAPPY_REPLAY=no-such-story"}, "--story: no story was staged, for none is named"},
		"replay":         {[]string{"UNHAPPY_REPLAY=no-such-story"}, "STORY|TOKEN: no story was staged, for none is named"},
	} {
		output, code, _ := run(t, append([]string{setting, "UNHAPPY_TOOL=unhappypath"}, row.set...), explores)
		require.Equal(t, 2, code, "%s: %s", name, output)
		require.Contains(t, output, row.says)
		require.NotContains(t, output, "UNHAPPY_")
	}
	own := filepath.Join(filepath.Dir(shop), "unhappypath", "shop")
	require.NoError(t, os.WriteFile(own, nil, 0o600)) // no folder can be made there
	output, code, _ := run(t, []string{setting, "UNHAPPY_TOOL=unhappypath", "UNHAPPY_REPORT="})
	require.Equal(t, 2, code, output)
	require.Contains(t, output, "; --report names another folder")
}

// filesOf are the files of a folder, without those of folders in it.
func filesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	files := map[string]string{}
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".lock") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = string(text)
	}
	return files
}
