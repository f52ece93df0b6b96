package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
)

// Finding is a way in which a customer becomes unhappy.
type Finding struct {
	// Cause names it: the broken promise and the shape of the minimized schedule, or
	// the messages of one that is not.
	Cause      string             `json:"cause"`
	Promise    string             `json:"promise"`
	Because    string             `json:"because"`
	Sentence   string             `json:"sentence"`   // what happened to the customer
	Injections injection.Schedule `json:"injections"` // minimized; beside the story's own
	Seed       uint64             `json:"seed"`
	Count      int                `json:"count"` // schedules with this cause
	// Flaky says that the schedule, enacted again, came out otherwise.
	Flaky bool `json:"flaky,omitempty"`
	// Shown is how often it was seen, of so many times that the schedule was enacted,
	// where real time passes.
	Shown int `json:"shown,omitempty"`
	Of    int `json:"of,omitempty"`
	// Why says why this is no finding, of one that is unconfirmed; Cut, that it was not
	// repeated as often as it takes, so that nobody knows whether it is one.
	Why string `json:"why,omitempty"`
	Cut bool   `json:"cut,omitempty"`
	// NotMinimized says that minimizing was cut short, maybe before the schedule was
	// enacted again: fewer injections, or weaker ones, may do.
	NotMinimized bool   `json:"not_minimized,omitempty"`
	Replay       string `json:"replay"` // the token for UNHAPPY_REPLAY
	// Script is what the customer does in the story, as Go, where its history tells.
	Script string `json:"script,omitempty"`
	// Line is the whole line to paste, target and command included, as anyone who
	// explored knows it.
	Line string `json:"line,omitempty"`
	// Record is a run that shows it, where the explorer has one; Run is its id in
	// the record beside the exploration.
	Run    string     `json:"run,omitempty"`
	Record *judge.Run `json:"-"`
	// From is the place, in the exploration's order, of the schedule that was
	// minimized, and Size how many injections that had.
	From int `json:"from"`
	Size int `json:"size"`
}

// before says which of two examples of one cause stands for it.
func (f Finding) before(o Finding) bool {
	return cmp.Or(cmp.Compare(f.Size, o.Size), cmp.Compare(f.From, o.From)) < 0
}

// How long minimizing may go on: after an interruption, and after the time of the
// exploration, half of that, or a little where it was short. Where a finding is
// all that is wanted, it is worth any time.
const (
	grace  = 10 * time.Second
	little = 2 * time.Second
)

// minimizesUntil is when minimizing is to end, or zero.
func (e *explorer) minimizesUntil() time.Time {
	if e.Time == 0 || e.StopAtFirst {
		return time.Time{}
	}
	return time.Now().Add(max(e.Time/2, little))
}

// withGrace is done some time after ctx is.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}

// tell makes findings of the broken schedules: the small ones first, and those
// that contain a known one's injections are more of the same. What cannot be minimized
// any more, since the exploration failed or was interrupted, is told as it is.
func (e *explorer) tell(ctx context.Context) {
	e.phase = "minimizing"
	ctx, cancel := withGrace(ctx)
	defer cancel()
	slices.SortFunc(e.broken, func(a, b broken) int {
		return cmp.Or(cmp.Compare(len(a.ids), len(b.ids)), cmp.Compare(a.index, b.index))
	})
	if e.StopAtFirst {
		e.broken = e.broken[:min(1, len(e.broken))]
	}
	t := &telling{explorer: e, until: e.minimizesUntil(), byShape: map[string]string{}, ahead: map[int]*minimizing{}}
	t.minimizeSingles(ctx)
	for _, b := range e.broken {
		t.one(ctx, b)
	}
	e.sum(t)
}

// sum takes over what was told.
func (e *explorer) sum(t *telling) {
	e.result.Findings = t.findings
	for _, f := range t.findings {
		for _, s := range f.Injections {
			e.cell(s).Findings = true
		}
	}
}

