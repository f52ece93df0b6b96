package checkout

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// This file is all that the checkout knows of Stripe's Checkout Sessions: pages of Stripe's
// on which customers pay. It is how most shops without a page for cards of their own send
// their customers away to pay: the page takes every method, asks the bank, and lets her try
// another card.

// newStripe pays by a page of Stripe's where the customer is sent to one, and by payment
// intents otherwise.
func newStripe(cfg Config, c *caller, _ inbox) payments {
	if cfg.PayOnPage {
		return &stripeSessions{&stripeAPI{cfg, c}}
	}
	return &stripeAPI{cfg, c}
}

// stripeSessions asks for a session in place of a payment intent. The payment is known by
// the session's id; its money is that of the intent that Stripe makes at her first attempt
// to pay. Of the events, those of sessions name it.
type stripeSessions struct{ *stripeAPI }

const (
	sessionsPath = "/v1/checkout/sessions"
	withIntent   = "expand[]=payment_intent.latest_charge"
)

func (p *stripeSessions) createRequest(o order, reference string) string {
	back := p.cfg.returnURL(o)
	return url.Values{
		"mode":                                          {"payment"},
		"line_items[0][quantity]":                       {"1"},
		"line_items[0][price_data][currency]":           {strings.ToLower(o.price.Currency)},
		"line_items[0][price_data][unit_amount]":        {strconv.FormatInt(o.price.Value, 10)},
		"line_items[0][price_data][product_data][name]": {"Order " + o.id},
		"success_url":                                   {back},
		"cancel_url":                                    {back + "&" + Left + "=yes"},
		"client_reference_id":                           {o.id},
		"metadata[order]":                               {o.id},
		"metadata[reference]":                           {reference},
		"payment_intent_data[capture_method]":           {"manual"},
		"payment_intent_data[description]":              {"Order " + o.id},
		"payment_intent_data[metadata][order]":          {o.id},
		"payment_intent_data[metadata][reference]":      {reference},
	}.Encode()
}

func (p *stripeSessions) create(ctx context.Context, key, body string) (answer, error) {
	return p.call(ctx, http.MethodPost, sessionsPath, key, body)
}

func (p *stripeSessions) named(a answer, reference string) (string, error) {
	made, err := decodeSession(a)
	if err == nil && made.Metadata["reference"] != reference {
		err = fmt.Errorf("the provider created the payment %q", trimmed(made.Metadata["reference"]))
	}
	return made.ID, err
}

func (p *stripeSessions) landing(a answer) string {
	s, _ := decodeSession(a) // it was decoded before
	return s.URL
}

func (p *stripeSessions) read(ctx context.Context, reference string) (answer, error) {
	if isSession(reference) {
		return p.call(ctx, http.MethodGet, sessionsPath+"/"+url.PathEscape(reference)+"?"+withIntent, "", "")
	}
	return p.find(ctx, sessionsPath+"?limit=100&expand[]=data.payment_intent.latest_charge", reference)
}

func isSession(reference string) bool { return strings.HasPrefix(reference, "cs_") }

// change ends a session that nobody has paid, and changes the intent of one that was paid.
func (p *stripeSessions) change(ctx context.Context, kind Kind, reference, key, body string) (answer, error) {
	a, err := p.read(ctx, reference)
	if err != nil || a.status != http.StatusOK {
		return answer{}, cmp.Or(err, fmt.Errorf("the payment %s cannot be changed: %v", reference, a))
	}
	s, err := decodeSession(a)
	switch {
	case err != nil:
		return answer{}, err
	case kind == Void && s.Status == "open":
		a, err = p.call(ctx, http.MethodPost, sessionsPath+"/"+url.PathEscape(s.ID)+"/expire", key+"-x", "") // a cancel that comes after it is another request
	case !s.hasIntent():
		return a, nil // it is over, and nothing was paid
	default:
		i, decoded := decodeIntent(answer{status: http.StatusOK, body: s.Intent, json: true})
		if decoded != nil {
			return answer{}, decoded
		}
		a, err = p.stripeAPI.change(ctx, kind, i.ID, key, body)
	}
	if err != nil || p.changed(a) != accepted {
		return a, err
	}
	return p.read(ctx, s.ID)
}

// A session that its customer pays at this moment cannot be ended any more: that is refused.
func (p *stripeSessions) cancelUnapproved(ctx context.Context, reference, key string) (answer, error) {
	return p.change(ctx, Void, reference, key, "")
}

// session is a page on which a payment is made, as Stripe tells it.
type session struct {
	ID       string            `json:"id"`
	Status   string            `json:"status"`
	URL      string            `json:"url"`
	Amount   *int64            `json:"amount_total"`
	Currency string            `json:"currency"`
	Metadata map[string]string `json:"metadata"`
	Intent   json.RawMessage   `json:"payment_intent"`
}

// hasIntent says whether she has tried to pay.
func (s session) hasIntent() bool { return len(s.Intent) > 0 && string(s.Intent) != "null" }

func decodeSession(a answer) (s session, err error) {
	if err := a.decode(&s); err != nil {
		return s, err
	}
	if !isSession(s.ID) || s.Metadata == nil {
		return s, fmt.Errorf("the answer is no session: %v", a)
	}
	return s, nil
}

func (p *stripeSessions) payment(a answer, reference string) (payment, error) {
	s, err := decodeSession(a)
	switch {
	case err != nil:
		return payment{}, err
	case s.ID != reference && s.Metadata["reference"] != reference:
		return payment{}, fmt.Errorf("the provider speaks of the payment %q instead of %q", trimmed(s.ID), reference)
	case s.Amount == nil || s.Currency == "":
		return payment{}, fmt.Errorf("the provider's answer lacks an amount: %v", a)
	}
	in := func(n int64) money { return money{n, strings.ToUpper(s.Currency)} }
	got := payment{State: "CREATED", Aggregate: sums{in(0), in(0), in(0), in(0)}}
	if s.hasIntent() {
		paid := answer{status: a.status, body: s.Intent, json: true}
		i, err := decodeIntent(paid)
		if err != nil {
			return payment{}, err
		}
		if got, err = p.stripeAPI.payment(paid, i.ID); err != nil {
			return payment{}, err
		}
	}
	switch {
	case s.Status == "open" && got.State == "AUTHORIZED":
		return payment{}, fmt.Errorf("the provider tells a session that is open and paid: %v", a)
	case s.Status == "complete" && !s.hasIntent():
		return payment{}, fmt.Errorf("the provider's answer lacks the session's payment: %v", a)
	case s.Status == "expired" && got.State == "CREATED":
		got.State = "TERMINATED"
	case s.Status != "open" && s.Status != "complete" && s.Status != "expired":
		return payment{}, fmt.Errorf("the provider tells an unknown state %q", trimmed(s.Status))
	}
	// She may try another card on the page: a decline ends nothing.
	got.Reference, got.Landing, got.Amount, got.Declined = s.ID, s.URL, in(*s.Amount), false
	return got, nil
}

// sessionEvents are what happened to a payment, by the types of Stripe's events. Those of
// its intent do not name the session.
var sessionEvents = map[string]string{
	"checkout.session.completed": "AUTHORIZED", "checkout.session.async_payment_succeeded": "AUTHORIZED",
	"checkout.session.async_payment_failed": "FAILED", "checkout.session.expired": "TERMINATED",
}

// Of a session, an event's payment_intent is its own, which the shop does not know.
func (p *stripeSessions) notice(body []byte) (notice, error) {
	return noticeOf(body, sessionEvents, isSession, func(e stripeEvent) string { return e.Data.Object.ID })
}
