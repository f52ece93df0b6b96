package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/harness"
)

// Story is a story as this shop's customers have it: its injections hit the
// messages that play the same part here. Where that cannot be, why says so, in
// words for a report.
func (t *Target) Story(s harness.Story) (own harness.Story, why string) {
	switch {
	case s.Browser && t.Customer.Browser == nil:
		return s, "its customers sit at a browser, and the description has the front end's requests"
	case s.Shop.Price != 0:
		return s, "it needs a price that the provider treats in a special way, and the price is the shop's"
	case s.Shop.GoesBack && t.Customer.Browser == nil:
		return s, "it needs a page with a back button, and the description has the front end's requests"
	case s.Shop.ClicksCold && t.Customer.Browser != nil:
		return s, "it needs a click on a connection of its own, and a browser keeps its connections"
	case s.Shop.ChangesBasket && !t.changes().is():
		return s, "it needs a basket that can be changed, and the description has none"
	}
	own = s
	own.Browser = t.Customer.Browser != nil
	own.Injections = nil
	for _, injection := range s.Injections {
		moved, why := t.injection(injection)
		if why != "" {
			return s, why
		}
		own.Injections = append(own.Injections, moved)
	}
	own.Complaint = harness.Complaint{} // it is about the reference shop's safeguards
	own.Promises = slices.DeleteFunc(slices.Clone(s.Promises), func(p harness.Promise) bool { return p.Reference })
	own.Shop.NoCarrier = t.Shipping.None
	return own, ""
}

// injection is a story's injection as it hits this shop, or why it cannot.
func (t *Target) injection(s harness.Injection) (moved harness.Injection, why string) {
	if s.Fault.IsProcess() && t.Service.URL != "" {
		return s, "it needs the service to be killed or paused, and this one runs already"
	}
	switch s.Hop {
	case harness.ShippingHop:
		if t.Shipping.None {
			return s, "it needs a carrier, and the shop tells none"
		}
	case harness.WebhookHop:
		if t.Webhooks == "" {
			return s, "it needs webhooks, and the shop takes none"
		}
		if s.Trigger.Path != "" {
			s.Trigger.Path = t.Webhooks
		}
	case harness.CustomerHop:
		if s.Trigger.Path != "" {
			return t.onThePage(s)
		}
	}
	return s, ""
}

// onThePage moves a injection on a message of the reference shop's page.
func (t *Target) onThePage(s harness.Injection) (moved harness.Injection, why string) {
	var to part
	switch {
	case s.Trigger.Path == "/orders/{id}" && s.Trigger.Method == "GET":
		if to = t.looks(); !to.is() {
			return s, "it needs a page that asks how the order stands, and this one never asks"
		}
		if to.blurs(t.opens()) {
			return s, "it injections the page's question how the order stands, which cannot be told from the page's load here: say where, under look"
		}
	case s.Trigger.Path == "/orders/{id}":
		to = t.submits() // of every message that tells of an order, its answer is sure to come
	case strings.HasPrefix(s.Trigger.Path, "/checkout/"):
		to = t.opens()
	case strings.HasPrefix(s.Trigger.Path, "/baskets/"):
		to = t.changes()
	}
	if !to.is() {
		return s, fmt.Sprintf("it injections %s %s, and this shop has no message of that part", s.Trigger.Method, s.Trigger.Path)
	}
	s.Trigger.Method, s.Trigger.Path = to.method, to.path
	if s.Fault.Field != "" {
		fields := t.reads()
		if len(fields) == 0 {
			return s, "it renames a field that the page reads, and this page reads none"
		}
		s.Fault.Field = fields[0]
	}
	return s, ""
}
