package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness"
)

// Finding is a way in which a customer becomes unhappy.
type Finding struct {
	// Cause names it: the broken promise and the shape of the shrunk schedule.
	Cause    string           `json:"cause"`
	Promise  string           `json:"promise"`
	Because  string           `json:"because"`
	Sentence string           `json:"sentence"` // what became of the customer
	Strikes  harness.Schedule `json:"strikes"`  // shrunk; beside the story's own
	Seed     uint64           `json:"seed"`
	Count    int              `json:"count"` // schedules with this cause
	// Flaky says that the schedule, enacted again, came out otherwise.
	Flaky  bool   `json:"flaky,omitempty"`
	Replay string `json:"replay"` // the token for UNHAPPY_REPLAY
	// From is the place, in the exploration's order, of the schedule that was
	// shrunk, and Size how many strikes that had.
	From int `json:"from"`
	Size int `json:"size"`
}

// before says which of two examples of one cause stands for it.
func (f Finding) before(o Finding) bool {
	return cmp.Or(cmp.Compare(f.Size, o.Size), cmp.Compare(f.From, o.From)) < 0
}

// grace is how long shrinking may go on after an interruption.
const grace = 10 * time.Second

// tell makes findings of the broken schedules: the small ones first, and those
// that contain a known one's strikes are more of the same.
func (e *explorer) tell(ctx context.Context) error {
	e.phase = "shrinking"
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
	}
	slices.SortFunc(e.broken, func(a, b broken) int {
		return cmp.Or(cmp.Compare(len(a.ids), len(b.ids)), cmp.Compare(a.index, b.index))
	})
	if e.StopAtFirst {
		e.broken = e.broken[:min(1, len(e.broken))]
	}
	t := &telling{explorer: e, byShape: map[string]string{}, ahead: map[int]*shrinking{}}
	t.shrinkSingles(ctx)
	for _, b := range e.broken {
		if err := t.one(ctx, b); err != nil {
			return err
		}
	}
	e.result.Findings = t.findings
	for _, f := range t.findings {
		for _, s := range f.Strikes {
			e.cell(s).Findings = true
		}
	}
	return nil
}

// telling tells findings apart.
type telling struct {
	*explorer
	findings []Finding
	known    []knownCause
	byShape  map[string]string  // promise and shape, before shrinking → cause
	ahead    map[int]*shrinking // by the schedule's place in the exploration's order
}

// shrinking is what came of shrinking a schedule.
type shrinking struct {
	shrinker
	ids     []int
	outcome Outcome
	err     error
}

// shrinkSingles shrinks the first single of each shape, as many at once as there
// are workers. Nothing that is known of one spares the work on another, so that
// it comes to the same as one after the other.
func (t *telling) shrinkSingles(ctx context.Context) {
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
		s := &shrinking{shrinker: shrinker{explorer: t.explorer, promise: b.outcome.Breaks[0], seed: b.seed}}
		t.ahead[b.index] = s
		turns <- struct{}{}
		work.Go(func() {
			s.ids, s.outcome, s.err = s.shrink(ctx, b)
			<-turns
		})
	}
	work.Wait()
}

// knownCause is a set of strikes of which it is known what it breaks.
type knownCause struct {
	ids     []int
	promise string
	cause   string
}

