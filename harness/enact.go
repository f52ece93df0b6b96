package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Options say how a story is enacted; Run carries them on.
type Options struct {
	World    string
	Database string
	Clock    units.Clock
	Seed     uint64
	Without  []string
	// Routes are how the shop, its provider and its carrier spell operations.
	Routes  observe.Routes
	Expects string // "kept" or "complaint"
	Form    string // tells apart what would else have one id, such as a regression; "" for none
	Replay  string
	// Notice tells anyone who watches why nothing is to be seen for long; nil: nobody
	// watches.
	Notice func(text string)
	// Sink gets the run's header, its events as they happen, and its end.
	Sink *record.Writer
}

// Enact enacts the story once, and judges what happened to it. It never fails
// otherwise than by a Run that is Unfinished and says why.
func Enact(ctx context.Context, story Story, o Options, build environment.Build) *judge.Run {
	resolved, unspelled := story.Injections.Resolve(o.Routes)
	if unspelled == nil {
		story.Injections = resolved
	}
	run := newRun(story, o)
	o.Sink.Begin(run)
	recorder := environment.NewRecorder(o.Clock, o.Sink.Event(run))
	err := unspelled
	if err == nil {
		err = enact(ctx, story, o, build, recorder, run)
	}
	if err != nil {
		run.Failure = recorder.Redact(err.Error())
	}
	run.History = recorder.History().Illustrated()
	run.Took = time.Since(run.Began)
	story.judges(run)
	o.Sink.End(run)
	return run
}

// Unstaged is the run of a story that the harness failed to stage, and why.
func Unstaged(story Story, o Options, why string) *judge.Run {
	run := newRun(story, o)
	Fail(run, story, why)
	return run
}

// Fail takes note of a failure of the harness that showed only after the run
// was judged, and judges it again.
func Fail(run *judge.Run, story Story, why string) {
	run.Failure = redact.Truncate(strings.TrimSpace(run.Failure+"\n"+redact.New().Text(why)), redact.LongestText)
	story.judges(run)
}

func newRun(story Story, o Options) *judge.Run {
	run := &judge.Run{
		ID:    fmt.Sprintf("%s/%s/%s", story.ID, o.World, o.Expects),
		Story: story.ID, Plot: story.Plot, Labels: story.Labels,
		World: o.World, Database: o.Database, Clock: max(1, o.Clock), Seed: o.Seed, Without: o.Without,
		Expects: o.Expects, Patience: story.PatienceOrDefault(),
		Excused: story.Excused, Complaint: story.Complaint.Off, NoCarrier: story.Shop.NoCarrier,
		Began: time.Now(), Replay: o.Replay, Told: story.Told,
	}
	if o.Clock > 1 {
		run.ID = fmt.Sprintf("%s/%s/%s", story.ID, fmt.Sprintf("%s-%s", o.World, o.Clock), o.Expects)
	}
	if o.Form != "" {
		run.ID += "/" + o.Form
	}
	if story.Check() == nil {
		run.Schedule = story.Injections // a schedule with faults could not be read again
		run.Routes = o.Routes
	}
	return run
}

// judges judges the run by the story's promises and, where it is meant to come true, by
// its complaint.
func (s Story) judges(run *judge.Run) {
	run.Judge(s.AllPromises())
	if run.Expects == "complaint" {
		run.Mismatch = run.ComplaintMismatch(s.Complaint)
	}
}

func enact(ctx context.Context, story Story, o Options, build environment.Build, recorder *environment.Recorder, run *judge.Run) (err error) {
	if err := story.Check(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	set, err := build(ctx, environment.Brief{
		Story: story.ID, World: o.World, Database: o.Database, Clock: o.Clock, Seed: o.Seed, Without: o.Without,
		Routes: o.Routes, Browser: story.Browser, Shop: story.Shop, Injections: story.Injections,
	}, recorder)
	if err != nil {
		return fmt.Errorf("the %s world could not be built: %w", o.World, err)
	}
	defer func() { err = errors.Join(err, set.Close()) }()

	stage := &Stage{ctx: ctx, story: story, clock: o.Clock, recorder: recorder, set: set, cancel: cancel, notice: o.Notice}
	stage.injector = injection.NewInjector(story.Injections, o.Clock, recorder.See, set, stage.fail)
	defer stage.goHome() // before the world is taken down
	recorder.Hook(stage.injector.See)
	set.Arm(stage.injector)
	// Whatever happens to the script, no injection outlives it.
	defer stage.injector.Stop()

	recorder.Begin()
	stage.injector.Start()
	stage.Plays(func() { story.Script(stage) })
	stage.injector.Stop()
	if err := stage.failed(); err != nil {
		return err
	}
	// The customers who still look see how it ends; then everything rests.
	if err := set.Settle(ctx); err != nil {
		run.Unsettled = recorder.Redact(err.Error())
	}
	if ctx.Err() != nil {
		stage.fail(context.Cause(ctx)) // interrupted: that it did not come to rest proves nothing
	}
	return stage.failed()
}

// Plays plays a part of the script. A script that lets customers act side by
// side plays each of them on a goroutine of its own, and waits for them all. A
// part that panics by itself is the harness's failure to stage it.
func (s *Stage) Plays(part func()) {
	defer func() {
		if p := recover(); p != nil && p != any(errStage) {
			s.fail(fmt.Errorf("the script panicked: %v", p))
		}
	}()
	part()
}

// goHome closes every page.
func (s *Stage) goHome() {
	for _, c := range s.customers {
		for _, tab := range c.tabs {
			tab.Close()
		}
	}
}

func (s *Stage) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}
