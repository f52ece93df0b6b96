package explore

import (
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Two injections together are, until the second one takes effect, the first one alone. So
// the run of the first one, which was enacted, tells of a pair
//
//   - that it is dead: the second injection finds nothing to hit in that run. Its message
//     never comes, or comes after the script's end, or its answer lacks the field;
//   - in which situation the second one takes effect. Where two first injections, both long
//     over, have left everything as it is, what is to come is one. Where they have left
//     everything as it is without them, what is to come is the second one's own run.
//
// The first is exact where a seed is one history. The second is a conclusion from what can
// be seen, which is not all: so some of either are enacted all the same, and one that
// comes out otherwise fails the exploration.

// settled is how long an injection must be over before nothing else can be of it.
const settled = 200 * time.Millisecond

// happens is when and in which situation an injection could take effect in a run that it
// is not part of.
func (o Outcome) happens(c *candidate) (m moment, happens bool) {
	s, came := o.Spans[c.message.slot()]
	m = s.moment(c.Trigger.Phase)
	return m, came && (m.at > 0 || c.Trigger.Phase != fault.Answered)
}

// finds says whether the second injection finds anything to hit in the first one's run.
// Where that cannot be told, it does.
func (o Outcome) finds(first, second *candidate) bool {
	changesAnswer := second.Fault.Spec().ChangesField() && second.Trigger.Phase == fault.Answered
	switch {
	case len(o.Spans) == 0:
		return true
	case second.Trigger.N == 0 && first.Fault.Kind == fault.Answer && first.message.Trigger() == second.message.Trigger():
		return true // the answer that a tap makes up has fields of its own
	case second.Trigger.N > 0:
		// An injection heals a nanosecond later where another one stands before it, and what
		// it lets go on then takes other moments: near the script's end nobody can tell.
		m, happens := o.happens(second)
		if !happens || o.ScriptOver > 0 && m.at > o.ScriptOver+settled {
			return false
		}
	}
	return !changesAnswer || slices.ContainsFunc(o.Messages, func(m Message) bool {
		hit := m.slot() == second.message.slot() || second.Trigger.N == 0 && m.Trigger() == second.message.Trigger()
		return hit && slices.Contains(m.Fields, second.Fault.Field)
	})
}

// isDead says whether one of the two finds nothing to hit beside the other one.
func (e *explorer) isDead(ids []int) bool {
	if len(ids) != 2 {
		return false
	}
	for i, id := range ids {
		o, tried := e.tried[id]
		if tried && len(o.Missed) == 0 && !o.finds(e.catalogue.list[id], e.catalogue.list[ids[1-i]]) {
			return true
		}
	}
	return false
}

// meeting is how a pair comes together: the second one takes effect in this state.
type meeting struct {
	state  uint64
	second int
}

// meets says how the pair comes together, if that is all that matters to what comes then.
func (e *explorer) meets(ids []int) (m meeting, first int, known bool) {
	if len(ids) != 2 {
		return m, 0, false
	}
	for i, id := range ids {
		first, second := e.catalogue.list[id], e.catalogue.list[ids[1-i]]
		o, tried := e.tried[id]
		if !tried || o.Verdict != judge.Kept || len(o.Missed) > 0 || !first.isOfOneMessage() || !second.isOfOneMessage() {
			continue
		}
		began, _ := o.happens(first)
		then, happens := o.happens(second)
		if happens && then.state != 0 && began.at < then.at && o.Over+settled <= then.at {
			return meeting{then.state, second.id}, id, true
		}
	}
	return m, 0, false
}

// isOfOneMessage says whether the injection is dealt when one message comes, and then no
// more.
func (c *candidate) isOfOneMessage() bool {
	return c.Trigger.N > 0 && !c.message.isPayment() && c.Fault.Kind != fault.Meet
}

// class finds a schedule that the pair cannot differ from: one that is enacted before it.
func (e *explorer) class(it *item) {
	m, first, known := e.meets(it.ids)
	if !known {
		return
	}
	second := e.catalogue.list[m.second]
	if own, happens := e.clean.happens(second); happens && own.state == m.state {
		if _, tried := e.tried[second.id]; tried {
			it.pruned, it.byState, it.sameAs = true, true, []int{second.id}
			return
		}
	}
	stands, known := e.stands[m]
	if !known {
		e.stands[m] = first
		return
	}
	it.pruned, it.byState, it.sameAs = true, true, []int{stands, second.id}
	slices.Sort(it.sameAs)
}
