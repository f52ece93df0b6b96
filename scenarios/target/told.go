package target

import (
	"cmp"
	"strconv"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Reads are the fields that the page reads from which answer: “PUT /orders/{id}”
// and their names.
func (t *Target) Reads() map[string][]string {
	m := map[string][]string{}
	_, always := t.page().reads()
	for _, p := range []observe.Route{t.submits(), t.looks()} {
		if p.Path != "" {
			m[p.Method+" "+p.Spelling()] = always
		}
	}
	return m
}

// Told reads what the shop tells of an order in an answer to its page: the
// shop's own word, in the words of its screen.
func (t *Target) Told(o *Owners, e observe.Event) (observe.Entry, bool) {
	m := e.Message
	if m == nil || e.Kind != observe.Answered || m.Hop != observe.CustomerHop || m.Status/100 != 2 {
		return observe.Entry{}, false
	}
	basket := basketOfCall(m.Call)
	for _, p := range []observe.Route{t.submits(), t.looks()} {
		if basket == "" || p.Path == "" || !fits(p, *m) {
			continue
		}
		view, has := t.FrontEnd(units.Wall).View(m.Status, m.Header["Content-Type"], m.Body)
		if !has || view.Says == observe.StatusError {
			return observe.Entry{}, false
		}
		order := cmp.Or(t.Customer.Submit.described().Captured("order", m.Body), o.orderOf(basket), basket)
		o.note(basket, order)
		return observe.Entry{Op: observe.OrderTold, Key: strconv.Itoa(m.N), Reference: order, Basket: basket, State: view.Says}, true
	}
	return observe.Entry{}, false
}
