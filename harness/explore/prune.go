package explore

import (
	"context"
	"fmt"
	"slices"

	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// classes says which changed answers cannot be told apart by what came after
// them: the histories of their runs are one, but for the text that the callers
// got to read. A field that nobody reads can be renamed, dropped and retyped, and
// all three are the control run. Then whatever is combined with one of them comes
// out as with the other, and only the first of them is combined.
//
// What a reader does with an answer depends on all that came before it. So the
// other injection has to come later: only then is it known, from the run of the
// changed answer alone, how things stood when it came.
//
// That is a conclusion from what was seen, and what a service keeps to itself
// is not seen: so a part of what is left out is run all the same.
type classes struct {
	of        map[int]int     // candidate → the first one of its class, or none
	spans     map[string]span // of the control run's messages
	messageOf func(id int) string
}

// none is the class of the injections that came to nothing: their runs are the
// clean one.
const none = -1

// rule says under which key the runs of two injections are one class.
type rule func(injection.Injection, Outcome) uint64

// sameHistory is the only rule there is; a test plants another.
func sameHistory(s injection.Injection, o Outcome) uint64 {
	calls := o.injected()
	return add(o.print(calls), append(calls, string(s.Trigger.Phase))...)
}

func classify(clean Outcome, tried map[int]Outcome, of func(id int) *candidate, same rule) classes {
	c := classes{map[int]int{}, clean.Spans, func(id int) string { return of(id).message.slot() }}
	ids := make([]int, 0, len(tried))
	for id := range tried {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	first := map[uint64]int{}
	for _, id := range ids {
		o := tried[id]
		if len(o.Missed) > 0 || !of(id).comparable() {
			continue // it stands for itself
		}
		if calls := o.injected(); len(calls) > 0 && clean.print(calls) == o.print(calls) {
			c.of[id] = none
			continue
		}
		key := same(of(id).Injection, o)
		if _, known := first[key]; !known {
			first[key] = id
		}
		c.of[id] = first[key]
	}
	return c
}

// comparable says whether the injection changes one field of one answer. Such a
// one shifts no time and outlives no message, so all that it can do is in the
// reader's hands, and the history shows what the reader does. Of what comes late
// or not at all it does not: a story may be over before it shows.
func (c *candidate) comparable() bool {
	return c.Trigger.N > 0 && c.Trigger.Phase == fault.Answered && c.Fault.Spec().ChangesField()
}

// disturbed says whether another injection may come before the message of this one
// was answered.
func (c classes) disturbed(id int, all []int) bool {
	changed := c.spans[c.messageOf(id)]
	return slices.ContainsFunc(all, func(other int) bool {
		injected, seen := c.spans[c.messageOf(other)]
		return other != id && (!seen || injected.Seen <= changed.Answered)
	})
}

// prune marks the schedule if it cannot differ from another one.
func (c classes) prune(it *item) {
	var same []int
	for _, id := range it.ids {
		switch stands, known := c.of[id]; {
		case !known || c.disturbed(id, it.ids):
			same = append(same, id)
		case stands != none:
			same = append(same, stands)
		}
	}
	slices.Sort(same)
	same = slices.Compact(same)
	if !slices.Equal(same, it.ids) {
		it.pruned, it.sameAs = true, same
	}
}

// oneIn of the pruned schedules is audited, beyond the first ones.
const oneIn = 20

// leaveOut counts a schedule whose outcome is known without enacting it, and for some of
// them sees whether that is so.
func (e *explorer) leaveOut(ctx context.Context, it item) error {
	e.mu.Lock()
	t := e.tally(it.level)
	if it.dead {
		t.Dead++
	} else {
		t.Pruned++
		for _, s := range e.catalogue.schedule(it.ids) {
			e.cell(s).Pruned++
		}
	}
	e.audited++
	audit := e.audited <= e.Audit || e.audited%oneIn == 0
	if audit {
		t.Audited++
	}
	e.mu.Unlock()
	if !audit {
		return nil
	}
	o, err := e.enact(ctx, e.trial(it.ids, it.seed))
	if err != nil {
		return err
	}
	wrong, err := e.differs(ctx, it, o)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if wrong != "" {
		e.result.Disagreements = append(e.result.Disagreements, wrong)
	}
	if o.Verdict == judge.Broken {
		e.breaks(broken{it, o})
	}
	e.watch()
	return nil
}

// differs says how a schedule that was left out came out otherwise than was concluded, or
// "".
func (e *explorer) differs(ctx context.Context, it item, o Outcome) (wrong string, err error) {
	schedule := e.catalogue.schedule(it.ids)
	if it.dead {
		if len(o.Missed) == 0 {
			wrong = fmt.Sprintf("%q was left out, for one of its injections would have nothing to hit, and all took effect", schedule)
		}
		return wrong, nil
	}
	same, err := e.samenessOf(ctx, it.sameAs)
	got, want := o.Sign, same.sign
	rule := "could not differ from"
	if it.byState {
		got, want = o.Tail, same.tail
		rule = "would find everything as it is in"
	}
	if err == nil && got != want {
		wrong = fmt.Sprintf("%q was left out, for it %s %q, and it differs: %s, not %s", schedule, rule, e.catalogue.schedule(it.sameAs), got, want)
	}
	return wrong, err
}

// sameness is by what two runs are compared: as a whole, or from the last effect on.
type sameness struct{ sign, tail string }

func (o Outcome) sameness() sameness { return sameness{o.Sign, o.Tail} }

// samenessOf is that of another schedule, run already or now.
func (e *explorer) samenessOf(ctx context.Context, ids []int) (sameness, error) {
	e.mu.Lock()
	same, known := e.signs[fmt.Sprint(ids)]
	if len(ids) == 0 {
		same, known = e.clean.sameness(), true
	}
	if o, single := e.tried[firstOf(ids)]; single && len(ids) == 1 {
		same, known = o.sameness(), true
	}
	e.mu.Unlock()
	if known {
		return same, nil
	}
	o, err := e.enact(ctx, e.trial(ids, 0))
	return o.sameness(), err
}

func firstOf(ids []int) int {
	if len(ids) == 0 {
		return none
	}
	return ids[0]
}
