package stripe

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// noticeTolerance is how old a signature may be, as the provider's libraries have it.
const noticeTolerance = 300 * time.Second

// Webhooks is what a handler of them has to know: an event has an id of its own, comes
// at least once, in no particular order, and is signed anew each time it is sent. While a
// secret is rotated, the header has a signature by each of the two.
func Webhooks() *provider.Webhooks {
	paid := []told{
		{name: "payment_intent.created", of: provider.Paid}, {name: "charge.succeeded", of: provider.Paid},
		{name: "payment_intent.succeeded", of: provider.Paid}, {name: "checkout.session.completed", of: provider.Paid},
	}
	declined := []told{{name: "payment_intent.created", of: ""}, {name: "charge.failed", of: ""}, {name: "payment_intent.payment_failed", of: ""}}
	purchase := func(name, is string, effects []string, parts ...[]told) provider.Purchase {
		var all []told
		for _, part := range parts {
			all = append(all, part...)
		}
		return provider.Purchase{Name: name, Is: is, Effects: effects, Notices: func(w provider.Wish) []provider.Notice { return notices(w, all) }}
	}
	refunded := purchase("refunded", "she pays, and gets all of it back", []string{provider.Paid, provider.Refunded}, paid, refundOf("", 0, 0))
	refunded.Back = func(w provider.Wish) int64 { return w.Amount }
	partly := provider.Purchase{
		Name: "partly-refunded", Is: "she pays, and gets a part back, and then another part",
		Effects: []string{provider.Paid, provider.Refunded, provider.Refunded},
		Back:    func(w provider.Wish) int64 { return 2 * partOf(w) },
		Notices: func(w provider.Wish) []provider.Notice {
			part := partOf(w)
			return notices(w, slices.Concat(paid, refundOf("", part, part), refundOf("#2", part, 2*part)))
		},
	}
	return &provider.Webhooks{
		Purchases: []provider.Purchase{
			purchase("paid", "she pays", []string{provider.Paid}, paid),
			purchase("refused", "her card is declined", nil, declined),
			purchase("retried", "her card is declined, and she pays with another one", []string{provider.Paid}, declined, paid[1:]),
			purchase("abandoned", "she goes away, and the payment is canceled", nil,
				[]told{{name: "payment_intent.created", of: ""}, {name: "payment_intent.canceled", of: ""}, {name: "checkout.session.expired", of: ""}}),
			refunded, partly,
			purchase("disputed", "she pays, and disputes it at her bank", []string{provider.Paid, provider.Disputed}, paid,
				[]told{{name: "charge.dispute.created", of: provider.Disputed}, {name: "charge.dispute.funds_withdrawn", of: provider.Disputed}}),
		},
		Sign:      signNotice,
		Tolerance: noticeTolerance,
		Forgeries: map[string]provider.Forgery{
			"redated": {Is: "with an old signature under a new time", Forge: func(r *http.Request, body []byte, at time.Time, secret string) {
				old := signature(body, at.Add(-2*noticeTolerance), secret)
				r.Header.Set("Stripe-Signature", fmt.Sprintf("t=%d,v1=%s", at.Unix(), old))
			}},
			"v0": {Is: "with a signature of the scheme v0, which is for tests only", Forge: func(r *http.Request, body []byte, at time.Time, secret string) {
				r.Header.Set("Stripe-Signature", fmt.Sprintf("t=%d,v0=%s", at.Unix(), signature(body, at, secret)))
			}},
		},
		IDs: func(w provider.Wish) map[string]string {
			return map[string]string{
				"payment_intent": noticeID(w, "pi_"), "charge": noticeID(w, "ch_"), "checkout_session": noticeID(w, "cs_test_"),
				"refund": noticeID(w, "re_"), "dispute": noticeID(w, "dp_"),
			}
		},
		Secret: "whsec_unhappypath_example",
	}
}

// refundOf are the events of one refund, in the order in which the provider makes them. An
// endpoint may listen to any of them: charge.refunded is of the charge, and says what all
// refunds of it come to; the others are of the refund, which gets its reference number at
// the card's network a moment later.
func refundOf(number string, back, sum int64) (list []told) {
	for _, name := range []string{"refund.created", "charge.refunded", refundUpdated, chargeRefundUpdated} {
		list = append(list, told{name + number, provider.Refunded, back, sum})
	}
	return list
}

// The two events that tell of the same change of a refund.
const (
	refundUpdated       = "refund.updated"
	chargeRefundUpdated = "charge.refund.updated"
)

// partOf is what one of two refunds gives back.
func partOf(w provider.Wish) int64 { return max(1, w.Amount/4) }

// told is an event, by its name, and the effect that it belongs to. Of a refund it is how
// much this one gives back, and how much all have until then; 0: all of it.
type told struct {
	name, of  string
	back, sum int64
}

// kind is the event's type.
func (t told) kind() string { return provider.Notice{Name: t.name}.Event() }

// part tells the ids of several refunds apart: nothing for the first.
func (t told) part() []string {
	if _, number, is := strings.Cut(t.name, "#"); is {
		return []string{number}
	}
	return nil
}

// signNotice signs as the provider's page of signatures describes: HMAC-SHA256, in
// hexadecimal, of the time, a point and the body. The key is the text of the secret, with
// its beginning "whsec_".
func signNotice(r *http.Request, body []byte, at time.Time, secrets ...string) []byte {
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Stripe-Signature", Sign(body, at, secrets...))
	return body
}

