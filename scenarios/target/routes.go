package target

import (
	"net/http"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// LoadStep is a request of a page's load before the one that brings the page.
const LoadStep observe.Operation = "LoadStep"

// Routes are how the shop spells what its customers and the provider send to it, and
// how the provider spells what the shop sends there. The carrier's are its own.
func (t *Target) Routes() (list observe.Routes) {
	for _, r := range []observe.Route{t.submits(), t.looks(), t.changes(), t.opens()} {
		if r.Path != "" {
			list = append(list, r)
		}
	}
	if t.Customer.Browser == nil {
		for i := range t.Customer.Open[:len(t.Customer.Open)-1] {
			list = append(list, t.Customer.Open[i].route(LoadStep))
		}
	}
	if t.Webhooks != "" {
		list = append(list, observe.Route{Operation: observe.PaymentWebhook, Hop: observe.WebhookHop, Method: http.MethodPost, Path: t.Webhooks})
	}
	return append(list, t.provider.Routes...)
}

// alike says whether one message may be meant by both.
func alike(a, b observe.Route) bool {
	return a.Method == b.Method && a.Where == b.Where && overlap(a.Path, b.Path)
}

// submits is the message that a click sends.
func (t *Target) submits() observe.Route {
	if b := t.Customer.Browser; b != nil {
		return b.Sends.route(observe.Submit)
	}
	return t.Customer.Submit.route(observe.Submit)
}

// looks is the message that asks how the order stands, if the page asks.
func (t *Target) looks() observe.Route {
	if b := t.Customer.Browser; b != nil {
		return b.Looks.route(observe.OrderStatus)
	}
	return t.Customer.Look.route(observe.OrderStatus)
}

// opens is the message that brings the page.
func (t *Target) opens() observe.Route {
	if b := t.Customer.Browser; b != nil {
		return observe.Route{Operation: observe.OpenPage, Hop: observe.CustomerHop, Method: http.MethodGet, Path: openTemplate(b.Open)}
	}
	return t.Customer.Open[len(t.Customer.Open)-1].route(observe.OpenPage)
}

// changes is the message that changes the basket, if it can be.
func (t *Target) changes() observe.Route {
	if b := t.Customer.Browser; b != nil {
		if b.Basket == "" {
			return observe.Route{}
		}
		return observe.Route{Operation: observe.ChangeBasket, Hop: observe.CustomerHop, Method: http.MethodPut, Path: openTemplate(b.Basket)}
	}
	return t.Customer.Change.route(observe.ChangeBasket)
}

// reads are the fields that the page reads from answers to submits and looks.
func (t *Target) reads() []string {
	if b := t.Customer.Browser; b != nil {
		return b.Reads
	}
	return t.Customer.reads()
}

// alwaysReads are the fields without which no answer has a screen: those that every
// screen that goes by fields reads.
func (t *Target) alwaysReads() (fields []string) {
	if t.Customer.Browser != nil {
		return t.reads()
	}
	for _, field := range t.reads() {
		if !slices.ContainsFunc(t.Customer.Screens, func(s screen) bool { return len(s.JSON) > 0 && !s.reads(field) }) {
			fields = append(fields, field)
		}
	}
	return fields
}

func (s screen) reads(field string) bool {
	for pointer := range s.JSON {
		if first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/"); first == field {
			return true
		}
	}
	return false
}

// reads are the first parts of the pointers in the screens.
func (c Customer) reads() (fields []string) {
	seen := map[string]bool{}
	for _, s := range c.Screens {
		for pointer := range s.JSON {
			field, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
			if field != "" && !seen[field] {
				seen[field] = true
				fields = append(fields, field)
			}
		}
	}
	return fields
}
