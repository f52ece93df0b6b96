package judge

import (
	"slices"
	"strings"
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

func (r *Run) wasInstalled(injection int) bool {
	return slices.ContainsFunc(r.History, func(e observe.Event) bool {
		return e.Kind == observe.Injected && e.Effect.Injection == injection && e.Effect.What != observe.Healed
	})
}

// Effects returns the events that show that the injection took effect, by index.
func (r *Run) Effects(injection int) []int {
	s := r.Schedule[injection]
	if !s.Fault.IsTransport() {
		return r.fired(injection)
	}
	var effects []int
	for _, span := range r.spans(injection) {
		for i, e := range r.History {
			if e.Message == nil || observe.Hop(e.Message.Hop) != s.Hop || !span.has(e) {
				continue
			}
			if far, tookEffect := r.effectOf(s, span, i); tookEffect {
				effects = append(effects, far)
			}
		}
	}
	return effects
}

func (r *Run) fired(injection int) []int {
	var effects []int
	for i, e := range r.History {
		if e.Kind == observe.Injected && e.Effect.Injection == injection && e.Effect.What == observe.Fired {
			effects = append(effects, i)
		}
	}
	return effects
}

// span is a time during which an injection was in place. The message that was its
// trigger entered it, though its observer told of it just before.
type span struct {
	from, to time.Duration
	trigger  string // the caller's name for that message
}

func (s span) has(e observe.Event) bool {
	return e.At >= s.from && e.At <= s.to || s.trigger != "" && e.Message.Call == s.trigger && e.At <= s.to
}

// spans are the times during which the injection was in place.
func (r *Run) spans(injection int) (list []span) {
	for _, one := range history.Spans(r.History, injection) {
		begin := r.History[one.Begin]
		in := span{from: begin.At, to: 1<<63 - 1, trigger: begin.Effect.Call}
		if one.End >= 0 {
			in.to = r.History[one.End].At
		}
		list = append(list, in)
	}
	return list
}

// effectOf says whether the sighting at index near, at the end where the message
// enters the fault, was late, changed or lost at the far end, and which event
// shows it.
func (r *Run) effectOf(s injection.Injection, in span, near int) (int, bool) {
	e, proof := r.History[near], s.Fault.Spec().Proof
	enters, leaves := observe.Answered, observe.Received
	if s.Fault.Direction == fault.Upstream || s.Fault.Kind == fault.Down {
		enters, leaves = observe.Sent, observe.Arrived
	}
	if e.Kind != enters {
		return 0, false
	}
	if r.otherwiseInjected(s, e) {
		return 0, false // whatever happened to it may have been the other's doing
	}
	if e.Message.Stream {
		return r.cutOff(s, in, near)
	}
	far := r.farEnd(e, near, leaves)
	if far < 0 {
		// It entered and nobody ever saw it come out. That proves nothing where
		// its caller had given up before, or where the fault loses nothing.
		return near, len(proof.Fails) > 0 && !r.gaveUp(e, near)
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
	till := in.to - e.At
	return far, late >= least-least/10 || till >= least/10 && late >= till-till/10
}

// cutOff says whether the injection ended a stream at its caller's: how long a stream
// took, and when its end was heard of, proves nothing.
func (r *Run) cutOff(s injection.Injection, in span, near int) (int, bool) {
	e := r.History[near]
	if e.Message.Error != "" {
		return near, false // the callee broke it off
	}
	for i, far := range r.History {
		if far.Kind == observe.Failed && far.Actor != e.Actor && in.has(far) && sameMessage(e, far) &&
			far.Message.Error != observe.Cancelled && slices.Contains(s.Fault.Spec().Proof.Fails, far.Message.Error) {
			return i, true
		}
	}
	return near, false
}

// provable is the shortest delay, in the world's own time, that can be told
// from a busy machine.
const provable = 5 * time.Millisecond

// otherwiseInjected says whether a message fault of another injection hit the call.
func (r *Run) otherwiseInjected(s injection.Injection, e observe.Event) bool {
	return e.Message.Call != "" && slices.ContainsFunc(r.History, func(f observe.Event) bool {
		return f.Kind == observe.Injected && f.Effect.What == observe.Fired && f.Effect.Call == e.Message.Call &&
			f.Effect.Injection < len(r.Schedule) && r.Schedule[f.Effect.Injection] != s
	})
}

// farEnd finds the sighting of the same message at the other end of the hop,
// or its caller's word that no answer came; -1 where there is none before the
// message enters once more, because a client asked again.
func (r *Run) farEnd(e observe.Event, near int, leaves observe.Kind) int {
	first, _ := r.instant(near) // in which the far end may stand first
	for i := first; i < len(r.History); i++ {
		far := r.History[i]
		if far.Message == nil || !sameMessage(e, far) {
			continue
		}
		if far.Kind == leaves || far.Kind == observe.Failed {
			return i
		}
		if i > near && far.Kind == e.Kind && e.Message.Call != "" {
			return -1
		}
	}
	return -1
}

// gaveUp says whether the caller of the message had heard of its failure before.
func (r *Run) gaveUp(e observe.Event, near int) bool {
	return e.Message.Call != "" && slices.ContainsFunc(r.History[:near], func(f observe.Event) bool {
		return f.Kind == observe.Failed && f.Actor != e.Actor && f.Message != nil && sameMessage(e, f)
	})
}

// sameMessage matches the two ends' sightings by the name that the caller gave
// the call; a browser gives none, and is matched by method and path.
func sameMessage(a, b observe.Event) bool {
	if a.Message.Hop != b.Message.Hop {
		return false
	}
	if a.Message.Call != "" && b.Message.Call != "" {
		return a.Message.Call == b.Message.Call
	}
	return a.Actor != b.Actor && a.Message.Method == b.Message.Method && observe.SameRoute(a.Message.Path, b.Message.Path)
}

// Clicks are the customer's clicks for a basket, by index.
func (r *Run) Clicks(basket string) []int {
	var found []int
	for i, e := range r.History {
		if isClick(e) && e.Act.Basket == basket {
			found = append(found, i)
		}
	}
	return found
}

// Entries are the lines of the ledgers for a basket, by index.
func (r *Run) Entries(basket string, kinds ...observe.Kind) []int {
	var found []int
	for i, e := range r.History {
		if e.Entry != nil && slices.Contains(kinds, e.Kind) && r.OwnerOf(e.Entry) == basket {
			found = append(found, i)
		}
	}
	return found
}

// basketOfMessage says which wish to buy a message speaks of: by the reference
// in its path, or else in its body.
func (r *Run) basketOfMessage(m *observe.Message) string {
	for _, segment := range strings.Split(observe.Unmarked(m.Path), "/") {
		if basket := r.BasketOf(segment); basket != "" {
			return basket
		}
	}
	best := "" // as BasketOf: the longest name
	for _, basket := range r.Baskets() {
		if len(basket) > len(best) && strings.Contains(m.Body, `"`+basket+"-") {
			best = basket
		}
	}
	return best
}
