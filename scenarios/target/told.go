package target

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

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
	for _, p := range []observe.Route{t.submits(), t.looks(), t.ledTo(*m)} {
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

// ledTo is the route of a message that no step describes, where the submit or the look
// follows redirects: it asks for the page that one led to.
func (t *Target) ledTo(m observe.Message) (r observe.Route) {
	follows := t.Customer.Submit.Follow || t.Customer.Look != nil && t.Customer.Look.Follow
	if !follows || m.Method != http.MethodGet {
		return r
	}
	for _, p := range t.page().routes() {
		if fits(p, m) {
			return r
		}
	}
	path, _, _ := strings.Cut(observe.Unmarked(m.Path), "?")
	return observe.Route{Method: m.Method, Path: path}
}
