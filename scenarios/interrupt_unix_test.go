//go:build unix

package scenarios_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// A story that takes long enough to be interrupted.
var inTheMiddle = []string{"UNHAPPY_WORLD=wire", "UNHAPPY_CLOCK=2", "UNHAPPY_REPLAY=customer-2-charged-twice"}

// starts begins the suite and returns it with its shop's process id, which is
// known to be alive.
func starts(t *testing.T, report string, settings []string, flags ...string) (suite *suiteProcess, shop int) {
	t.Helper()
	suite = begins(t, report, settings, flags...)
	found := suite.records(t, `"pid":(\d+),"what":"ready"(?s:.*)"does":"clicks"`, "the shop runs and the customer has clicked")
	shop, err := strconv.Atoi(found[1])
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(shop, 0), "the shop is alive")
	return suite, shop
}

// begins begins the suite.
func begins(t *testing.T, report string, settings []string, flags ...string) *suiteProcess {
	t.Helper()
	suite := &suiteProcess{report: report, done: make(chan error, 1)}
	cmd := command(t, report, settings, flags...)
	cmd.Stdout, cmd.Stderr = &suite.out, &suite.out
	require.NoError(t, cmd.Start())
	suite.signal = cmd.Process.Signal
	go func() { suite.done <- cmd.Wait() }()
	return suite
}

// records waits until the suite has recorded something.
func (s *suiteProcess) records(t *testing.T, what, why string) (found []string) {
	t.Helper()
	pattern := regexp.MustCompile(what)
	gomega.NewWithT(t).Eventually(func() []string {
		parts, _ := filepath.Glob(filepath.Join(s.report, "runs-*.jsonl"))
		if len(parts) == 0 {
			return nil
		}
		text, _ := os.ReadFile(parts[0])
		found = pattern.FindStringSubmatch(string(text))
		return found
	}, 60*time.Second).ShouldNot(gomega.BeEmpty(), why)
	return found
}

// ends waits for the end of an interrupted suite, which is long before the end of what
// it was at, and returns its exit code.
func (s *suiteProcess) ends(t *testing.T) int {
	t.Helper()
	select {
	case err := <-s.done:
		ended := new(exec.ExitError)
		require.ErrorAs(t, err, &ended, "an interrupted suite is not green")
		return ended.ExitCode()
	case <-time.After(10 * time.Second):
		require.Fail(t, "the suite goes on")
		return 0
	}
}

type suiteProcess struct {
	report string
	out    bytes.Buffer
	signal func(os.Signal) error
	done   chan error
}

func gone(t *testing.T, pid int) {
	t.Helper()
	gomega.NewWithT(t).Eventually(func() error { return syscall.Kill(pid, 0) }, 10*time.Second).
		Should(gomega.MatchError(syscall.ESRCH), "no process of the shop is left")
}

func TestCtrlCLeavesNoProcessAndTheReportOfWhatWasDone(t *testing.T) {
	report := t.TempDir()
	suite, shop := starts(t, report, inTheMiddle)
	require.NoError(t, suite.signal(os.Interrupt))
	require.Equal(t, 3, suite.ends(t), "nobody knows what would have come")
	gone(t, shop)

	file, err := os.Open(filepath.Join(report, "runs.jsonl"))
	require.NoError(t, err, suite.out.String())
	defer file.Close()
	runs, err := record.ReadAll(file)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, judge.Unfinished, runs[0].Verdict())
	html, err := os.ReadFile(filepath.Join(report, "report.html"))
	require.NoError(t, err)
	require.Contains(t, string(html), "UNFINISHED")
	compare(t, "interrupted", strings.ReplaceAll(suite.out.String(), report, "REPORT"))
}

// Both tests are of one suite: an interruption of the first is one of the second.
const storiesThenExploration = "-test.run=^(TestScenarios|TestExploration)$"

