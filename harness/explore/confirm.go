package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/record"
)

// late says whether nothing more is to begin.
func (t *telling) late(ctx context.Context) bool {
	return t.failed() || ctx.Err() != nil || !t.until.IsZero() && time.Now().After(t.until)
}

// tellReal tells what was confirmed, within the time of the exploration: anyone who
// interrupts it waits for nothing.
func (e *explorer) tellReal(ctx context.Context) {
	ctx, cancel := e.within(ctx)
	defer cancel()
	if e.StopAtFirst {
		e.broken = e.broken[:min(1, len(e.broken))]
	}
	e.phase = "minimizing"
	t := e.side.telling
	if e.Time > 0 && !e.StopAtFirst {
		t.until = e.began.Add(e.Time)
	}
	t.confirm(ctx)
	e.broken, e.side.differs, e.side.quiet.broke = nil, nil, nil
	e.result.Unconfirmed = slices.DeleteFunc(e.result.Unconfirmed, func(f Finding) bool { return t.byShape[f.Cause] != "" })
	e.sum(t)
}

// isTold says whether a schedule that broke a promise was repeated already, or is more of what
// was found.
func (t *telling) isTold(promise string, ids []int) bool {
	switch {
	case len(t.told) == 0:
		return false
	case t.told[promise+fmt.Sprint(ids)]:
		return true
	}
	_, known := t.knownCauseOf(promise, ids)
	return known
}

// knownCauseOf is the cause that was found of which a schedule is more.
func (t *telling) knownCauseOf(promise string, ids []int) (cause string, known bool) {
	for _, k := range t.known {
		if k.promise == promise && containsAll(ids, k.ids) {
			return k.cause, true
		}
	}
	cause, known = t.byShape[t.causeOf(promise, ids)]
	return cause, known
}

// causeOf is the cause of a schedule that is not minimized.
func (t *telling) causeOf(promise string, ids []int) string {
	return promise + ": on " + cmp.Or(t.where(ids), "nothing")
}

// confirm makes findings of the broken schedules of an exploration in real time.
// Those of one promise on the same messages have one cause. One of each promise is
// repeated before any is minimized, for the time may not last.
func (t *telling) confirm(ctx context.Context) {
	t.lookWithout(ctx)
	t.tellResets(ctx)
	t.tellQuiet(ctx)
	first, rest := t.suspects()
	type repeats struct {
		promise string
		repeated
	}
	done := map[string]repeats{} // by schedule
	name := func(b broken) string { return fmt.Sprint(b.ids, b.seed) }
	for _, b := range first {
		if _, known := t.knownCauseOf(t.subject(b.outcome), b.ids); known {
			continue
		}
		promise, r := t.repeatAll(ctx, b)
		done[name(b)] = repeats{promise, r}
	}
	for _, b := range slices.Concat(first, rest) {
		promise, told := cmp.Or(done[name(b)].promise, t.subject(b.outcome)), t.subject(b.outcome)+fmt.Sprint(b.ids)
		if t.isMore(b, promise) {
			continue
		}
		r := done[name(b)].repeated
		if done[name(b)].promise == "" {
			promise, r = t.repeatAll(ctx, b)
		}
		if !slices.Contains(b.outcome.Breaks, promise) { // a repeat showed it
			b.outcome = r.outcome
		}
		t.told[told] = !r.cut
		f := t.findingOf(b, promise, t.causeOf(promise, b.ids))
		f.Shown, f.Of = r.shown, r.of
		if r.why != "" {
			t.unconfirmed(f, r)
			continue
		}
		s := t.minimized(ctx, b, promise, r)
		if shown, of := t.steadiest(ctx, s); of > 0 {
			f.Shown, f.Of = shown, of
		}
		t.found(b, f, s)
	}
}

// minimized looks for the fewest and weakest injections that show the same alone.
func (t *telling) minimized(ctx context.Context, b broken, promise string, r repeated) *minimizing {
	s := &minimizing{explorer: t.explorer, promise: promise, until: t.until, ids: b.ids, seed: b.seed, outcome: r.outcome}
	if r.shown == r.of { // it broke each time: a smaller one that breaks by chance is worth less
		s.repeats = repeatsOfSmaller
	}
	s.reduce(ctx)
	if !slices.Equal(s.ids, b.ids) && t.isTiming(promise) { // smaller, it must show it each time as well
		if again := t.repeat(ctx, s.ids, s.seed, s.outcome, promise); again.why != "" {
			s.ids, s.seed, s.outcome, s.cut = b.ids, b.seed, r.outcome, s.cut || again.cut
		}
	}
	return s
}

// A promise that breaks in so many places may need no injection to break, which so many
// unharmed runs would show.
const (
	manyCauses   = 3
	unharmedRuns = 10
)

