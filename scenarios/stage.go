package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/gofrs/flock"
	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/harness/terminal"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/postgres"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// runner is the suite's stage: the settings, what they need, and the record.
type runner struct {
	settings.Settings
	out     io.Writer // a line a story
	folder  string    // of what a suite leaves; see runsFolder for the report of its runs
	report  string    // its page, once it is written
	part    string    // this process's record
	lock    *flock.Flock
	file    *os.File
	record  *record.Writer
	origin  record.Origin
	journal *explore.Journal // of the exploration; nil: none is kept
	// What the runs are compared with; nil: nothing.
	baseline []*judge.Run

	targetShop *target.Target // somebody's own shop; nil: the reference shop
	control    control        // of that shop
	machine    machine
	hands      compose.Resources
	studio     *compose.Studio

	paint    terminal.Paint
	progress progress
	sites    *compose.Sites // where an exploration's shops live on; nil: they are started for each schedule
	endings  endings
	live     string // where a live key was seen, or ""
	stopped  interruption
	mu       sync.Mutex // guards hands.Browser and live, and keeps printed lines whole
}

// open prepares what the settings ask for.
func open(s settings.Settings, process int, out io.Writer) (*runner, error) {
	if err := checkStories(told, places); err != nil {
		return nil, err
	}
	if s.Provider != "" && !slices.Contains(checkout.Providers(), s.Provider) {
		return nil, fmt.Errorf("UNHAPPY_PROVIDER: %q is unknown; valid: %s", s.Provider, strings.Join(checkout.Providers(), ", "))
	}
	t := &runner{Settings: s, out: out, paint: terminal.For(out), studio: compose.StudioPaidBy(s.Provider), hands: compose.Resources{Provider: s.Provider, Ports: wire.NewPorts(os.Getpid()), Starts: wire.NewStarts(runtime.NumCPU())}}
	t.isStagedBy("")
	if err := t.invite(); err != nil {
		return nil, err
	}
	if err := t.isThere(); err != nil {
		return nil, err
	}
	if err := errors.Join(t.tellOwn(), knowsTheStory(s)); err != nil {
		return nil, err
	}
	if err := t.knowsTheHops(); err != nil {
		return nil, err
	}
	var err error
	if t.folder, err = t.reportFolder(); err != nil {
		return nil, err
	}
	if process == 1 {
		if err = t.takeLock(); err != nil {
			return nil, err
		}
	}
	if s.Resume && process == 1 { // which explores
		if err := t.resumes(); err != nil {
			return nil, t.unlocks(err)
		}
	}
	if s.Baseline != "" {
		if t.baseline, err = readBaseline(s.Baseline); err != nil {
			return nil, t.unlocks(err)
		}
	}
	t.part = filepath.Join(t.folder, fmt.Sprintf("%s%d.jsonl", t.ours(), process))
	if t.file, err = os.Create(t.part); err != nil {
		return nil, t.unlocks(t.cannotReport(err))
	}
	t.record = record.NewWriter(t.file)
	if t.targetShop == nil && slices.Contains(t.Worlds, "wire") {
		t.machine.pulse = wire.NewPulse()
	}
	t.origin = t.Origin(t.title(), commit())
	t.record.From(t.origin)
	if t.Database == "postgres" {
		if t.hands.Postgres, err = postgres.Start(t.stopped.heed()); t.stopped.came() {
			return nil, errors.Join(errInterrupted, t.close())
		}
		if err != nil {
			return nil, errors.Join(err, t.close())
		}
	}
	return t, nil
}

// ours begins the names of this run's parts. Several processes of one suite have
// one parent, and other suites have others.
func (t *runner) ours() string {
	id := os.Getpid()
	if config, _ := ginkgo.GinkgoConfiguration(); config.ParallelTotal > 1 {
		id = os.Getppid()
	}
	return fmt.Sprintf("runs-%d-", id)
}

func (t *runner) close() error {
	t.stopped.close()
	errs := []error{t.studio.Close()}
	if t.journal != nil {
		errs = append(errs, t.journal.Close())
	}
	if t.machine.pulse != nil {
		t.machine.pulse.Close()
	}
	if t.hands.Browser != nil {
		errs = append(errs, t.hands.Browser.Close())
	}
	if t.hands.Postgres != nil {
		errs = append(errs, t.hands.Postgres.Close())
	}
	errs = append(errs, t.record.Err(), t.file.Close())
	if t.record.Empty() { // nothing was staged, and nobody else removes it
		if err := os.Remove(t.part); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, t.unlock())...)
}

// readBaseline reads the record that UNHAPPY_BASELINE names.
func readBaseline(name string) ([]*judge.Run, error) {
	path, err := fromRoot(name)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	var runs []*judge.Run
	if err == nil {
		defer file.Close()
		runs, err = record.ReadAll(file)
	}
	if err == nil && len(runs) == 0 {
		err = errors.New("it has no runs to compare with")
	}
	if err != nil {
		return nil, fmt.Errorf("UNHAPPY_BASELINE=%s: %w; valid: %s", name, err, settings.BaselineIs)
	}
	return runs, nil
}

