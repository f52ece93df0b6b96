package harness

import (
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// everyStrikeBit says whether each strike did what it was there for. Installed
// is not enough: of a message fault the tap tells, of a transport fault both
// ends of the hop.
func (r *Run) everyStrikeBit() Ruling {
	for i, s := range r.Schedule {
		bites := r.Bites(i)
		if len(bites) >= s.MustFire() {
			continue
		}
		if !r.wasInstalled(i) {
			return unproven("the strike “%s” never struck: its cue never came", s)
		}
		return unproven("the strike “%s” was in place and bit %s instead of %s: nothing that it could hit came by, or nobody noticed",
			s, times(len(bites)), times(s.MustFire()))
	}
	return kept()
}

func (r *Run) wasInstalled(strike int) bool {
	return slices.ContainsFunc(r.History, func(e Event) bool {
		return e.Kind == observe.Struck && e.Blow.Strike == strike && e.Blow.What != "healed"
	})
}

// Bites returns the events that show that the strike bit, by index.
func (r *Run) Bites(strike int) []int {
	s := r.Schedule[strike]
	if !s.Fault.IsTransport() || s.Hop == DatabaseHop {
		return r.fired(strike)
	}
	var bites []int
	for _, span := range r.spans(strike) {
		for i, e := range r.History {
			if e.Message == nil || Hop(e.Message.Hop) != s.Hop || e.At < span.from || e.At > span.to {
				continue
			}
			if far, bit := r.bitten(s, span, i); bit {
				bites = append(bites, far)
			}
		}
	}
	return bites
}

func (r *Run) fired(strike int) []int {
	var bites []int
	for i, e := range r.History {
		if e.Kind == observe.Struck && e.Blow.Strike == strike && e.Blow.What == "fired" {
			bites = append(bites, i)
		}
	}
	return bites
}

type span struct{ from, to time.Duration }

// spans are the times during which the strike was in place.
func (r *Run) spans(strike int) []span {
	var spans []span
	open := false
	for _, e := range r.History {
		if e.Kind != observe.Struck || e.Blow.Strike != strike {
			continue
		}
		switch e.Blow.What {
		case "installed":
			spans = append(spans, span{from: e.At, to: 1<<63 - 1})
			open = true
		case "healed":
			if open {
				spans[len(spans)-1].to = e.At
			}
			open = false
		}
	}
	return spans
}

// bitten says whether the sighting at index near, at the end where the message
// enters the fault, was late, changed or lost at the far end, and which event
// shows it.
func (r *Run) bitten(s Strike, in span, near int) (int, bool) {
	e := r.History[near]
	enters, leaves := observe.Answered, observe.Received
	if s.Fault.Direction == Upstream || s.Fault.Kind == DownFault {
		enters, leaves = observe.Sent, observe.Arrived
	}
	if e.Kind != enters {
		return 0, false
	}
	far := r.farEnd(e, near, leaves)
	if far < 0 {
		// It entered and nobody ever saw it come out. That proves nothing where
		// its caller had given up before.
		return near, !r.gaveUp(e, near)
	}
	late := r.History[far].At - e.At
	switch {
	case r.History[far].Kind == observe.Failed:
		return far, true
	case s.Fault.Kind == LatencyFault:
		// The toxic sleeps in whole milliseconds of the world; a tenth is slack
		// for a clock that is divided. What the heal released was held till then.
		enough := s.Fault.Duration - s.Fault.Duration/10
		held := r.History[far].At >= in.to && in.to-e.At >= s.Fault.Duration/10
		return far, late >= enough || held
	case s.Fault.Kind == BandwidthFault && s.Fault.Rate > 0:
		least := time.Duration(len(e.Message.Body)) * time.Second / 1024 / time.Duration(s.Fault.Rate)
		return far, late >= least/2 && late > 0
	case s.Fault.Kind == SlicerFault:
		return far, int64(len(e.Message.Body)) > s.Fault.Rate && late >= s.Fault.Duration
	case s.Fault.Kind == SlowCloseFault:
		return far, true
	}
	return far, false
}

// farEnd finds the sighting of the same message at the other end of the hop,
// or its caller's word that no answer came; -1 where there is none before the
// message enters once more, because a client asked again.
func (r *Run) farEnd(e Event, near int, leaves observe.Kind) int {
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
func (r *Run) gaveUp(e Event, near int) bool {
	return e.Message.Call != "" && slices.ContainsFunc(r.History[:near], func(f Event) bool {
		return f.Kind == observe.Failed && f.Actor != e.Actor && f.Message != nil && sameMessage(e, f)
	})
}

// sameMessage matches the two ends' sightings by the name that the caller gave
// the call; a browser gives none, and is matched by method and path.
func sameMessage(a, b Event) bool {
	if a.Message.Hop != b.Message.Hop {
		return false
	}
	if a.Message.Call != "" && b.Message.Call != "" {
		return a.Message.Call == b.Message.Call
	}
	return a.Actor != b.Actor && a.Message.Method == b.Message.Method && a.Message.Path == b.Message.Path
}

// clicks are the customer's clicks for a basket, by index.
func (r *Run) clicks(basket string) []int {
	var found []int
	for i, e := range r.History {
		if isClick(e) && e.Act.Basket == basket {
			found = append(found, i)
		}
	}
	return found
}

// entries are the lines of the ledgers for a basket, by index.
func (r *Run) entries(basket string, kinds ...observe.Kind) []int {
	var found []int
	for i, e := range r.History {
		if e.Entry != nil && slices.Contains(kinds, e.Kind) && r.BasketOf(e.Entry.Reference) == basket {
			found = append(found, i)
		}
	}
	return found
}

// basketOfMessage says which wish to buy a message speaks of: by the reference
// in its path, or else in its body.
func (r *Run) basketOfMessage(m *observe.Message) string {
	for _, segment := range strings.Split(m.Path, "/") {
		if basket := r.BasketOf(segment); basket != "" {
			return basket
		}
	}
	for _, basket := range r.Baskets() {
		if strings.Contains(m.Body, `"`+basket+"-") {
			return basket
		}
	}
	return ""
}