// lookWithout looks for what breaks now and then without any injection, where what
// broke hints at it: it would be told once for each place.
func (t *telling) lookWithout(ctx context.Context) {
	causes := map[string]map[string]bool{}
	for _, b := range t.broken {
		promise := t.subject(b.outcome)
		if promise == "" || t.isTiming(promise) {
			continue
		}
		if len(b.ids) == 0 {
			return
		}
		if causes[promise] == nil {
			causes[promise] = map[string]bool{}
		}
		causes[promise][t.where(b.ids)] = true
	}
	began := time.Now()
	for _, places := range causes {
		for ; len(places) >= manyCauses && t.unharmed < unharmedRuns && !t.late(ctx); t.unharmed++ {
			if left := t.until.Sub(began); !t.until.IsZero() && time.Since(began)+t.typical > left/4 {
				return // the rest is for what broke
			}
			o, err := t.enact(ctx, t.trial(nil, 0))
			if err != nil {
				t.stop(ctx, err)
				return
			}
			if o.Slow == "" && t.unwell(o) != "" {
				return // which made it one of the suspects, if it is one
			}
		}
	}
}

// suspects are the broken schedules, the first of each promise apart, in the order
// in which they are repeated: what needs no injection, then what ledgers show, then what
// is about time. What breaks only what is known already is folded.
func (t *telling) suspects() (first, rest []broken) {
	list := slices.DeleteFunc(slices.Clone(t.broken), func(b broken) bool {
		known := t.subject(b.outcome) == ""
		if known {
			t.result.Folded++
		}
		return known
	})
	rank := func(b broken) int {
		switch {
		case len(b.ids) == 0:
			return 0
		case t.isTiming(t.subject(b.outcome)):
			return 2
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b broken) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(doubtful(a), doubtful(b)), cmp.Compare(len(a.ids), len(b.ids)), cmp.Compare(a.index, b.index))
	})
	seen := map[string]bool{}
	for _, b := range list {
		promise := t.subject(b.outcome)
		if seen[promise] {
			rest = append(rest, b)
			continue
		}
		seen[promise] = true
		first = append(first, b)
	}
	return first, rest
}

// doubtful is 1 for what broke at a shop that was reset, or on a machine that was slow, and
// was not enacted again in time.
func doubtful(b broken) int {
	if b.outcome.Reset || b.outcome.Slow != "" {
		return 1
	}
	return 0
}

// isMore says whether a broken schedule is more of what is known already.
func (t *telling) isMore(b broken, promise string) bool {
	cause, known := t.knownCauseOf(promise, b.ids)
	if known {
		t.more(cause)
	}
	return known
}

func (t *telling) findingOf(b broken, promise, cause string) Finding {
	trial := t.trial(b.ids, b.seed)
	replay := record.Replay{Story: trial.Story, Seed: trial.Seed, Without: trial.Without, Injections: trial.Injections}
	return Finding{
		Script: t.clean.Script,
		Cause:  cause, Promise: promise, Because: because(b.outcome, promise), Sentence: b.outcome.Sentence,
		Injections: trial.Injections, Seed: trial.Seed, Count: 1, Replay: replay.String(), Record: b.outcome.Record, From: b.index, Size: len(b.ids),
	}
}

// because is why the promise is broken.
func because(o Outcome, promise string) string {
	if i := slices.Index(o.Breaks, promise); i >= 0 && i < len(o.Whys) {
		return o.Whys[i]
	}
	return o.Because
}

// unconfirmed lists what is no finding, once for each cause, and apart from it what
// may be one.
func (t *telling) unconfirmed(f Finding, r repeated) {
	f.Why, f.Cut = r.why, r.cut || r.tooBad
	if r.tooBad {
		t.result.TooSlow = cmp.Or(t.result.TooSlow, strings.TrimPrefix(r.why, "not confirmed: "))
	}
	for i, known := range t.result.Unconfirmed {
		if known.Cause == f.Cause && known.Cut == f.Cut {
			t.result.Unconfirmed[i].Count++
			return
		}
	}
	t.result.Unconfirmed = append(t.result.Unconfirmed, f)
}

// found adds a finding, minimized as far as the time allowed.
func (t *telling) found(b broken, f Finding, s *minimizing) {
	small := t.findingOf(broken{item{index: b.index, ids: s.ids, seed: s.seed}, s.outcome}, s.promise,
		s.promise+": "+cmp.Or(t.on(s.ids), "with no injection added"))
	small.Shown, small.Of, small.Size, small.NotMinimized = f.Shown, f.Of, f.Size, s.cut
	t.byShape[f.Cause], t.byShape[small.Cause] = small.Cause, small.Cause
	t.known = append(t.known, knownCause{b.ids, s.promise, small.Cause}, knownCause{s.ids, s.promise, small.Cause})
	if slices.ContainsFunc(t.findings, func(g Finding) bool { return g.Cause == small.Cause }) {
		t.more(small.Cause)
		return
	}
	if len(s.ids) == 0 { // what was told of the promise before needs no injection either
		t.findings = slices.DeleteFunc(t.findings, func(f Finding) bool {
			if f.Promise == s.promise {
				small.Count += f.Count
			}
			return f.Promise == s.promise
		})
	}
	t.findings = append(t.findings, small)
}

func (t *telling) on(ids []int) string {
	if len(ids) == 0 {
		return ""
	}
	return "on " + t.where(ids)
}
