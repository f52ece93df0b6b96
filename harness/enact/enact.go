package enact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Options say how a story is enacted; Run carries them on.
type Options struct {
	World    string
	Database string
	Provider string // by whom the reference shop is paid; "": its usual one
	Clock    units.Clock
	Seed     uint64
	Without  []string
	// Routes are how the shop, its provider and its carrier spell operations.
	Routes observe.Routes
	// Books asks for digests of the shop's books at each message, where a world can read them.
	Books bool
	// Early lets a world in real time end before its quiet time is over, where the run would
	// be kept as it is, and takes note of it; nil: it does not.
	Early   *environment.Early
	Expects string // "kept" or "complaint"
	Form    string // tells apart what would else have one id, such as a regression; "" for none
	Replay  string
	// Unread says that nobody reads the history of a run that comes out well. It is given as
	// it was seen, with a Redact beside it, which saves a twelfth of the time. Ignored where
	// there is a Sink.
	Unread bool
	// Notice tells anyone who watches why nothing is to be seen for long; nil: nobody
	// watches.
	Notice func(text string)
	// Excuse says why a run that was judged does not count, or ""; nil: each does.
	Excuse func(*judge.Run) string
	// Sink gets the run's header, its events as they happen, and its end.
	Sink *record.Writer
}

// Run plays the story once, and judges what happened to it. It never fails otherwise
// than by a run that is Unfinished and says why.
func Run(ctx context.Context, story harness.Story, o Options, build environment.Build) *judge.Run {
	resolved, unspelled := story.Injections.Resolve(o.Routes)
	if unspelled == nil {
		story.Injections = resolved
	}
	run, wrong := newRun(story, o)
	o.Sink.Begin(run)
	recorder := environment.NewRecorder(o.Clock, o.Sink.Event(run))
	if o.Early != nil {
		o.Early.Stands = func() bool {
			soFar, _ := newRun(story, o)
			soFar.History, soFar.ScriptOver = recorder.Unredacted().Illustrated(), recorder.Over()
			judgeBy(story, soFar)
			return soFar.Verdict() == judge.Kept
		}
	}
	err := cmp.Or(unspelled, wrong)
	if err == nil {
		err = enact(ctx, story, o, build, recorder, run)
	}
	if err != nil {
		run.Failure = recorder.Redact(err.Error())
	}
	run.ScriptOver, run.BooksAt = recorder.Over(), recorder.Books()
	run.Took = time.Since(run.Began)
	if o.Unread && o.Sink == nil {
		run.History, run.Redact = recorder.Unredacted().Illustrated(), recorder.Redact
		if judgeBy(story, run); run.Verdict() == judge.Kept {
			return run
		}
	}
	run.History, run.Redact = recorder.History().Illustrated(), nil
	judgeBy(story, run) // again, where it was: what it says may quote the history
	if o.Excuse != nil {
		run.Uncounted = o.Excuse(run)
	}
	o.Sink.End(run)
	return run
}

// Unstaged is the run of a story that the harness failed to stage, and why.
func Unstaged(story harness.Story, o Options, why string) *judge.Run {
	run, _ := newRun(story, o)
	Fail(run, story, why)
	return run
}

// Fail takes note of a failure of the harness that showed only after the run
// was judged, and judges it again.
func Fail(run *judge.Run, story harness.Story, why string) {
	if run.Redact != nil { // nobody was to read it
		run.History, run.Redact = nil, nil
	}
	run.Failure = redact.Truncate(strings.TrimSpace(run.Failure+"\n"+redact.New().Text(why)), redact.LongestText)
	judgeBy(story, run)
}

// newRun is a run of which nothing has happened yet, and what is wrong with the story.
func newRun(story harness.Story, o Options) (run *judge.Run, wrong error) {
	run = &judge.Run{
		ID:    fmt.Sprintf("%s/%s/%s", story.ID, o.World, o.Expects),
		Story: story.ID, Plot: story.Plot, Labels: story.Labels,
		World: o.World, Database: o.Database, Provider: o.Provider, Clock: max(1, o.Clock), Seed: o.Seed, Without: o.Without,
		Expects: o.Expects, Patience: story.PatienceOrDefault(),
		Excused: story.Excused, Complaint: story.Complaint.Off, NoCarrier: story.Shop.NoCarrier, Fulfilment: story.Shop.Fulfilment, ParcelsEach: story.Shop.Parcels,
		Began: time.Now(), Replay: o.Replay, Told: story.Told,
	}
	if o.Clock > 1 {
		run.ID = fmt.Sprintf("%s/%s/%s", story.ID, fmt.Sprintf("%s-%s", o.World, o.Clock), o.Expects)
	}
	if o.Form != "" {
		run.ID += "/" + o.Form
	}
	if wrong = story.Check(); wrong == nil {
		run.Schedule = story.Injections // a schedule with faults could not be read again
		run.Routes = o.Routes
	}
	return run, wrong
}

// judgeBy judges the run by the story's promises and, where it is meant to come true, by
// its complaint.
func judgeBy(s harness.Story, run *judge.Run) {
	run.Judge(s.AllPromises())
	if run.Expects == "complaint" {
		run.Mismatch = run.ComplaintMismatch(s.Complaint)
	}
}

func enact(ctx context.Context, story harness.Story, o Options, build environment.Build, recorder *environment.Recorder, run *judge.Run) (err error) {
	set, err := build(ctx, environment.Brief{
		Story: story.ID, World: o.World, Database: o.Database, Clock: o.Clock, Seed: o.Seed, Without: o.Without,
		Routes: o.Routes, Browser: story.Browser, Shop: story.Shop, Injections: story.Injections, Books: o.Books, Early: o.Early,
	}, recorder)
	if errors.Is(err, environment.ErrNotReady) {
		return fmt.Errorf(judge.NotStarted+": %w", err)
	}
	if err != nil {
		return fmt.Errorf("the %s world could not be built: %w", o.World, err)
	}
	defer func() { err = errors.Join(err, set.Close()) }()

	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if len(story.Injections) == 0 { // which may have made such a request of another one
		recorder.Hook(func(e observe.Event) {
			if o.cannotBuyWithout(e) {
				end(errors.New(judge.NotPlayed(e.Message)))
			}
		})
	}
	unsettled, err := story.Play(ctx, set, o.Clock, recorder, o.Notice)
	if unsettled != nil {
		run.Unsettled = recorder.Redact(unsettled.Error())
	}
	return err
}

// Replayed is the story with the replay's injections. A promise of its own that these leave
// unproven counts as kept there: a proof that the story went as it was written says
// nothing of a story in which more goes wrong.
func Replayed(s harness.Story, r record.Replay) harness.Story {
	s.Promises = slices.Clone(s.Promises)
	for i, p := range s.Promises {
		s.Promises[i].Judge = func(run *judge.Run) judge.Ruling {
			ruling := p.Judge(run)
			if ruling.Verdict == judge.Unproven {
				return judge.RuleKept()
			}
			return ruling
		}
	}
	s.Injections = append(s.Injections[:len(s.Injections):len(s.Injections)], r.Injections...)
	return s
}

// cannotBuyWithout says whether a fake was asked for a payment, or for its money, in a way that it
// does not play: nobody can buy then, and to wait for a purchase takes minutes. A shop may do
// without any other answer.
func (o Options) cannotBuyWithout(e observe.Event) bool {
	m := e.Message
	if m == nil || m.Unplayed == "" {
		return false
	}
	of := o.Routes.Named(m.Hop, m.Method, m.Path)
	return of == observe.CreatePayment || of == observe.Capture
}
