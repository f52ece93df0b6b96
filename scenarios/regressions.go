package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// ownFolder is the folder of all that belongs to the description of somebody's own
// shop: unhappypath/NAME beside NAME.yaml, so that several descriptions in one
// folder, staged at once or one after the other, keep apart.
func (t *runner) ownFolder() string {
	name := strings.TrimSuffix(filepath.Base(t.Target), ".yaml")
	return filepath.Join(t.targetShop.Folder(), "unhappypath", name)
}

// regressions is the folder of what explorations once found, and every later run
// replays first. They lie beside the stories, or in the description's own folder.
func (t *runner) regressions() string {
	if t.targetShop != nil {
		return filepath.Join(t.ownFolder(), "regressions")
	}
	return filepath.Join("testdata", "regressions")
}

// regression is a finding that is kept in a file.
type regression struct {
	explore.Regression
	file  string
	story harness.Story
	// Shared says that the file does not tell which description it is of: before
	// each had a folder of its own, all in one folder shared one.
	shared bool
}

// replayRegressions replays what was found before, before anything else. What is
// left out is read all the same, so that no damaged file goes unnoticed. Where one
// story or one schedule is asked for, nothing else is replayed.
func (t *runner) replayRegressions(ctx context.Context, test *testing.T, stage bool) {
	if t.Story != "" || ginkgo.GinkgoParallelProcess() != 1 {
		return
	}
	list := t.readRegressions(test, t.regressions(), false)
	if t.targetShop != nil {
		list = append(list, t.readRegressions(test, filepath.Join(t.targetShop.Folder(), "unhappypath", "regressions"), true)...)
	}
	for _, r := range list {
		if stage && ctx.Err() == nil && t.has(r.story) {
			t.replayRegression(ctx, test, r)
		}
	}
	if stage && ctx.Err() != nil {
		test.Fail()
		t.endings.wrong("? UNPROVEN: interrupted while what was found before was replayed\n  Nothing else was staged.", "")
	}
}

// readRegressions reads all of a folder, and lets the test fail with what cannot be
// read.
func (t *runner) readRegressions(test *testing.T, folder string, shared bool) (list []regression) {
	fail := func(err error) {
		test.Fail()
		t.endings.wrong("✖ "+err.Error(), "")
	}
	files, err := filesIn(folder, "", ".json")
	if err != nil {
		fail(err)
	}
	for _, file := range files {
		read, err := readRegression(file)
		if err != nil {
			fail(err)
			continue
		}
		story, known := storyNamed(read.Story)
		if !known {
			fail(fmt.Errorf("%s: there is no story %q any more: delete the file, or name the story that took its place", file, read.Story))
			continue
		}
		list = append(list, regression{read, file, story, shared})
	}
	return list
}

// filesIn are the files of a folder that begin and end so. A folder that is not
// there has none. (filepath.Glob would take a folder's own name for a pattern.)
func filesIn(folder, begin, end string) (list []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, begin) && strings.HasSuffix(name, end) {
			list = append(list, filepath.Join(folder, name))
		}
	}
	return list, nil
}

func (t *runner) replayRegression(ctx context.Context, test *testing.T, r regression) {
	world, reason := t.replayedIn(r.story)
	if t.targetShop == nil && world == "wire" {
		reason = cmp.Or(reason, "it was found in virtual time, and on the wire its faults may miss: UNHAPPY_WORLD=virtual replays it")
	}
	if t.Provider != "" && slices.ContainsFunc(r.Replay.Injections, func(i injection.Injection) bool { return i.Trigger.Path != "" }) {
		reason = cmp.Or(reason, "it names a path of the usual provider's")
	}
	if reason != "" {
		fmt.Fprintf(t.out, "not replayed: %s: %s\n", r.file, reason)
		return
	}
	t.progress.place = "found before"
	name := "regression-" + strings.TrimSuffix(filepath.Base(r.file), ".json")
	run := t.again(ctx, r.story, r.Replay, world, name)
	if ctx.Err() != nil && run.Verdict() == judge.Unfinished {
		t.endings.forgive(run) // it is told once, by our caller
		return
	}
	if t.targetShop != nil && !run.Good() && !r.shared && ctx.Err() == nil {
		found, proof, text := t.repeat(ctx, run, t.repeats(ctx, func(form string) *judge.Run {
			return t.again(ctx, r.story, r.Replay, world, name+"-"+form)
		}))
		if proof == unjudged {
			t.endsAsSlow(text)
			t.endings.undecided(run)
			return
		}
		if proof == notAgain {
			if t.seenOnce(run, text) {
				test.Fail()
			}
			return
		}
		run = found
	}
	switch v := run.Verdict(); {
	case v == judge.Kept:
	case v == judge.Unproven && r.shared:
		t.endings.forgive(run)
		fmt.Fprintf(t.out, "    %s has no effect here, so it is taken for another description's: move it to unhappypath/NAME/regressions beside NAME.yaml, or delete it\n", r.file)
	case v == judge.Unproven:
		test.Fail()
		t.endings.because(run, r.file+" proves nothing any more, for its faults have no effect: delete it, and explore the story for what took their place")
	default:
		test.Fail()
		t.endings.because(run, "what was found before is back: "+r.file)
	}
}

func readRegression(path string) (explore.Regression, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return explore.Regression{}, err
	}
	r, err := explore.ParseRegression(text)
	if err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// keep writes a finding down for every later run, and says where. A prebuilt
// suite, which has no folder of its own, leaves it beside the report.
func (t *runner) keep(f explore.Finding, story string) (string, error) {
	folder := t.regressions()
	if _, err := os.Stat(filepath.Dir(folder)); err != nil && t.targetShop == nil {
		folder = filepath.Join(t.folder, "regressions")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	r := explore.RegressionOf(f, story)
	path := filepath.Join(folder, r.FileName())
	temporary := path + ".part"
	if err := os.WriteFile(temporary, r.Text(), 0o644); err != nil {
		return "", err
	}
	return path, os.Rename(temporary, path)
}
