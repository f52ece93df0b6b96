package scenarios

import (
	"fmt"
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// sells are the steps that a shop takes by itself when it sells something.
var sells = []observe.Operation{observe.CreatePayment, observe.Capture, observe.BookParcel}

// lacks says which step the story hits that no control run had, or "". That it would
// have no effect is known before it is staged.
func (c *control) lacks(s harness.Story) string {
	if len(c.runs) == 0 || c.cannot != "" { // one story is asked for, or nothing can be staged
		return ""
	}
	for _, injection := range s.Injections {
		for _, step := range injection.Operation.Each() {
			if slices.Contains(sells, step) && !slices.ContainsFunc(c.runs, func(r *judge.Run) bool { return took(r, step) }) {
				return fmt.Sprintf("it needs a message of the operation %s, and no control run had one", step)
			}
		}
	}
	return ""
}

// took says whether the shop took the step in a run.
func took(r *judge.Run, step observe.Operation) bool {
	return slices.ContainsFunc(r.History, func(e observe.Event) bool {
		m := e.Message
		return e.Kind == observe.Arrived && m != nil && r.Routes.Named(m.Hop, m.Method, m.Path) == step
	})
}
