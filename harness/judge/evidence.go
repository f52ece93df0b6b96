package judge

import (
	"math"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// everyInjectionTookEffect says whether each injection did what it was there for. Installed
// is not enough: of a message fault the tap tells, of a transport fault both
// ends of the hop.
func (r *Run) everyInjectionTookEffect() Ruling {
	for i := range r.Schedule {
		if why := r.WithoutEffect(i); why != "" {
			return RuleUnproven("%s", why)
		}
	}
	return RuleKept()
}

// Effects returns the events that show that the injection took effect, by index.
func (r *Run) Effects(injection int) []int {
	x, s := r.Index(), r.Schedule[injection]
	fate := x.Fate(injection)
	switch {
	case s.Fault.IsProvider():
		return r.refusedSince(fate.Spans, s.Fault.Spec().Proof.Answers)
	case s.Fault.IsEpilogue():
		return slices.DeleteFunc(slices.Clone(fate.Fired), func(i int) bool { return r.repeats(i) == nil })
	case s.Fault.IsDecision():
		return slices.DeleteFunc(slices.Clone(fate.Fired), func(i int) bool { return !r.decided(s.Fault, i) })
	case !s.Fault.IsTransport():
		return fate.Fired
	}
	var effects []int
	for _, span := range fate.Spans {
		for i, e := range r.History {
			if e.Message == nil || e.Message.Hop != s.Hop || !x.During(span, i) {
				continue
			}
			if far, tookEffect := r.effectOf(s, span, i); tookEffect {
				effects = append(effects, far)
			}
		}
	}
	return effects
}

// decided says whether the provider's ledger agrees that a customer decided about a
// payment as the i-th event says.
func (r *Run) decided(f fault.Fault, i int) bool {
	fired := r.History[i]
	declined := false
	for _, e := range r.History {
		if e.Kind != observe.Money || e.Entry.Reference != fired.Effect.Payment {
			continue
		}
		switch e.Entry.Op {
		case observe.MoneyAborted, observe.MoneyDeclined:
			declined = true
		case observe.MoneyAuthorized: // which after a refusal is another attempt
			if declined {
				continue
			}
			if late := e.At - fired.At; f.Kind != fault.ApproveLate || late < f.Duration-f.Duration/10 {
				return false
			}
		}
	}
	return declined || f.Kind != fault.Decline && f.Kind != fault.AnotherCard
}

// refusedSince are the provider's own answers of a status, since the first span began.
// One to a shop that authenticates says nothing of its token.
func (r *Run) refusedSince(spans []history.Span, status int) (answers []int) {
	if len(spans) == 0 {
		return nil
	}
	for i := spans[0].Begin + 1; i < len(r.History); i++ {
		m := r.History[i].Message
		if r.History[i].Kind == observe.Answered && m.Hop == observe.ProviderHop && m.Status == status &&
			r.Routes.Named(observe.ProviderHop, m.Method, m.Path) != observe.Authenticate {
			answers = append(answers, i)
		}
	}
	return answers
}

// effectOf says whether the sighting at index near, at the end where the message
// enters the fault, was late, changed or lost at the far end, and which event
// shows it.
func (r *Run) effectOf(s injection.Injection, in history.Span, near int) (int, bool) {
	x, e, proof := r.Index(), r.History[near], s.Fault.Spec().Proof
	enters := observe.Answered
	if s.Fault.Direction == fault.Upstream || s.Fault.Kind == fault.Down {
		enters = observe.Sent
	}
	if e.Kind != enters {
		return 0, false
	}
	if r.otherwiseInjected(s, near) {
		return 0, false // whatever happened to it may have been the other's doing
	}
	if e.Message.Stream {
		return r.cutOff(s, in, near)
	}
	far := x.FarEnd(near)
	if far < 0 {
		// It entered and nobody ever saw it come out. That proves nothing where
		// its caller had given up before, or where the fault loses nothing.
		return near, len(proof.Fails) > 0 && !x.GaveUp(near)
	}
	late := r.History[far].At - e.At
	slows, least := proof.HoldsUp != nil, time.Duration(0)
	if slows {
		least = proof.HoldsUp(s.Fault, len(e.Message.Body))
	}
	if f := r.History[far]; f.Kind == observe.Failed {
		// A caller that tired of waiting had perhaps waited for the callee till then: the
		// fault must have had the message for a while.
		held := !slows || r.Clock.Real(late) >= 4*provable
		return far, held && slices.Contains(proof.Fails, f.Message.Error)
	}
	if !slows || r.Clock.Real(least) < provable {
		return far, false
	}
	// What the heal released was held till then, or almost: that it healed is told
	// when all has been released.
	till := time.Duration(math.MaxInt64)
	if in.End >= 0 {
		till = r.at(in.End) - e.At
	}
	return far, late >= least-least/10 || till >= least/10 && late >= till-till/10
}

// cutOff says whether the injection ended a stream at its caller's: how long a stream
// took, and when its end was heard of, proves nothing.
func (r *Run) cutOff(s injection.Injection, in history.Span, near int) (int, bool) {
	x := r.Index()
	if r.History[near].Message.Error != "" {
		return near, false // the callee broke it off
	}
	for _, i := range x.CallOf(near).Failed {
		class := r.History[i].Message.Error
		if x.During(in, i) && class != observe.Cancelled && slices.Contains(s.Fault.Spec().Proof.Fails, class) {
			return i, true
		}
	}
	return near, false
}

// provable is the shortest delay, in the world's own time, that can be told
// from a busy machine.
const provable = 5 * time.Millisecond

// otherwiseInjected says whether another injection hit the call.
func (r *Run) otherwiseInjected(s injection.Injection, near int) bool {
	return slices.ContainsFunc(r.Index().CallOf(near).Hits, func(other int) bool {
		return other >= 0 && other < len(r.Schedule) && r.Schedule[other] != s
	})
}

// Clicks are the customer's clicks for a basket, by index.
func (r *Run) Clicks(basket string) []int {
	return r.about(basket, isClick)
}

// Entries are the lines of the ledgers for a basket, by index.
func (r *Run) Entries(basket string, kinds ...observe.Kind) []int {
	return r.about(basket, func(e observe.Event) bool { return slices.Contains(kinds, e.Kind) })
}

// about are the events of a basket that fit, by index.
func (r *Run) about(basket string, fits func(observe.Event) bool) (found []int) {
	for _, i := range r.Index().About(basket) {
		if fits(r.History[i]) {
			found = append(found, i)
		}
	}
	return found
}
