package explore

import (
	"context"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// minimizing looks for the fewest and weakest injections that still break the
// promise. What it has come to is at any time a schedule that does.
type minimizing struct {
	*explorer
	promise string
	until   time.Time // zero: without an end
	ids     []int
	seed    uint64
	outcome Outcome
	repeats int  // how often a smaller schedule that broke it must do so again
	flaky   bool // enacted again, the schedule came out otherwise
	cut     bool // it ended before it was through
}

func (t *telling) minimizing(b broken) *minimizing {
	return &minimizing{
		explorer: t.explorer, promise: b.outcome.Breaks[0], until: t.until, ids: b.ids, seed: b.seed, outcome: b.outcome,
	}
}

func (s *minimizing) minimize(ctx context.Context) {
	again, ok := s.outcomeOf(ctx, s.ids, s.seed)
	if !ok {
		return
	}
	if !s.sameAgain(again) {
		s.flaky = true
		return // what comes out otherwise each time cannot be minimized
	}
	s.reduce(ctx)
}

// reduce leaves out injections, and weakens those that are left.
func (s *minimizing) reduce(ctx context.Context) {
	if s.seed != 0 { // the speeds that all other schedules have are simpler
		s.takes(ctx, s.ids, 0)
	}
	for i := 0; i < len(s.ids); {
		if !s.takes(ctx, slices.Delete(slices.Clone(s.ids), i, i+1), s.seed) {
			i++
		}
	}
	for _, id := range slices.Clone(s.ids) {
		s.weaken(ctx, id)
	}
}

// sameAgain says whether a schedule came out as before: in every detail, or,
// in a world whose histories are never the same twice, with the same promise
// broken.
func (s *minimizing) sameAgain(again Outcome) bool {
	if s.Audit < 0 {
		return slices.Contains(again.Breaks, s.promise)
	}
	return again.Sign == s.outcome.Sign
}

// weaken replaces one injection by the weakest one on the same moment of the same
// message with which the promise still breaks.
func (s *minimizing) weaken(ctx context.Context, id int) {
	c := s.catalogue.list[id]
	for _, w := range s.catalogue.ofMessage[c.message.String()] {
		if w.weight >= c.weight || w.spot != c.spot {
			continue
		}
		weaker := slices.Clone(s.ids)
		weaker[slices.Index(s.ids, id)] = w.id
		slices.Sort(weaker)
		if s.takes(ctx, weaker, s.seed) {
			return
		}
	}
}

// takes goes on from a schedule that breaks the same promise, with every injection.
func (s *minimizing) takes(ctx context.Context, ids []int, seed uint64) bool {
	o, known := s.known(ids, seed)
	if !known {
		var ok bool
		if o, ok = s.outcomeOf(ctx, ids, seed); !ok {
			return false
		}
	}
	if !s.breaks(o) {
		return false
	}
	repeats := s.repeats
	if len(ids) == 0 { // what breaks without any injection needs none, however seldom
		repeats = 0
	}
	for range repeats {
		if again, ok := s.outcomeOf(ctx, ids, seed); !ok || !s.breaks(again) {
			return false
		}
	}
	s.ids, s.seed, s.outcome = ids, seed, o
	return true
}

// breaks says whether the promise broke, and every injection took effect.
func (s *minimizing) breaks(o Outcome) bool {
	return o.Verdict == judge.Broken && slices.Contains(o.Breaks, s.promise) && len(o.Missed) == 0
}

// known is what came of the story as it is, or of a single.
func (s *minimizing) known(ids []int, seed uint64) (o Outcome, known bool) {
	switch {
	case s.Real != nil: // what was seen beside others is not known
		return o, false
	case seed != 0 || len(ids) > 1:
		return o, false
	case len(ids) == 0:
		return s.clean, true
	}
	o, known = s.tried[ids[0]]
	return o, known
}

// outcomeOf enacts a schedule. Where that cannot be done any more, minimizing is
// cut short.
func (s *minimizing) outcomeOf(ctx context.Context, ids []int, seed uint64) (Outcome, bool) {
	if s.cut = s.cut || s.failed() || ctx.Err() != nil || !s.until.IsZero() && time.Now().After(s.until); s.cut {
		return Outcome{}, false
	}
	o, err := s.enact(ctx, s.trial(ids, seed))
	if err != nil {
		s.stop(ctx, err)
		s.cut = true
	}
	return o, err == nil
}
