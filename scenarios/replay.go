package scenarios

import (
	"context"
	"fmt"
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
	for _, world := range t.Worlds[:1] { // a finding is virtual time's; the wire has to be asked for
		ginkgo.It(fmt.Sprintf("is kept (%s), with %d strikes more", world, len(r.Strikes)), func(ctx ginkgo.SpecContext) {
			if reason := t.cannot(s, world); reason != "" {
				ginkgo.Skip(reason)
			}
			if run := t.again(ctx, s, r, world, "replay"); !run.Good() {
				ginkgo.Fail(run.FailureText())
			}
		})
	}
}

// again enacts what a replay says.
func (t *theatre) again(ctx context.Context, s harness.Story, r harness.Replay, world, form string) *harness.Run {
	s.Promises = nil // the standard ones, as when it was found
	o := t.options(world, "kept", r.Without, r.Seed)
	o.Form = form
	o.Replay = harness.ReplayTokenLine(r)
	return t.show(t.stage(ctx, r.Of(s), o))
}

// regressions are what explorations once found, and every later run replays
// first. They lie beside the stories.
const regressions = "testdata/regressions"

// replayRegressions replays what was found before, before anything else.
func (t *theatre) replayRegressions(test *testing.T) {
	if t.Again != nil || !slices.Contains(t.Worlds, "virtual") || t.Database != "sqlite" || ginkgo.GinkgoParallelProcess() != 1 {
		return
	}
	files, err := filepath.Glob(filepath.Join(regressions, "*.json"))
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
			run := t.again(test.Context(), story, r.Replay, "virtual", "regression-"+strings.TrimSuffix(filepath.Base(file), ".json"))
			switch run.Verdict() {
			case harness.Kept:
			case harness.Unproven:
				test.Errorf("%s proves nothing any more, for its strikes do not bite: delete it, and explore the story for what took their place\n%s", file, run.FailureText())
			default:
				test.Errorf("what was found before is back (%s):\n%s", file, run.FailureText())
			}
		}
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
	folder := regressions
	if _, err := os.Stat(filepath.Dir(folder)); err != nil {
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