// noticeID derives an id from the purchase, so that an event that comes again is the same.
func noticeID(w provider.Wish, prefix string, parts ...string) string {
	d := sha256.Sum256([]byte(strings.Join(append([]string{prefix, w.Reference}, parts...), "\x00")))
	return prefix + hex.EncodeToString(d[:12])
}

func notices(w provider.Wish, list []told) (made []provider.Notice) {
	for i, one := range list {
		at := w.At.Add(time.Duration(i) * time.Second).Unix()
		if one.sum == 0 {
			one.back, one.sum = w.Amount, w.Amount
		}
		data := object{"object": noticeObject(w, one, at)}
		switch one.kind() {
		case "charge.refunded":
			data["previous_attributes"] = object{"amount_refunded": one.sum - one.back}
		case refundUpdated, chargeRefundUpdated:
			data["previous_attributes"] = object{"destination_details": noticeDestination("")}
		}
		body, err := json.Marshal(object{
			"id": noticeID(w, "evt_", one.name), "object": "event", "api_version": "2025-09-30.clover", "created": at,
			"data": data, "livemode": false, "pending_webhooks": 1,
			"request": object{"id": nil, "idempotency_key": nil}, "type": one.kind(),
		})
		if err != nil {
			panic(fmt.Sprintf("stripe: an event: %v", err)) // only plain fields
		}
		made = append(made, provider.Notice{Name: one.name, Of: one.of, Total: one.kind() == "charge.refunded", Body: body})
	}
	return made
}

// noticeObject is what an event is about, as it is at that time. Metadata that a shop
// gives a payment intent or a session is copied to the charge, and to nothing later.
func noticeObject(w provider.Wish, one told, at int64) object {
	kind := one.kind()
	metadata := w.Metadata
	if metadata == nil {
		metadata = map[string]string{"order_id": w.Reference}
	}
	currency, intent, charge := strings.ToLower(w.Currency), noticeID(w, "pi_"), noticeID(w, "ch_")
	o := object{"currency": currency, "created": at, "livemode": false, "metadata": metadata}
	add := func(more object) object {
		for name, value := range more {
			o[name] = value
		}
		return o
	}
	switch {
	case strings.HasPrefix(kind, "payment_intent."):
		return add(intentObject(w, kind, intent, charge))
	case strings.HasPrefix(kind, "checkout.session."):
		status, payment := "complete", "paid"
		if kind == "checkout.session.expired" {
			status, payment = "expired", "unpaid"
		}
		return add(object{
			"id": noticeID(w, "cs_test_"), "object": "checkout.session", "amount_subtotal": w.Amount, "amount_total": w.Amount,
			"client_reference_id": w.Reference, "mode": "payment", "payment_intent": intent, "payment_status": payment, "status": status,
		})
	case strings.HasPrefix(kind, "charge.dispute."):
		return add(object{
			"id": noticeID(w, "dp_"), "object": "dispute", "amount": w.Amount, "charge": charge, "payment_intent": intent,
			"reason": "fraudulent", "status": "needs_response", "metadata": object{},
		})
	case strings.HasPrefix(kind, "refund."), kind == chargeRefundUpdated:
		reference := ""
		if kind != "refund.created" {
			reference = "74" + strings.Repeat("0", 21)
		}
		return add(object{
			"id": noticeID(w, "re_", one.part()...), "object": "refund", "amount": one.back, "charge": charge, "payment_intent": intent,
			"destination_details": noticeDestination(reference), "status": "succeeded", "metadata": object{},
		})
	default:
		return add(chargeObject(w, one, intent, charge))
	}
}

// noticeDestination is where a refund goes to; without a reference number it is pending.
func noticeDestination(reference string) object {
	card := object{"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
	if reference != "" {
		card["reference"], card["reference_status"] = reference, "available"
	}
	return object{"card": card, "type": "card"}
}

func intentObject(w provider.Wish, kind, intent, charge string) object {
	o := object{
		"id": intent, "object": "payment_intent", "amount": w.Amount, "amount_capturable": 0, "amount_received": 0,
		"capture_method": "automatic", "client_secret": intent + "_secret_" + noticeID(w, "")[:16], "latest_charge": nil,
		"last_payment_error": nil, "payment_method_types": []string{"card"}, "status": "requires_payment_method",
	}
	switch kind {
	case "payment_intent.succeeded":
		o["amount_received"], o["latest_charge"], o["status"] = w.Amount, charge, "succeeded"
	case paymentFailed:
		o["latest_charge"] = noticeID(w, "ch_", "failed")
		o["last_payment_error"] = object{"type": "card_error", "code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined."}
	case "payment_intent.canceled":
		o["status"], o["cancellation_reason"] = "canceled", "abandoned"
	}
	return o
}

func chargeObject(w provider.Wish, one told, intent, charge string) object {
	o := object{
		"id": charge, "object": "charge", "amount": w.Amount, "amount_captured": w.Amount, "amount_refunded": 0, "captured": true,
		"disputed": false, "paid": true, "payment_intent": intent, "refunded": false, "status": "succeeded",
	}
	switch one.kind() {
	case "charge.failed":
		o["id"], o["amount_captured"], o["captured"], o["paid"], o["status"] = noticeID(w, "ch_", "failed"), 0, false, false, "failed"
		o["failure_code"] = "card_declined"
	case "charge.refunded":
		o["amount_refunded"], o["refunded"] = one.sum, one.sum == w.Amount
	}
	return o
}
