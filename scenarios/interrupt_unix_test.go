//go:build unix

package scenarios_test

import (
	"bytes"
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
func starts(t *testing.T, report string) (suite *suiteProcess, shop int) {
	t.Helper()
	suite = &suiteProcess{done: make(chan error, 1)}
	cmd := command(t, report, inTheMiddle)
	cmd.Stdout, cmd.Stderr = &suite.out, &suite.out
	require.NoError(t, cmd.Start())
	suite.signal = cmd.Process.Signal
	go func() { suite.done <- cmd.Wait() }()

	clicked := regexp.MustCompile(`"pid":(\d+),"what":"ready"(?s:.*)"does":"clicks"`)
	gomega.NewWithT(t).Eventually(func() int {
		parts, _ := filepath.Glob(filepath.Join(report, "runs-*.jsonl"))
		if len(parts) == 0 {
			return 0
		}
		text, _ := os.ReadFile(parts[0])
		if found := clicked.FindSubmatch(text); found != nil {
			shop, _ = strconv.Atoi(string(found[1]))
		}
		return shop
	}, 20*time.Second).ShouldNot(gomega.BeZero(), "the shop runs and the customer has clicked")
	require.NoError(t, syscall.Kill(shop, 0), "the shop is alive")
	return suite, shop
}

type suiteProcess struct {
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
	suite, shop := starts(t, report)
	require.NoError(t, suite.signal(os.Interrupt))
	ended := new(exec.ExitError)
	require.ErrorAs(t, <-suite.done, &ended, "an interrupted suite is not green")
	require.Equal(t, 3, ended.ExitCode(), "nobody knows what would have come")
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

func TestAKilledSuiteLeavesNoProcess(t *testing.T) {
	suite, shop := starts(t, t.TempDir())
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
