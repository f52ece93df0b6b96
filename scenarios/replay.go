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
)

// knowsTheStory says in one line that UNHAPPY_REPLAY names a story that nobody
// told, and which ones there are.
func (t *theatre) knowsTheStory() error {
	if t.Story == "" {
		return nil
	}
	if _, known := storyNamed(t.Story); known {
		return nil
	}
	var ids []string
	for _, s := range told {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return fmt.Errorf("UNHAPPY_REPLAY: no story was staged, for none is named %q; there are %s", t.Story, strings.Join(ids, ", "))
}

func storyNamed(id string) (harness.Story, bool) {
	i := slices.IndexFunc(told, func(s harness.Story) bool { return s.ID == id })
	if i < 0 {
		return harness.Story{}, false
	}
	return told[i], true
}

// tellAgain makes the one spec that a replay token asks for.
func (t *theatre) tellAgain(s harness.Story, r harness.Replay) {
	world, reason := t.replayedIn(s)
	ginkgo.It(fmt.Sprintf("is kept (%s), with %d strikes more", world, len(r.Strikes)), func(ctx ginkgo.SpecContext) {
		if reason != "" {
			ginkgo.Fail("the schedule cannot be replayed here: " + reason)
		}
		if run := t.again(ctx, s, r, world, "replay"); !run.Good() {
			ginkgo.Fail(run.FailureText())
		}
	})
}

// replayedIn is the world in which something found is enacted again, or says why
// none can: virtual time, where that is among the worlds, for there it was found.
// What is asked for is not measured by what a suite stages of its own accord.
func (t *theatre) replayedIn(s harness.Story) (world, reason string) {
	if t.guest != nil {
		_, reason = t.asGuest(s)
		return "wire", reason
	}
	if slices.Contains(t.Worlds, "virtual") {
		if reason = t.cannotBeVirtual(s); reason == "" || len(t.Worlds) == 1 {
			return "virtual", reason
		}
	}
	if slices.Contains(s.Labels, Long) {
		return "wire", "it takes hours: staged in virtual time only"
	}
	return "wire", ""
}

// again enacts what a replay says.
func (t *theatre) again(ctx context.Context, s harness.Story, r harness.Replay, world, form string) *harness.Run {
	s.Promises = nil // the standard ones, as when it was found
	if t.guest != nil {
		s, _ = t.guest.Story(s)
	}
	o := t.options(world, "kept", r.Without, r.Seed)
	o.Form = form
	o.Replay = t.ReplayTokenLine(r)
	if err := t.needs(s); err != nil {
		return t.show(harness.Unstaged(s, o, err.Error()))
	}
	return t.show(t.stage(ctx, r.Of(s), o))
}

// regressions is the folder of what explorations once found, and every later
// run replays first. They lie beside the stories, or beside the description of
// somebody's own shop.
func (t *theatre) regressions() string {
	if t.guest != nil {
		return filepath.Join(t.guest.Folder(), "unhappypath", "regressions")
	}
	return filepath.Join("testdata", "regressions")
}

// replayRegressions replays what was found before, before anything else. What is
// left out is read all the same, so that no damaged file goes unnoticed.
func (t *theatre) replayRegressions(test *testing.T) {
	if t.Again != nil || ginkgo.GinkgoParallelProcess() != 1 {
		return
	}
	files, err := filesIn(t.regressions(), "", ".json")
	if err != nil {
		test.Fatal(err)
	}
	for _, file := range files {
		r, err := readRegression(file)
		if err != nil {
			test.Error(err)
			continue
		}
		story, known := storyNamed(r.Story)
		switch {
		case !known:
			test.Errorf("%s: there is no story %q any more: delete the file, or name the story that took its place", file, r.Story)
		case t.Story == r.Story, t.Story == "" && t.has(story):
			t.replayRegression(test, file, story, r)
		}
	}
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

func (t *theatre) replayRegression(test *testing.T, file string, s harness.Story, r explore.Regression) {
	world, reason := t.replayedIn(s)
	if t.guest == nil && world == "wire" {
		reason = cmp.Or(reason, "it was found in virtual time, and on the wire its strikes may miss: UNHAPPY_WORLD=virtual replays it")
	}
	if reason != "" {
		fmt.Fprintf(t.out, "not replayed: %s: %s\n", file, reason)
		return
	}
	run := t.again(test.Context(), s, r.Replay, world, "regression-"+strings.TrimSuffix(filepath.Base(file), ".json"))
	switch run.Verdict() {
	case harness.Kept:
	case harness.Unproven:
		test.Errorf("%s proves nothing any more, for its strikes do not bite: delete it, and explore the story for what took their place\n%s", file, run.FailureText())
	default:
		test.Errorf("what was found before is back (%s):\n%s", file, run.FailureText())
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
func (t *theatre) keep(f explore.Finding, story string) (string, error) {
	folder := t.regressions()
	if _, err := os.Stat(filepath.Dir(folder)); err != nil && t.guest == nil {
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