func (t *telling) one(ctx context.Context, b broken) error {
	promise := b.outcome.Breaks[0]
	for _, k := range t.known {
		if k.promise == promise && containsAll(b.ids, k.ids) {
			t.more(k.cause)
			return nil
		}
	}
	shape := promise + ": " + t.shape(b.ids)
	if cause, told := t.byShape[shape]; told {
		t.more(cause)
		return nil
	}
	f, ids, err := t.shrunk(ctx, b, promise)
	if err != nil {
		return err
	}
	t.byShape[shape] = f.Cause
	t.known = append(t.known, knownCause{b.ids, promise, f.Cause}, knownCause{ids, promise, f.Cause})
	if slices.ContainsFunc(t.findings, func(g Finding) bool { return g.Cause == f.Cause }) {
		t.more(f.Cause)
		return nil
	}
	t.findings = append(t.findings, f)
	return nil
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

// shape is what strikes have in common that differ in numbers alone.
func (e *explorer) shape(ids []int) string {
	var list []string
	for _, id := range ids {
		c := e.catalogue.list[id]
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s on %s %s", c.Fault.Kind, c.message.Kind(), c.Cue.Phase)))
	}
	slices.Sort(list)
	return strings.Join(list, " + ")
}

// shrunk makes a finding of a broken schedule.
func (t *telling) shrunk(ctx context.Context, b broken, promise string) (Finding, []int, error) {
	s := t.ahead[b.index]
	if s == nil {
		s = &shrinking{shrinker: shrinker{explorer: t.explorer, promise: promise, seed: b.seed}}
		s.ids, s.outcome, s.err = s.shrink(ctx, b)
	}
	if s.err != nil {
		return Finding{}, nil, s.err
	}
	ids, o := s.ids, s.outcome
	probe := t.probe(ids, s.seed)
	replay := harness.Replay{Story: probe.Story, Seed: probe.Seed, Without: probe.Without, Strikes: probe.Strikes}
	shape := t.shape(ids)
	if shape == "" {
		shape = "with no strike added"
	}
	return Finding{
		Cause: promise + ": " + shape, Promise: promise,
		Because: o.Because, Sentence: o.Sentence, Strikes: probe.Strikes, Seed: probe.Seed, Count: 1,
		Flaky: s.flaky, Replay: replay.String(), From: b.index, Size: len(b.ids),
	}, ids, nil
}

// shrinker finds the fewest and weakest strikes that still break the promise.
type shrinker struct {
	*explorer
	promise string
	seed    uint64
	flaky   bool
}

func (s *shrinker) shrink(ctx context.Context, b broken) (ids []int, o Outcome, err error) {
	ids, o = b.ids, b.outcome
	again, err := s.enact(ctx, s.probe(ids, s.seed))
	if err != nil {
		return nil, o, err
	}
	if !s.sameAgain(o, again) {
		s.flaky = true
		return ids, o, nil // what comes out otherwise each time cannot be shrunk
	}
	if s.seed != 0 { // the speeds that all other schedules have are simpler
		if plain, is := s.breaks(ctx, ids, 0); is {
			s.seed, o = 0, plain
		}
	}
	for i := 0; i < len(ids); {
		fewer := slices.Delete(slices.Clone(ids), i, i+1)
		if less, is := s.breaks(ctx, fewer, s.seed); is {
			ids, o = fewer, less
			continue
		}
		i++
	}
	for _, id := range slices.Clone(ids) {
		ids, o = s.weaken(ctx, ids, id, o)
	}
	return ids, o, ctx.Err()
}

// sameAgain says whether a schedule came out as before: in every detail, or,
// in a world whose histories are never the same twice, with the same promise
// broken.
func (s *shrinker) sameAgain(o, again Outcome) bool {
	if s.Audit < 0 {
		return slices.Contains(again.Breaks, s.promise)
	}
	return again.Sign == o.Sign
}

// weaken replaces one strike by the weakest one on the same moment of the same
// message with which the promise still breaks.
func (s *shrinker) weaken(ctx context.Context, ids []int, id int, o Outcome) ([]int, Outcome) {
	c := s.catalogue.list[id]
	for _, w := range s.catalogue.ofMessage[c.message.String()] {
		if w.weight >= c.weight || w.spot() != c.spot() {
			continue
		}
		weaker := slices.Clone(ids)
		weaker[slices.Index(ids, id)] = w.id
		slices.Sort(weaker)
		if less, is := s.breaks(ctx, weaker, s.seed); is {
			return weaker, less
		}
	}
	return ids, o
}

// breaks says whether a schedule breaks the same promise, with every strike.
func (s *shrinker) breaks(ctx context.Context, ids []int, seed uint64) (Outcome, bool) {
	o, err := s.outcomeOf(ctx, ids, seed)
	return o, err == nil && o.Verdict == harness.Broken && slices.Contains(o.Breaks, s.promise) && len(o.Missed) == 0
}

// outcomeOf is what comes of a schedule: of a single it is known already.
func (s *shrinker) outcomeOf(ctx context.Context, ids []int, seed uint64) (Outcome, error) {
	if o, tried := s.tried[firstOf(ids)]; tried && len(ids) == 1 && seed == 0 {
		return o, nil
	}
	return s.enact(ctx, s.probe(ids, seed))
}