func TestAnInterruptInAStoryLeavesTheExplorationOut(t *testing.T) {
	suite, shop := starts(t, t.TempDir(), append([]string{"UNHAPPY_BUDGET=1m"}, append(inTheMiddle, "UNHAPPY_WORLD=virtual,wire")...), storiesThenExploration)
	require.NoError(t, suite.signal(os.Interrupt))
	require.Equal(t, 3, suite.ends(t))
	gone(t, shop)
	require.Contains(t, suite.out.String(), "Interrupted: ")
	require.Contains(t, suite.out.String(), "interrupted before; nothing was explored")
	require.NotContains(t, suite.out.String(), "Exploring ")
}

// remembers is the description of a shop at which something was found that takes half
// a minute to come about once more.
func remembers(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	description := filepath.Join(folder, "shop.yaml")
	text := strings.NewReplacer(
		`{command: [node, shop.js], environment: {PORT: "${service.port}"}}`, "{url: "+sellsOut(t, 100)+"}",
		"clock: 50", "clock: 10\nquiet: 5s",
		"silence: 5s", "timeout: 40m",
	).Replace(fmt.Sprintf(decliningFirst, portOf(t)))
	require.NoError(t, os.WriteFile(description, []byte(text), 0o600))
	kept := filepath.Join(folder, "unhappypath", "shop", "regressions")
	require.NoError(t, os.MkdirAll(kept, 0o755))
	for _, name := range []string{"first.json", "second.json"} {
		text := `{"version":2,"story":"plain-purchase","seed":1,"injections":["Submit #1 answered: delay 30m"]}`
		require.NoError(t, os.WriteFile(filepath.Join(kept, name), []byte(text), 0o600))
	}
	return description
}

func TestAnInterruptWhileRegressionsAreReplayedEndsTheSuite(t *testing.T) {
	t.Parallel()
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			suite := begins(t, t.TempDir(), []string{"UNHAPPY_TARGET=" + remembers(t), "UNHAPPY_BUDGET=1m"}, storiesThenExploration)
			suite.records(t, `regression-first(?s:.*)"does":"clicks"`, "the first of what was found before is replayed")
			require.NoError(t, suite.signal(s))
			require.Equal(t, 1, suite.ends(t), "nothing is proven")
			said := suite.out.String()
			require.Equal(t, 1, strings.Count(said, "(found before"), said)
			require.Equal(t, 1, strings.Count(said, "UNPROVEN: interrupted while what was found before was replayed\n  Nothing else was staged."), said)
			require.Contains(t, said, "Interrupted: 0 of ")
			require.NotContains(t, said, "what was found before is back")
			require.NotContains(t, said, lostConfirmation.ID)
			require.NotContains(t, said, "Exploring ")
			require.FileExists(t, filepath.Join(suite.report, "report.html"))
		})
	}
}

func TestAKilledSuiteLeavesNoProcess(t *testing.T) {
	suite, shop := starts(t, t.TempDir(), inTheMiddle)
	require.NoError(t, suite.signal(syscall.SIGKILL))
	require.Error(t, <-suite.done)
	gone(t, shop)
}

// “timeout” and a CI runner send SIGTERM to a whole group of processes, and a
// terminal SIGINT. The exploration alone is to heed them: its workers bring to an
// end what they are at.
func TestAWorkerOfAnExplorationLeavesSignalsToIt(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	var worker *exec.Cmd
	pool, err := explore.NewPool(1, func() *exec.Cmd {
		worker = exec.Command(self, compose.WorkerRole)
		return worker
	})
	require.NoError(t, err)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		require.NoError(t, worker.Process.Signal(s))
		o, err := pool.Try(t.Context(), explore.Trial{Story: doubleClick.ID, Seed: 1})
		require.NoError(t, err)
		require.Equal(t, judge.Kept, o.Verdict, "%s: %s", s, o.Because)
	}
	require.NoError(t, pool.Close())
}