// telling tells findings apart.
type telling struct {
	*explorer
	until    time.Time // when minimizing is to end; zero: when it is through
	findings []Finding
	known    []knownCause
	told     map[string]bool     // what was repeated, by promise and schedule, where real time passes
	byShape  map[string]string   // promise and shape, before minimizing → cause
	ahead    map[int]*minimizing // by the schedule's place in the exploration's order
}

// minimizeSingles minimizes the first single of each shape, as many at once as there
// are workers. Nothing that is known of one spares the work on another, so that
// it comes to the same as one after the other.
func (t *telling) minimizeSingles(ctx context.Context) {
	var work sync.WaitGroup
	turns := make(chan struct{}, t.Workers)
	shapes := map[string]bool{}
	for _, b := range t.broken {
		shape := b.outcome.Breaks[0] + ": " + t.shape(b.ids)
		switch {
		case len(b.ids) == 0:
			return // all the others are more of the same
		case len(b.ids) > 1 || shapes[shape]:
			continue
		}
		shapes[shape] = true
		s := t.minimizing(b)
		t.ahead[b.index] = s
		turns <- struct{}{}
		work.Go(func() {
			s.minimize(ctx)
			<-turns
		})
	}
	work.Wait()
}

// knownCause is a set of injections of which it is known what it breaks.
type knownCause struct {
	ids     []int
	promise string
	cause   string
}

func (t *telling) one(ctx context.Context, b broken) {
	promise := b.outcome.Breaks[0]
	for _, k := range t.known {
		if k.promise == promise && containsAll(b.ids, k.ids) {
			t.more(k.cause)
			return
		}
	}
	shape := promise + ": " + t.shape(b.ids)
	if cause, told := t.byShape[shape]; told {
		t.more(cause)
		t.known = append(t.known, knownCause{b.ids, promise, cause})
		return
	}
	f, ids := t.finding(ctx, b)
	t.byShape[shape] = f.Cause
	t.known = append(t.known, knownCause{b.ids, promise, f.Cause}, knownCause{ids, promise, f.Cause})
	if slices.ContainsFunc(t.findings, func(g Finding) bool { return g.Cause == f.Cause }) {
		t.more(f.Cause)
		return
	}
	t.findings = append(t.findings, f)
}

func (t *telling) more(cause string) {
	for i := range t.findings {
		if t.findings[i].Cause == cause {
			t.findings[i].Count++
		}
	}
}

func containsAll(set, of []int) bool {
	return !slices.ContainsFunc(of, func(id int) bool { return !slices.Contains(set, id) })
}

// shape is what injections have in common that differ in numbers alone.
func (e *explorer) shape(ids []int) string {
	var list []string
	for _, id := range ids {
		c := e.catalogue.list[id]
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s on %s %s", c.Fault.Kind, c.message.Kind(), c.Trigger.Phase)))
	}
	slices.Sort(list)
	return strings.Join(list, " + ")
}

// where is what injections have in common that hit the same messages.
func (e *explorer) where(ids []int) string {
	var list []string
	for _, id := range ids {
		list = append(list, e.catalogue.list[id].message.Kind())
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " + ")
}

// finding makes a finding of a broken schedule.
func (t *telling) finding(ctx context.Context, b broken) (Finding, []int) {
	s := t.ahead[b.index]
	if s == nil {
		s = t.minimizing(b)
		s.minimize(ctx)
	}
	trial := t.trial(s.ids, s.seed)
	replay := record.Replay{Story: trial.Story, Seed: trial.Seed, Without: trial.Without, Injections: trial.Injections}
	shape := t.shape(s.ids)
	switch {
	case shape == "":
		shape = "with no injection added"
	case s.cut: // by the faults there would be one for each, minimized or not
		shape = "not minimized, on " + t.where(s.ids)
	}
	return Finding{
		Script: t.clean.Script,
		Cause:  s.promise + ": " + shape, Promise: s.promise,
		Because: s.outcome.Because, Sentence: s.outcome.Sentence, Injections: trial.Injections, Seed: trial.Seed, Count: 1,
		Flaky: s.flaky, NotMinimized: s.cut, Replay: replay.String(), Record: s.outcome.Record, From: b.index, Size: len(b.ids),
	}, s.ids
}
