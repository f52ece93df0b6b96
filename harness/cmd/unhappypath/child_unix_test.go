//go:build unix

package main

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// aSuite stands for the program that has the stories inside. It says by which signals it
// was asked to end, and ends a moment after the first one, with how many they were.
const aSuite = `#!/bin/sh
n=0
trap 'n=$((n+1)); echo INT >> heard' INT
trap 'n=$((n+1)); echo TERM >> heard' TERM
echo $$ > number && mv number runs
while [ $n -eq 0 ]; do sleep 0.05; done
sleep 0.5
exit $((10+n))
`

const aShop = `version: 1
name: Corner shop
service: {command: [go, version]}
money: {amount: 49900, currency: NOK}
customer:
  open: [{get: "/cart/${basket}"}]
  submit: {post: /buy}
  screens: [{status: 200, says: shipped}]
`

// stages begins the tool in a group of its own, as a shell does, and returns the folder in
// which its suite runs, and the suite's process id.
func stages(t *testing.T) (tool *exec.Cmd, folder string, suite int) {
	t.Helper()
	folder = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "unhappypath-scenarios"), []byte(aSuite), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "shop.yaml"), []byte(aShop), 0o600))
	tool = exec.CommandContext(t.Context(), "unhappypath", "run", "shop.yaml")
	tool.Dir = folder
	tool.Env = append(os.Environ(), "PATH="+folder+string(filepath.ListSeparator)+os.Getenv("PATH"))
	tool.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, tool.Start())
	suite, err := strconv.Atoi(reads(t, filepath.Join(folder, "runs")))
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Kill(suite, syscall.SIGKILL) })
	return tool, folder, suite
}

// reads waits until a file is there, and reads it.
func reads(t *testing.T, path string) (text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		all, err := os.ReadFile(path)
		text = strings.TrimSpace(string(all))
		return err == nil && text != ""
	}, 20*time.Second, 10*time.Millisecond, path)
	return text
}

// A signal to the tool alone reaches the suite, and one that a terminal sends to both of
// them does so once.
func TestASignalReachesTheSuiteOnce(t *testing.T) {
	for name, c := range map[string]struct {
		signal syscall.Signal
		group  bool
		heard  string
	}{
		"to the tool":           {syscall.SIGTERM, false, "TERM"},
		"interrupt to the tool": {syscall.SIGINT, false, "INT"},
		"to the group":          {syscall.SIGINT, true, "INT"},
		"terminal gone":         {syscall.SIGHUP, true, "TERM"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if signal.Ignored(c.signal) {
				t.Skipf("%s is ignored here, as under nohup: run the test without it", c.signal)
			}
			tool, folder, suite := stages(t)
			pid := tool.Process.Pid
			group, err := syscall.Getpgid(suite)
			require.NoError(t, err)
			require.NotEqual(t, pid, group, "what the tool's group hears, the suite hears from the tool alone")
			if c.group {
				pid = -pid
			}
			require.NoError(t, syscall.Kill(pid, c.signal))
			require.Equal(t, c.heard, reads(t, filepath.Join(folder, "heard")))
			_ = tool.Wait()
			require.Equal(t, 11, tool.ProcessState.ExitCode(), "the suite heard it once, and its exit code is the tool's")
			require.Equal(t, c.heard, reads(t, filepath.Join(folder, "heard")))
		})
	}
}
