package scenarios

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// suite is the stage of this process, and told are its stories. Ginkgo's tree of
// specs is a value of the package too, so there is one suite in a process and it
// can be kept here.
var (
	suite  *runner
	told   []harness.Story
	places []string // where they are told, for the same indices
)

func staging() *runner { return suite }

// Main is the TestMain of a package that tells stories: it runs as the shop
// when re-executed, and ends with one line on an unknown setting.
func Main(m *testing.M) {
	compose.Reenter()
	reenterAsWorker()
	if len(os.Args) == 2 && strings.TrimLeft(os.Args[1], "-") == "version" && strings.HasPrefix(os.Args[1], "-") {
		fmt.Print(settings.VersionOf(filepath.Base(os.Args[0])))
		os.Exit(0)
	}
	flag.Parse()
	settings, err := settings.Parse(os.Environ())
	if err == nil {
		err = checkMemory(settings)
	}
	if err == nil {
		err = checkSettings(settings)
	}
	if err == nil {
		suite, err = open(settings, ginkgo.GinkgoParallelProcess(), os.Stdout)
	}
	switch {
	case errors.Is(err, errInterrupted):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	code := m.Run()
	if err := suite.close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	suite.endings.tell(suite.out, suite.paint, suite.report)
	if suite.report != "" { // last, where anyone who has read that it is red looks next
		fmt.Println("Report:", suite.report)
	}
	os.Exit(suite.exitCode(code))
}

// dependOnSettings lets “go test” know that what it remembers of a green test
// depends on all settings: it listens to what is asked for within a test.
func dependOnSettings() {
	for _, name := range settings.Names() {
		os.Getenv(name)
	}
}

// checkMemory refuses a run whose result “go test” would remember though it
// cannot know on what it depends: what somebody's own shop is made of.
func checkMemory(s settings.Settings) error {
	if remembers := flag.Lookup("test.testlogfile"); s.Target != "" && remembers != nil && remembers.Value.String() != "" {
		return errors.New("UNHAPPY_TARGET: “go test” would remember this result and show it again when your shop has changed: add -count=1")
	}
	return nil
}

// reserve is what the suite leaves of go test's own time-out for the report.
const reserve = 20 * time.Second

// RunStories stages every story that was told, and leaves the report.
func RunStories(t *testing.T) {
	dependOnSettings()
	defer suite.ends(t)
	suite.isStagedBy(t.Name())
	ctx := suite.stopped.heed()
	config, reporter := ginkgo.GinkgoConfiguration()
	config.RandomSeed = seedOf(config, suite.Settings)
	reporter.NoColor = reporter.NoColor || !bool(suite.paint)
	gomega.RegisterFailHandler(ginkgo.Fail)
	if !config.DryRun {
		suite.progress.count(config)
		suite.heading()
		suite.replayRegressions(ctx, t, suite.controlFirst(ctx, t))
	}
	if deadline, ok := t.Deadline(); ok {
		config.Timeout = min(config.Timeout, time.Until(deadline)-reserve)
	}
	ginkgo.ReportBeforeEach(func(r ginkgo.SpecReport) {
		if !suite.stopped.came() { // else it is about to be skipped
			suite.progress.begins(r)
		}
	})
	ginkgo.BeforeEach(func() { // Ginkgo knows of no signal that came before it began
		if suite.stopped.came() {
			ginkgo.Skip(notBegun)
		}
	})
	ginkgo.ReportAfterSuite("the report", func(r ginkgo.Report) { suite.finish(r) })
	stage := func() { ginkgo.RunSpecs(t, "Checkout stories", config, reporter) }
	if speaksForItself(config, reporter) {
		hushed(stage)
	} else {
		stage()
	}
}

// finish runs once, when all processes are through: it merges their records
// and builds the report.
func (t *runner) finish(r ginkgo.Report) {
	ran := r.SpecReports.WithLeafNodeType(types.NodeTypeIt).CountWithState(
		types.SpecStatePassed | types.SpecStateFailureStates)
	if r.SuiteConfig.DryRun {
		return
	}
	skips := skipped(r)
	if ran > 0 && r.SpecReports.CountWithState(types.SpecStateInterrupted|types.SpecStateTimedout) == 0 && !t.stopped.came() {
		t.controlLast(t.stopped.heed())
	}
	runs, path, err := t.publish(skips)
	fmt.Fprintln(t.out)
	t.unstaged(r)
	if t.progress.total > 0 && (t.stopped.came() || r.SpecReports.CountWithState(types.SpecStateInterrupted) > 0) {
		fmt.Fprintf(t.out, "Interrupted: %d of %d stories were begun\n", t.progress.at, t.progress.total)
	}
	fmt.Fprintln(t.out, tally(runs))
	t.report = path
	t.endings.collect(r)
	if err == nil && ran == 0 && !t.stopped.came() && t.control.cannot == "" && t.machine.slow == "" { // else it was told already
		err = errors.New("no story was staged: " + t.whyNone(skips))
	}
	if err != nil {
		t.endings.wrong("✖ "+err.Error(), "")
		ginkgo.Fail(err.Error())
	}
}

// skipped are the specs that were not run, and why.
func skipped(r ginkgo.Report) []reports.Skip {
	var list []reports.Skip
	for _, spec := range r.SpecReports {
		if spec.State == types.SpecStateSkipped && spec.Failure.Message != "" {
			list = append(list, reports.Skip{Name: spec.FullText(), Reason: spec.Failure.Message})
		}
	}
	return list
}

// tally counts what was staged.
func tally(runs []*judge.Run) string {
	good, effects := 0, 0
	for _, r := range runs {
		if r.Good() {
			good++
		}
		for i := range r.Schedule {
			effects += len(r.Effects(i))
		}
	}
	as := fmt.Sprint(good)
	if good > 0 && good == len(runs) {
		as = "all"
	}
	return fmt.Sprintf("%s, %s as they should be; injections took effect %s", counted(len(runs), "run", "runs"), as, counted(effects, "time", "times"))
}

// publish merges the parts of the record and writes the report. Parts of other
// runs of the suite are not ours to tell: what was left behind is removed, and
// what is still being written stays.
func (t *runner) publish(skips []reports.Skip) ([]*judge.Run, string, error) {
	parts, err := filesIn(t.folder, "runs-", ".jsonl")
	if err != nil {
		return nil, "", err
	}
	var runs []*judge.Run
	var errs []error
	if !slices.Contains(parts, t.part) {
		errs = append(errs, fmt.Errorf("the record of this run is gone: somebody removed %s", t.part))
	}
	for _, part := range parts {
		if !strings.HasPrefix(filepath.Base(part), t.ours()) {
			if isLeftBehind(part) {
				_ = os.Remove(part) // somebody else may have done it
			}
			continue
		}
		read, err := readPart(part)
		if err != nil { // what is in it may be worth looking at: a later staging removes it
			errs = append(errs, err)
			continue
		}
		runs = append(runs, read...)
		errs = append(errs, os.Remove(part))
	}
	origin := t.origin
	origin.Runs = len(runs)
	for _, s := range skips {
		origin.Skipped = append(origin.Skipped, record.Skip{Name: s.Name, Reason: s.Reason})
	}
	about := reports.About{
		Title: origin.Title(), Commit: origin.Commit, At: time.Now(), Skipped: skips, Baseline: t.baseline,
	}
	errs = append(errs, tellGitHub(t.out, runs, about))
	folder := t.runsFolder()
	if len(runs) == 0 && isReported(folder) {
		return nil, "", errors.Join(errs...)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return runs, "", errors.Join(append(errs, t.cannotReport(err))...)
	}
	errs = append(errs, writeRecord(filepath.Join(folder, "runs.jsonl"), origin, runs))
	path, err := reports.Write(folder, runs, about)
	return runs, path, errors.Join(append(errs, err)...)
}

// isReported says whether a folder has a report already: a staging without any run has
// nothing to put in its place.
func isReported(folder string) bool {
	for _, name := range []string{"runs.jsonl", "report.html"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return true
		}
	}
	return false
}

// isLeftBehind says whether nobody has written to a part for longer than any
// story takes.
func isLeftBehind(part string) bool {
	info, err := os.Stat(part)
	return err == nil && time.Since(info.ModTime()) > time.Hour
}

func readPart(part string) ([]*judge.Run, error) {
	file, err := os.Open(part)
	if err != nil {
		return nil, fmt.Errorf("the record cannot be read: %w", err)
	}
	defer file.Close()
	runs, err := record.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(part), err)
	}
	return runs, nil
}

func writeRecord(path string, origin record.Origin, runs []*judge.Run) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	record := record.NewWriter(file)
	record.From(origin)
	for _, run := range runs {
		record.Write(run)
	}
	return errors.Join(record.Err(), file.Close())
}
