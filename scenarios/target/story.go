package target

import (
	"fmt"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Story is a story as this shop's customers have it: its injections hit the
// messages that play the same part here. Where that cannot be, why says so, in
// words for a report.
func (t *Target) Story(s harness.Story) (own harness.Story, why string) {
	lacks := t.page().lacks(s)
	switch {
	case lacks != "":
		return s, lacks
	case s.Shop.Bank != "" && t.noBank(s.Shop.Bank) != "":
		return s, t.noBank(s.Shop.Bank)
	case s.Shop.PaysAtProvider && t.noPayPage() != "":
		return s, t.noPayPage()
	case s.Shop.AsksProvider && len(t.Routes().Of(observe.GetPayment)) == 0:
		return s, "it needs a provider that can be asked how a payment stands, and this one cannot"
	case s.Shop.AnotherCard && len(t.provider.CardCodes) == 0:
		return s, "it needs a provider at which a customer whose card is declined may pay with another one"
	case t.Payments.Script && s.Shop.ApproveAfter != 0:
		return s, "it is about a customer who approves in an app, and this one pays on the shop's page"
	case s.Shop.GivesUpAfter != 0 && t.Payments.GivesUpAfter == 0:
		return s, "it needs a shop of which it is known how long it waits for an approval: say payments: {gives_up_after: 15m}"
	case s.Shop.ChangesBasket && t.changes().Path == "":
		return s, "it needs a basket that can be changed, and the description has none"
	case s.Shop.PaysBack && t.Shipping.None:
		return s, noCarrier
	case s.Shop.PaysBack && !t.Shipping.Refunds:
		return s, "it needs a shop that pays back what the carrier refuses to send, and the description does not say shipping: {refunds: true}"
	}
	own = s
	own.Browser = t.AtBrowser()
	if t.Payments.Script {
		own.Shop.ApproveAfter = environment.Never // she pays with her click
	}
	own.Injections = nil
	for _, injection := range s.Injections {
		moved, why := t.injection(injection)
		if slices.Contains(s.Labels, Own) { // it is written for this shop
			moved, why = injection, t.cannotHit(injection)
		}
		if why != "" {
			return s, why
		}
		if own := t.Customer.TimeOut.or(defaultTimeOut); s.Shop.ScalesWithPage && !t.AtBrowser() {
			times := own.Seconds() / s.Shop.PageTimeOut.Seconds()
			for _, d := range []*time.Duration{&moved.Fault.Duration, &moved.For} {
				*d = time.Duration(float64(*d) * times).Round(time.Millisecond)
			}
		}
		if known := s.Shop.GivesUpAfter; known != 0 { // she comes as much too late
			moved.Fault.Duration += time.Duration(t.Payments.GivesUpAfter) - known
			own.Shop.GivesUpAfter = time.Duration(t.Payments.GivesUpAfter)
		}
		own.Injections = append(own.Injections, moved)
	}
	own.Complaint = judge.Complaint{} // it is about the reference shop's safeguards
	own.Promises = slices.DeleteFunc(slices.Clone(s.Promises), func(p judge.Promise) bool { return p.Reference })
	own.Shop.NoCarrier = t.Shipping.None && t.Fulfilment == nil
	own.Shop.Fulfilment, own.Shop.Parcels = t.Fulfilment != nil, t.Shipping.Parcels
	return own, ""
}

// cannotStage says why a fault cannot be staged at this shop, wherever it hits, or "".
func (t *Target) cannotStage(f fault.Fault) string {
	switch {
	case f.Process != "" && t.Service.URL != "":
		return "it needs the service to be killed or paused, and this one runs already"
	case f.IsEpilogue():
		return t.NoEpilogue()
	}
	return ""
}

// noBank says why a customer's bank cannot do that at this shop, or "". Of a capture that is
// rejected later a shop has to hear, and to tell the customer.
func (t *Target) noBank(bank observe.Bank) string {
	switch {
	case !slices.Contains(t.provider.Banks, bank) && t.provider.Prices[bank] != 0:
		return "it needs a price that the provider treats in a special way, and the price is the shop's"
	case !slices.Contains(t.provider.Banks, bank):
		return fmt.Sprintf("it needs a provider that plays a bank which is %s, and this one does not", bank)
	case bank != observe.RejectingBank:
		return ""
	case t.Webhooks == "" && len(t.Routes().Of(observe.GetPayment)) == 0:
		return t.lacks(observe.PaymentWebhook)
	case !t.page().tells(observe.StatusCancelled) && !t.page().tells(observe.StatusRefused):
		return "it needs a page that tells when an order comes to nothing: no screen says cancelled or refused"
	}
	return ""
}

// noPayPage says why customers cannot pay on the provider's page at this shop, or "".
func (t *Target) noPayPage() string {
	asked := []request{t.Customer.Submit}
	if t.Customer.Look != nil {
		asked = append(asked, *t.Customer.Look)
	}
	switch {
	case t.provider.Pages == nil:
		return "it needs a provider with a page on which customers pay, and this one has none"
	case t.AtBrowser():
		return "it needs a shop that is described by requests: nobody is led from a browser to the provider's page"
	case !t.captured(asked...)[described.Pay]:
		return "it needs a shop that sends its customers to the provider's page, and the description does not say where: say capture: {pay: …} under submit or look"
	}
	return ""
}

// checkPay is about where the shop says on which page its customers pay.
func (t *Target) checkPay(tell func(string, ...string)) {
	for _, s := range t.page().steps() {
		if s.request == nil {
			continue
		}
		if _, captured := s.request.Capture[described.Pay]; !captured {
			continue
		}
		place := append(slices.Clone(s.place), "capture", described.Pay)
		switch {
		case s.name != "submit" && s.name != "look":
			tell("pay is where the answer to a submit or a look sends the customer to pay: capture it there, or give what is captured here another name", place...)
		case t.provider.Pages == nil:
			tell("this provider has no page on which customers pay: leave pay out", place...)
		}
	}
}

const noCarrier = "it needs a carrier, and the shop tells none"

// injection is a story's injection as it hits this shop, or why it cannot. One on a
// path goes through as it is written.
func (t *Target) injection(s injection.Injection) (own injection.Injection, why string) {
	if why := t.cannotStage(s.Fault); why != "" {
		return s, why
	}
	if s.Fault.IsProvider() && len(t.Routes().Of(observe.Authenticate)) == 0 {
		return s, "it needs a provider that issues access tokens, and this one issues none"
	}
	switch {
	case s.Fault.IsDecision(): // of the customer, in her app
		return s, ""
	case s.Operation != "":
	case s.Hop == observe.ShippingHop:
		if t.Shipping.None {
			return s, noCarrier
		}
		return s, ""
	case s.Hop == observe.WebhookHop:
		return s, t.lacks(observe.PaymentWebhook)
	default:
		return s, ""
	}
	var has []observe.Operation
	for _, o := range s.Operation.Each() {
		lacks := t.lacks(o)
		if lacks == "" {
			has = append(has, o)
		} else if why == "" {
			why = lacks
		}
	}
	if len(has) == 0 {
		return s, why
	}
	if s.Fault.Field != "" { // of all that tell of an order, the first is sure to come
		has = has[:1]
	}
	s.Operation = observe.OneOf(has...)
	if s.Fault.Field == "" || s.Trigger.Phase != fault.Answered || t.Routes().Of(s.Operation)[0].Hop != observe.CustomerHop {
		return s, ""
	}
	fields, _ := t.page().reads()
	if len(fields) == 0 {
		return s, "it renames a field that the page reads, and this page reads none"
	}
	s.Fault.Field = fields[0]
	return s, ""
}

// lacks says why an injection cannot hit an operation of this shop, or "".
func (t *Target) lacks(o observe.Operation) string {
	switch carrier := o == observe.BookParcel || o == observe.CancelParcel; {
	case carrier && t.Shipping.None && len(t.Routes().Of(o)) == 0:
		return noCarrier
	case carrier:
		return ""
	case o == observe.PaymentWebhook && t.Webhooks == "":
		return "it needs webhooks, and the shop takes none"
	case o == observe.OrderStatus && t.looks().Path == "":
		return "it needs a page that asks how the order stands, and this one never asks"
	case o == observe.OrderStatus && alike(t.looks(), t.route(observe.OpenPage)):
		return "it hits the page's question how the order stands, which cannot be told from the page's load here: say where, under look"
	case len(t.Routes().Of(o)) == 0:
		return fmt.Sprintf("it needs a message of the operation %s, and this shop has none", o)
	}
	return ""
}
