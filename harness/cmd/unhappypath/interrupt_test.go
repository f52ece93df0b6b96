package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// tree is what a folder has in it.
func tree(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestAnInterruptLeavesNothingHalfWritten(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, writeRecords(dir))
	before := tree(t, dir)
	in := func(name string) string { return filepath.Join(dir, name) }
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	for _, args := range [][]string{
		{"report", "render", in("kept.jsonl"), "--out", in("out")},
		{"report", "merge", in("shard-1.jsonl"), in("shard-2.jsonl"), "-o", in("merged.jsonl")},
		{"report", "merge", in("exploration-1-of-3.json"), "-o", in("merged.jsonl")},
		{"report", "diff", in("kept.jsonl"), in("broken.jsonl")},
		{"judge", in("kept.jsonl")},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, exitHarness, execute(ctx, args, &out, &errs), args)
		require.Contains(t, errs.String(), "interrupted")
		require.Equal(t, before, tree(t, dir), args)
	}
}

func TestAnInterruptWhileItIsWrittenLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "runs.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("before"), 0o644))
	ctx, interrupt := context.WithCancel(t.Context())
	err := writeFile(ctx, path, func(w io.Writer) error {
		_, err := io.WriteString(w, "half of")
		interrupt()
		return err
	})
	require.ErrorContains(t, err, "was not written: interrupted")
	require.Equal(t, []string{"runs.jsonl"}, tree(t, dir))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "before", string(text))
}

func TestASuiteIsNotStartedAfterAnInterrupt(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(self, "-test.list=.")
	require.ErrorIs(t, runChild(ctx, child), errInterrupted)
	require.Nil(t, child.Process)
}

// timeout sends its signal to the tool and to the tool's group. Anyone who asks again a
// while later has lost patience, and the suite is told.
func TestSignalsAtOnceAreOneWish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard, over := make(chan os.Signal), make(chan struct{})
		var passed []os.Signal
		go eachWish(heard, over, func(s os.Signal) { passed = append(passed, s) })
		heard <- os.Interrupt
		heard <- syscall.SIGTERM
		time.Sleep(apart / 2)
		heard <- syscall.SIGTERM
		time.Sleep(2 * apart)
		heard <- syscall.SIGTERM
		close(over)
		synctest.Wait()
		require.Equal(t, []os.Signal{os.Interrupt, syscall.SIGTERM}, passed)
	})
}
