package target

import (
	"cmp"
	"strconv"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// telling are the requests whose answers tell how an order stands.
func (t *Target) telling() (list []request) {
	if t.Customer.Submit.path() != "" {
		list = append(list, t.Customer.Submit)
	}
	if t.Customer.Look != nil {
		list = append(list, *t.Customer.Look)
	}
	return list
}

// Reads are the fields that the page reads from which answer: “PUT /orders/{id}”
// and their names.
func (t *Target) Reads() map[string][]string {
	fields := t.FrontEnd(harness.Wall).Reads()
	m := map[string][]string{}
	for _, r := range t.telling() {
		m[r.method()+" "+r.template()] = fields
	}
	return m
}

// Told reads what the shop tells of an order in an answer to its page: the
// shop's own word, in the words of its screen.
func (t *Target) Told(o *Owners, e harness.Event) (observe.Entry, bool) {
	m := e.Message
	if m == nil || e.Kind != observe.Answered || m.Hop != string(harness.CustomerHop) || m.Status/100 != 2 {
		return observe.Entry{}, false
	}
	basket := basketOfCall(m.Call)
	for _, r := range t.telling() {
		if basket == "" || m.Method != r.method() || !harness.MatchPath(r.template(), m.Path) {
			continue
		}
		view, has := t.FrontEnd(harness.Wall).View(m.Status, m.Body)
		if !has {
			return observe.Entry{}, false
		}
		order := cmp.Or(r.described().Captured("order", m.Body), o.orderOf(basket), basket)
		o.note(basket, order)
		return observe.Entry{Op: "told", Key: strconv.Itoa(m.N), Reference: order, Basket: basket, State: view.Says}, true
	}
	return observe.Entry{}, false
}
