package scenarios

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// reenterAsWorker turns this process into a worker where it was started as one.
func reenterAsWorker() {
	if len(os.Args) < 2 || os.Args[1] != compose.WorkerRole {
		return
	}
	// The exploration says when it is over, by closing our input; so it does when
	// it dies. A signal to its group is not for us: what is under way would be lost.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	provider := ""
	if len(os.Args) > 2 {
		provider = os.Args[2]
	}
	studio := compose.StudioPaidBy(provider)
	stories, _ := exploredStories("", provider)
	headers := make([]explore.StoryHeader, len(stories))
	for i, s := range stories {
		headers[i] = explore.Header(s)
	}
	err := explore.Serve(context.Background(), os.Stdin, os.Stdout, headers, studio.Explores(stories))
	if err == nil {
		err = studio.Close() // otherwise a story may still be under way
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// exploredStories are those told that virtual time can stage, or the one of
// that id. Where there are none, it says why.
func exploredStories(id, provider string) (list []harness.Story, why string) {
	virtual := runner{Settings: settings.Settings{Database: "sqlite"}}
	for _, s := range told {
		if id != "" && id != s.ID {
			continue
		}
		reason := cmp.Or(virtual.cannotBeVirtual(s), needsAnother(s, provider))
		if reason == "" {
			list = append(list, s)
		}
		why = cmp.Or(why, reason)
	}
	slices.SortFunc(list, func(a, b harness.Story) int { return strings.Compare(a.ID, b.ID) })
	return list, why
}

// isLong says whether a story takes hours, and each schedule of it a good part
// of a second: too long for a short look.
func isLong(s harness.Story) bool { return slices.Contains(s.Labels, Long) }

// isDirected says whether a story is a plain purchase with one fault: the plain purchase
// has all that could be explored of it.
func isDirected(s harness.Story) bool { return slices.Contains(s.Labels, Directed) }

// shortly is how far the ordinary suite explores; hours are left to those who
// name a budget.
var shortly = settings.Budget{Time: 2 * time.Second}

// audited is how many of the pruned schedules of an exploration of all stories
// are run all the same, at least.
const audited = 1000

// ExploreStories looks for failures of every story that was told, within
// UNHAPPY_BUDGET, and fails with each that it finds.
func ExploreStories(t *testing.T) {
	dependOnSettings()
	switch {
	case suite.Again != nil:
		t.Skip("UNHAPPY_REPLAY asks for one schedule")
	case suite.targetShop != nil && suite.Story != "" && suite.Budget == (settings.Budget{}):
		t.Skip("UNHAPPY_REPLAY asks for one story: UNHAPPY_BUDGET explores it, too")
	case suite.cannotExplore() != "":
		t.Skip(suite.cannotExplore())
	case ginkgo.GinkgoParallelProcess() != 1:
		t.Skip("the first process of the suite explores, with all cores")
	}
	ctx := suite.stopped.heed()
	if suite.stopped.came() {
		t.Fatal("interrupted before; nothing was explored")
	}
	defer suite.ends(t)
	results, err := suite.explore(ctx)
	if errors.Is(err, errNoStory) && suite.Story != "" && suite.Budget == (settings.Budget{}) {
		t.Skip(err) // asked for is the story, and not to explore it
	}
	if errors.Is(err, errNobodyBuys) && suite.machine.slow != "" {
		return // which is told at the end
	}
	if errors.Is(err, errNobodyBuys) {
		t.FailNow() // what it came to is told at the end
	}
	if err != nil {
		suite.endings.wrong("✖ "+err.Error(), "")
		t.FailNow()
	}
	for _, r := range results {
		if suite.isRed(r, slices.ContainsFunc(results, func(o explore.Result) bool { return o.Tally().Explored > 0 })) {
			t.Fail()
		}
	}
	if ctx.Err() != nil {
		t.Error("interrupted; partial results above")
	}
}

// cannotExplore says why nothing is explored here, or "".
func (t *runner) cannotExplore() string {
	switch {
	case t.targetShop != nil && t.targetShop.StoryClock() == units.Wall && t.Budget == (settings.Budget{}):
		return "the shop's clock is the wall's, so that one schedule takes minutes: " + t.With("UNHAPPY_BUDGET", "1h") + " explores all the same"
	case t.targetShop == nil && (!slices.Contains(t.Worlds, "virtual") || t.Database != "sqlite"):
		return "explored is in virtual time, with SQLite"
	}
	return ""
}

// party is who tries the schedules of an exploration.
type party struct {
	try       explore.Try
	workers   int
	processes []string
	audit     int             // of all stories
	budget    settings.Budget // where nobody names another
	close     func() error
	real      func(harness.Story) *explore.Real // nil: no real time passes
	// noEpilogue says why no customer can send the same submit again at the end, or "".
	noEpilogue string
}

// gather is the party that explores the reference shop: a process for each core.
func (t *runner) gather() (party, error) {
	self, err := os.Executable()
	if err != nil {
		return party{}, err
	}
	pool, err := compose.Workers(self, t.Provider)
	if err != nil {
		return party{}, err
	}
	return party{try: pool.Try, workers: pool.Size(), processes: compose.Processes(), audit: audited, budget: shortly, close: pool.Close}, nil
}

var (
	errNoStory    = errors.New("nothing was explored, for no story can be")
	errNobodyBuys = errors.New("nothing was explored, for nobody can buy")
)

// explore explores the stories one after the other, each with its part of the
// budget.
func (t *runner) explore(ctx context.Context) ([]explore.Result, error) {
	stories, why := exploredStories(t.Story, t.Provider)
	if t.Story == "" {
		stories = slices.DeleteFunc(stories, isDirected)
	}
	if t.Story == "" && t.Budget == (settings.Budget{}) {
		stories = slices.DeleteFunc(stories, isLong)
	}
	gather := t.gather
	if t.targetShop != nil {
		stories, why = t.targetStories()
		gather = t.gatherTarget
	}
	if len(stories) == 0 {
		return nil, fmt.Errorf("%w: %s", errNoStory, why)
	}
	if t.targetShop != nil && (t.controlled(ctx).cannot != "" || t.control.lost != "") {
		return nil, errNobodyBuys
	}
	pool, err := gather()
	if err != nil {
		return nil, err
	}
	budget := t.Budget
	if budget == (settings.Budget{}) {
		budget = pool.budget
	}
	if err := t.begins(); err != nil {
		return nil, errors.Join(err, pool.close())
	}
	if t.journal != nil {
		pool.try = t.journal.Tries(pool.try)
	}
	teller := newTeller(t.out, len(stories), budget, pool.workers, t.Shard)
	if t.targetShop != nil && t.targetShop.StoryClock() == units.Wall {
		fmt.Fprintln(t.out, "On the wall's clock a schedule takes minutes, and what is under way when the time is over is brought to its end.")
	}
	var results []explore.Result
	var errs []error
	for i, s := range stories {
		share, some := shareOf(budget, stories[i:])
		if ctx.Err() != nil || !some {
			teller.unreached(stories[i:])
			break
		}
		var real *explore.Real
		if pool.real != nil {
			real = pool.real(s)
		}
		r, err := explore.Explore(ctx, explore.Config{
			Real:  real,
			Story: explore.Header(s), Seed: t.Seed, Without: t.Without, Try: pool.try, Workers: pool.workers,
			Processes: pool.processes, Shard: t.Shard, Space: fault.Space(t.Space), Audit: (pool.audit + len(stories) - 1) / len(stories),
			Schedules: share.Schedules, Time: share.Time, Watch: teller.watch(s.ID),
			Epilogues: pool.noEpilogue == "", NoEpilogue: pool.noEpilogue,
		})
		budget.Schedules -= share.Schedules
		if budget.Time -= min(share.Time, r.Took); pool.real != nil { // one schedule may be longer than a share
			budget.Time = max(0, budget.Time-max(0, r.Took-share.Time))
		}
		t.recordFindings(ctx, s, r)
		results = append(results, r)
		teller.told(r)
		errs = append(errs, err, t.tellFindings(teller, s, r))
	}
	errs = append(errs, pool.close())
	teller.sum(results)
	if t.Resume {
		teller.resumed(t.journal.Taken())
	}
	return results, errors.Join(append(errs, t.writeExploration(results))...)
}

// shareOf is the first story's share of a budget for these, and whether there is any: of a
// few schedules, the first stories have one each. What a story leaves of its time goes to
// those after it, and what it takes beyond its share is not taken from theirs; schedules are
// shared out as if each took its own, so that shards agree.
func shareOf(b settings.Budget, stories []harness.Story) (share settings.Budget, some bool) {
	all := 0
	for _, s := range stories {
		all += weightOf(s)
	}
	own := weightOf(stories[0])
	share.Schedules = max(min(1, b.Schedules), b.Schedules*own/all)
	share.Time = b.Time * time.Duration(own) / time.Duration(all)
	return share, share != settings.Budget{}
}

// weightOf says how much of a budget a story has, compared with others. Variants of one
// story have the same messages, and differ in how one of them is lost.
func weightOf(s harness.Story) int {
	if slices.Contains(s.Labels, Variant) {
		return 1
	}
	return 4
}

// tellFindings prints the findings, and keeps them for every later run. One that
// cannot be kept has been told all the same.
func (t *runner) tellFindings(teller *teller, s harness.Story, r explore.Result) error {
	var errs []error
	for _, f := range r.Findings {
		teller.finding(f, f.Line, t.asStory(s, f))
		t.endings.found(s.ID, f, f.Line)
		if len(t.Without) > 0 || f.Flaky {
			continue
		}
		path, err := t.keep(f, s.ID)
		if err != nil {
			errs = append(errs, fmt.Errorf("a finding of %s could not be kept: %w", s.ID, err))
			continue
		}
		teller.kept(path)
	}
	return errors.Join(errs...)
}

// writeExploration leaves the results in the report's folder with a page of
// them, or, of a shard, under its own name and without.
func (t *runner) writeExploration(results []explore.Result) error {
	if t.Shard.Of <= 1 {
		e := reports.Exploration{At: time.Now(), Commit: commit(), Results: results}
		err := t.writeFindings(e.Runs())
		path, wrong := reports.WriteExploration(t.folder, e)
		if err = errors.Join(err, wrong); err == nil {
			fmt.Fprintf(t.out, "Exploration: %s\n", path)
		}
		return err
	}
	name := fmt.Sprintf("exploration-%d-of-%d.json", t.Shard.I, t.Shard.Of)
	text, err := json.MarshalIndent(results, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(t.folder, name), append(text, '\n'), 0o644)
}
