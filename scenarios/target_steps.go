package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// sells are the steps that a shop takes by itself when it sells something.
var sells = []observe.Operation{observe.CreatePayment, observe.Capture, observe.BookParcel}

// thinks is how long a customer takes, at least, to approve a payment that waits for her.
const thinks = time.Second

// lacks says which step the story hits, or its bank rejects, that no control run had, or "". That
// it would have no effect is known before it is staged.
func (c *control) lacks(s harness.Story) string {
	if len(c.runs) == 0 || c.cannot != "" { // one story is asked for, or nothing can be staged
		return ""
	}
	var hits []observe.Operation
	if s.Shop.Bank == observe.RejectingBank {
		hits = append(hits, observe.Capture)
	}
	for _, injection := range s.Injections {
		if waits := []fault.Kind{fault.ApproveLate, fault.Abandon}; slices.Contains(waits, injection.Fault.Kind) && c.approvesAtOnce() {
			return "it is about a customer who lets a payment wait, and in the control runs each was approved when it was made, as a card is"
		}
		hits = append(hits, injection.Operation)
	}
	for _, hit := range hits {
		for _, step := range hit.Each() {
			if slices.Contains(sells, step) && !slices.ContainsFunc(c.runs, func(r *judge.Run) bool { return took(r, step) }) {
				return fmt.Sprintf("it needs a message of the operation %s, and no control run had one", step)
			}
		}
	}
	return ""
}

// approvesAtOnce says whether each payment of the control runs was approved or declined when it
// was made.
func (c *control) approvesAtOnce() bool {
	approved := false
	for _, r := range c.runs {
		waits := map[string]time.Duration{} // since when
		for _, e := range r.History {
			if e.Kind != observe.Money {
				continue
			}
			since, known := waits[e.Entry.Reference]
			switch e.Entry.Op {
			case observe.MoneyCreated:
				waits[e.Entry.Reference] = e.At
			case observe.MoneyAuthorized, observe.MoneyAborted:
				if !known || e.At-since >= thinks {
					return false
				}
				approved = approved || e.Entry.Op == observe.MoneyAuthorized
				delete(waits, e.Entry.Reference)
			}
		}
		if len(waits) > 0 {
			return false
		}
	}
	return approved
}

// took says whether the shop took the step in a run.
func took(r *judge.Run, step observe.Operation) bool {
	return slices.ContainsFunc(r.History, func(e observe.Event) bool {
		m := e.Message
		return e.Kind == observe.Arrived && m != nil && r.Routes.Named(m.Hop, m.Method, m.Path) == step
	})
}
