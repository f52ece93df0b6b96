package target

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/unhappypath/unhappypath/fakes/callee"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Fulfilment is what means that goods were sent, where no carrier of ours is told: a call
// of a callee, or a word of the shop's.
type Fulfilment struct {
	Callee string `yaml:"callee"`
	called `yaml:",inline"`
	Key    *place         `yaml:"key"`
	Says   observe.Status `yaml:"says"`
}

// place is where a request says something.
type place struct {
	JSON   string `yaml:"json"`
	Header string `yaml:"header"`
	Query  string `yaml:"query"`
}

// isCall says whether a call of the callee means that goods were sent.
func (f *Fulfilment) isCall(name string) bool { return f != nil && f.Callee != "" && f.Callee == name }

// sentBy is how that call is spelled: it books a parcel, for every story that aims at it.
func (t *Target) sentBy() observe.Route {
	r := t.Fulfilment.called.route(t.Fulfilment.Callee)
	r.Operation = observe.BookParcel
	return r
}

// sends says whether an answer of the callee is to the call that sends the goods.
func (t *Target) sends(name string, a answer) bool {
	if !t.Fulfilment.isCall(name) {
		return false
	}
	sent, answered := t.sentBy(), a.called.route(name)
	return sent.Method == answered.Method && observe.SameTemplate(sent.Path, answered.Path) &&
		(sent.Where == answered.Where || !sent.Where.Is() || !answered.Where.Is())
}

// work is the fulfilment as its callee does it, or nil.
func (t *Target) work(name string, o *Owners) *callee.Work {
	if !t.Fulfilment.isCall(name) {
		return nil
	}
	w := &callee.Work{Route: t.sentBy(), Owner: o.Named}
	if key := t.Fulfilment.Key; key != nil {
		w.Key = observe.Where{JSON: key.JSON, Header: key.Header, Query: key.Query}
	}
	return w
}

// Sent finds goods that were sent in what the shop told of an order.
func (t *Target) Sent(told observe.Entry) (entry observe.Entry, is bool) {
	if t.Fulfilment == nil || t.Fulfilment.Says == "" || told.State != t.Fulfilment.Says {
		return entry, false
	}
	return observe.Entry{Op: observe.ParcelBooked, Reference: told.Reference, Owner: told.Basket}, true
}

// checkWord looks whether the word that means that goods were sent can be heard.
func (t *Target) checkWord(tell func(string, ...string)) {
	word := t.Fulfilment.Says
	switch {
	case !word.IsSale():
		tell(fmt.Sprintf("%s says of no goods that they were sent: say shipped or paid", word), "fulfilment", "says")
	case t.AtBrowser():
		tell("what a page in a browser says is not the shop's word: name a call of a callee", "fulfilment", "says")
	case !t.page().tells(word):
		tell(fmt.Sprintf("no screen says %s", word), "fulfilment", "says")
	}
}

func (t *Target) checkFulfilment(tell func(string, ...string)) {
	f := t.Fulfilment
	switch {
	case f == nil:
	case !t.Shipping.None:
		tell("the carrier's ledger says what was sent: say shipping: none, or leave this out", "fulfilment")
	case f.Says != "":
		t.checkWord(tell)
	case t.Callees[f.Callee].Answers == nil:
		tell(fmt.Sprintf("there is no callee %q: describe it under callees", f.Callee), "fulfilment", "callee")
	case !slices.ContainsFunc(t.Callees[f.Callee].Answers, func(a answer) bool { return t.sends(f.Callee, a) && a.answer().Status < http.StatusBadRequest }):
		sent := t.sentBy()
		tell(fmt.Sprintf("callees.%s.answers has no answer to %s %s with a status below 400: add one", f.Callee, sent.Method, sent.Spelling()), "fulfilment")
	}
}
