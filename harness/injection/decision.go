package injection

import (
	"fmt"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// Decision is what a customer does about a payment. The zero one is what she would do
// anyway.
type Decision struct {
	fault.Fault
	// Took tells that it made a difference: she would have approved now. It may be called
	// when the script is over.
	Took func()
}

// Decides says what the customer will do about a payment that was asked for just now. The
// provider asks once for each of its payments, and no payment is asked for twice.
func (a *Injector) Decides(payment string) (d Decision) {
	for _, s := range a.injection {
		if !s.Fault.IsDecision() {
			continue
		}
		a.mu.Lock()
		s.seen++
		due := !a.stopped && (s.Trigger.N == 0 || s.Trigger.N == s.seen)
		s.injected = s.injected || due
		a.mu.Unlock()
		switch {
		case !due:
		case d.Kind != "":
			a.see(observe.Event{Actor: "stage", Kind: observe.Note, Text: fmt.Sprintf("%s payment %s: another one decides about it", MissedNote(s.index), payment)})
		default:
			d = a.decided(s, payment)
		}
	}
	return d
}

func (a *Injector) decided(s *armed, payment string) Decision {
	tell := func(what observe.Fate, text string) {
		a.see(observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{
			Injection: s.index, What: what, Text: text, Hop: s.Hop, Payment: payment,
		}})
	}
	tell(observe.Installed, s.String())
	return Decision{s.Fault, func() { tell(observe.Fired, "she would have approved payment "+payment+" now") }}
}
