package scenarios

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// knowsTheStory says in one line that a story is asked for that nobody
// told, and which ones there are.
func knowsTheStory(s settings.Settings) error {
	if s.Story == "" {
		return nil
	}
	if _, known := storyNamed(s.Story); known {
		return nil
	}
	var ids []string
	for _, s := range told {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return fmt.Errorf("%s: no story was staged, for none is named %q; there are %s", s.Named("UNHAPPY_REPLAY"), s.Story, strings.Join(ids, ", "))
}

// knowsTheHops says in one line that what UNHAPPY_REPLAY says hits a hop that the shop
// does not have.
func (t *runner) knowsTheHops() error {
	if t.Again == nil {
		return nil
	}
	if _, err := t.Again.Injections.Resolve(t.routes()); err != nil && !errors.Is(err, injection.ErrNoRoute) {
		return fmt.Errorf("%s: %w", t.Named("UNHAPPY_REPLAY"), err)
	}
	return nil
}

func storyNamed(id string) (harness.Story, bool) {
	i := slices.IndexFunc(told, func(s harness.Story) bool { return s.ID == id })
	if i < 0 {
		return harness.Story{}, false
	}
	return told[i], true
}

// tellAgain makes the one spec that a replay token asks for.
func (t *runner) tellAgain(s harness.Story, r record.Replay) {
	world, reason := t.replayedIn(s)
	ginkgo.It(fmt.Sprintf("is kept (%s), with %d injections more", world, len(r.Injections)), func(ctx ginkgo.SpecContext) {
		if reason != "" {
			ginkgo.Fail("the schedule cannot be replayed here: " + reason)
		}
		if t.targetShop != nil {
			t.judgeAgain(ctx, s, r, world)
			return
		}
		if run := t.again(ctx, s, r, world, "replay"); !run.Good() {
			ginkgo.Fail(run.FailureText())
		}
	})
}

// replayedIn is the world in which something found is enacted again, or says why
// none can: virtual time, where that is among the worlds, for there it was found.
// What is asked for is not measured by what a suite stages by itself.
func (t *runner) replayedIn(s harness.Story) (world, reason string) {
	if t.targetShop != nil {
		_, reason = t.asTarget(s)
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
func (t *runner) again(ctx context.Context, s harness.Story, r record.Replay, world, form string) *judge.Run {
	if t.targetShop != nil {
		s, _ = t.targetShop.Story(s)
	}
	r.Injections = r.Injections.Named(t.routes())
	o := t.options(world, "kept", r.Without, r.Seed)
	o.Form = form
	o.Replay = t.ReplayTokenLine(r)
	if err := t.needs(s); err != nil {
		return t.showAs(enact.Unstaged(s, o, err.Error()), placeOfRepeat(t.progress.place, form))
	}
	return t.showAs(t.stage(ctx, enact.Replayed(s, r), o), placeOfRepeat(t.progress.place, form))
}

// tellBrokenBefore tells of a story that is replayed and came out well how often it broke in
// the report of all stories: what breaks at times is no better for one run that does not.
func (t *runner) tellBrokenBefore(run *judge.Run) {
	if t.runsFolder() == t.folder { // there is no other report
		return
	}
	runs, err := readPart(filepath.Join(t.folder, "runs.jsonl"))
	if err != nil { // it is of an older version
		return
	}
	all, broken := 0, 0
	for _, r := range runs {
		if r.Story == run.Story && r.Schedule.String() == run.Schedule.String() {
			all++
			if r.Verdict() == judge.Broken {
				broken++
			}
		}
	}
	if broken > 0 {
		fmt.Fprintf(t.out, "    it broke in %d of %s of %s: where the shop is the same since, replay it again\n",
			broken, counted(all, "run", "runs"), filepath.Join(t.folder, "report.html"))
	}
}