// checkSettings says what is wrong with settings that only the suite can judge.
func checkSettings(s settings.Settings) error {
	if err := checkout.CheckSafeguards(s.Without); err != nil {
		return fmt.Errorf("UNHAPPY_WITHOUT=%s: %w", strings.Join(s.Without, ","), err)
	}
	return nil
}

// needs starts what only some stories need, once for all of them.
func (t *runner) needs(s harness.Story) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !s.Browser || t.hands.Browser != nil {
		return nil
	}
	b, err := browser.Start()
	t.hands.Browser = b
	return err
}

// enact stages a story once and prints its line.
func (t *runner) enact(ctx context.Context, s harness.Story, world, expects string, without []string, seed uint64) *judge.Run {
	return t.enactAs(ctx, s, world, expects, without, seed, "")
}

// enactAs is enact, in a form that tells it from other runs of the story.
func (t *runner) enactAs(ctx context.Context, s harness.Story, world, expects string, without []string, seed uint64, form string) *judge.Run {
	o := t.options(world, expects, without, seed)
	o.Form = form
	if world == "wire" {
		o.Notice = t.say
	}
	if s.Clock > 0 {
		o.Clock = min(o.Clock, s.Clock)
	}
	return t.showAs(t.judged(ctx, s, o), placeOfRepeat(t.progress.place, form))
}

// replayed is how an enactment is asked for again.
func (t *runner) replayed(s harness.Story, o enact.Options) string {
	replay := t.Settings
	replay.Seed = o.Seed
	if o.Expects == "kept" {
		replay.Without = o.Without
	}
	return replay.ReplayLine(s.ID, o.World, o.Clock)
}

// options are those of one enactment.
func (t *runner) options(world, expects string, without []string, seed uint64) enact.Options {
	o := enact.Options{
		World: world, Database: t.Database, Provider: t.Provider, Clock: t.Clock, Seed: seed, Without: without, Expects: expects, Sink: t.record, Routes: t.routes(),
	}
	if world == "virtual" {
		o.Clock = units.Wall
	}
	return o
}

// routes are how the shop that is tested spells operations.
func (t *runner) routes() observe.Routes {
	if t.targetShop != nil {
		return compose.TargetRoutes(t.targetShop)
	}
	return compose.RoutesPaidBy(t.Provider)
}

func (t *runner) stage(ctx context.Context, s harness.Story, o enact.Options) *judge.Run {
	if why := t.liveKey(); why != "" {
		return enact.Unstaged(s, o, why)
	}
	run := t.perform(ctx, s, o)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = cmp.Or(t.live, run.LiveKey())
	return run
}

// liveKey says where a live key was seen, or "". Nothing is staged after that.
func (t *runner) liveKey() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}

func (t *runner) perform(ctx context.Context, s harness.Story, o enact.Options) *judge.Run {
	if t.targetShop != nil {
		return enact.Run(ctx, s, o, compose.Target(t.targetShop, t.hands))
	}
	if o.World == "virtual" {
		return t.studio.Enact(ctx, s, o)
	}
	return enact.Run(ctx, s, o, compose.Wire(t.hands))
}

// reportFolder is where the report goes: a relative one starts at the module's
// root, so that it is the same wherever the suite is run from, and that of
// somebody's own shop lies beside its description.
func (t *runner) reportFolder() (folder string, err error) {
	if t.targetShop != nil {
		if folder = cmp.Or(t.Report, t.ownFolder()); !filepath.IsAbs(folder) {
			folder = filepath.Join(t.targetShop.Folder(), folder)
		}
	} else {
		if folder, err = fromRoot(cmp.Or(t.Report, filepath.Join("reports", "out"))); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", t.cannotReport(err)
	}
	return folder, nil
}

// runsFolder is where the report of the runs goes. One story that is asked for is
// staged because somebody reads the report of all of them: it has a folder of its own
// in that one, unless a folder is named.
func (t *runner) runsFolder() string {
	if t.Story != "" && t.Report == "" {
		return filepath.Join(t.folder, "replay")
	}
	return t.folder
}

func (t *runner) cannotReport(why error) error {
	if t.Report == "" {
		return fmt.Errorf("no report can be written: %w; %s names another folder", why, t.Named("UNHAPPY_REPORT"))
	}
	return fmt.Errorf("%s: %w; valid: %s", t.With("UNHAPPY_REPORT", t.Report), why, settings.ReportIs)
}

// fromRoot is a path of a setting: a relative one starts at the module's root.
func fromRoot(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	root, err := moduleRoot()
	return filepath.Join(root, path), err
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return dir, nil // a prebuilt suite: the report lands where it runs
		}
	}
}
