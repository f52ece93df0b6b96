package scenarios_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/samples"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// aClick is enough to find out what a hostile service is like.
var aClick = Story{
	ID:   "a-click",
	Plot: "Ana clicks submit and waits for a minute.",
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(time.Minute)
	},
}

// hostile says how each service misbehaves, and the sentence that a person gets
// to read of it.
var hostile = map[string]struct {
	verdict judge.Verdict
	says    string
}{
	"never_ready":     {Unfinished, `the shop was not ready within 10s: nothing listened at 127\.0\.0\.1:\d+; it last said:\nI am thinking`},
	"exits":           {Unfinished, `the shop ended before it was ready: .*exit status 1; it last said:\nno database at db.internal:5432`},
	"floods":          {Unfinished, `the shop ended before it was ready: .*exit status 1; it last said:\n(?s:.*)that was all`},
	"garbage":         {Unfinished, `the page did not come: `},
	"leaks":           {Unfinished, `the page did not come: .*deadline exceeded`},
	"hangs":           {Broken, `b-ana clicked and was never told anything(?s:.*)one message still had no answer when the harness gave up`},
	"ignores_sigterm": {Broken, `b-ana clicked and was never told anything(?s:.*)one message still had no answer when the harness gave up`},
	"forks":           {Broken, `b-ana clicked and was never told anything(?s:.*)one message still had no answer when the harness gave up`},
}

func TestAHostileServiceGetsASentenceAndLeavesNothingBehind(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("whose process is whose is read in /proc")
	}
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	healthy := loaded(t, samples.Sample{Language: "python", Kind: "mended"})
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	before := goleak.IgnoreCurrent()
	ports := wire.NewPorts(2)
	enact := func(shop *target.Target, story Story) *Run {
		own, why := shop.Story(story)
		require.Empty(t, why)
		return enact.Run(t.Context(), own, enact.Options{World: "wire", Clock: 50, Seed: 1, Expects: "kept", Routes: compose.TargetRoutes(shop)}, compose.Target(shop, compose.Resources{Ports: ports}))
	}

	runs := map[string]*Run{}
	var mu sync.Mutex
	var playing sync.WaitGroup
	memory := inUse()
	for name := range hostile {
		shop, err := target.Load("testdata/targets/hostile/hostile.yaml", fakes.Providers())
		require.NoError(t, err)
		shop.Service.Command = append(shop.Service.Command, name)
		playing.Go(func() {
			run := enact(shop, aClick)
			mu.Lock()
			defer mu.Unlock()
			runs[name] = run
		})
	}
	playing.Wait()
	for name, want := range hostile {
		run := runs[name]
		t.Logf("%s, after %s: %s", name, run.Took.Round(time.Millisecond), run.FailureText())
		require.Equal(t, want.verdict, run.Verdict(), name)
		require.Regexp(t, regexp.MustCompile(want.says), run.FailureText(), name)
		require.Less(t, len(run.FailureText()), 16<<10, "%s: a person is to read it", name)
		require.Less(t, run.Took, time.Minute, name)
	}
	require.Less(t, inUse(), memory+64<<20, "100 MB of a service's words are not kept")
	// A busy machine takes a while to bury a process that was killed.
	require.Eventually(t, func() bool { return len(processes("hostile.py")) == 0 }, time.Minute, 10*time.Millisecond,
		"still there: %v", processes("hostile.py"))
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
	goleak.VerifyNone(t, before)

	next := enact(healthy, doubleClick)
	require.True(t, next.Good(), next.FailureText())
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// processes are the command lines of those whose program or argument is so named.
func processes(name string) (list []string) {
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range found {
		text, err := os.ReadFile(file)
		words := strings.Split(string(bytes.TrimRight(text, "\x00")), "\x00")
		if err == nil && slices.ContainsFunc(words, func(w string) bool { return filepath.Base(w) == name }) {
			list = append(list, filepath.Base(filepath.Dir(file))+" "+strings.Join(words, " "))
		}
	}
	return list
}
