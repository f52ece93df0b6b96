package stripe

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// refundTime is how long a refund is pending that is so at first, or succeeded that
// fails in the end.
const refundTime = time.Hour

// refund gives money of a charge back.
type refund struct {
	id       string
	of       *charge
	created  time.Time
	amount   int64
	status   string // succeeded, pending, failed, canceled
	reason   string
	failure  string // why it failed
	metadata object
}

// createRefund answers POST /v1/refunds. The lock is held, here and below.
func createRefund(p *Provider, c *call, now time.Time) (object, *refusal) {
	charge, refused := p.refundable(c)
	if refused != nil {
		return nil, refused
	}
	rest := charge.captured - charge.refunded
	amount := rest
	if c.has("amount") {
		amount = c.number("amount")
	}
	switch {
	case rest == 0:
		return nil, invalid("charge_already_refunded", "", "Charge %s has already been refunded.", charge.id)
	case amount < 1:
		return nil, invalid("parameter_invalid_integer", "amount", "This value must be greater than or equal to 1.")
	case amount > rest:
		return nil, invalid("", "amount", "Refund amount (%s) is greater than unrefunded amount on charge (%s)", price(amount, charge.of.currency), price(rest, charge.of.currency))
	}
	if refused := checkMetadata(nil, c.object("metadata")); refused != nil {
		return nil, refused
	}
	r := &refund{of: charge, created: now, amount: amount, status: "succeeded", reason: c.text("reason"), metadata: object{}}
	merge(r.metadata, c.object("metadata"))
	charge.of.key = c.key
	r.id = p.mint("re_3", 23, c)
	p.refunds.put(r.id, r)
	charge.refunded += amount
	charge.refunds = append(charge.refunds, r)
	switch charge.method.refunds {
	case "pending":
		r.status = "pending"
		p.settleRefund(r, "succeeded", now)
	case "failed":
		p.settleRefund(r, "failed", now)
	default:
		p.record(charge.of, observe.MoneyRefunded, amount)
	}
	p.tell(charge.of, "refund.created", p.refundJSON(r), now)
	p.tell(charge.of, "charge.refunded", p.chargeJSON(charge), now)
	return p.refundJSON(r), nil
}

// settleRefund plans what a refund comes to in the end. The books have it when money
// has moved for good.
func (p *Provider) settleRefund(r *refund, status string, now time.Time) {
	m := r.of.of
	key := m.key
	p.agenda.At(now.Add(p.scaled(refundTime)), p.later(m, func(now time.Time) {
		m.key = key
		r.status = status
		if status == "failed" {
			r.failure = "expired_or_canceled_card"
			r.of.refunded -= r.amount
			p.tell(m, "refund.failed", p.refundJSON(r), now)
		} else {
			p.record(m, observe.MoneyRefunded, r.amount)
		}
		p.tell(m, "refund.updated", p.refundJSON(r), now)
	}))
}

// refundable is the charge that a request wants to give back.
func (p *Provider) refundable(c *call) (*charge, *refusal) {
	intentID, chargeID := c.text("payment_intent"), c.text("charge")
	var found *charge
	switch {
	case intentID == "" && chargeID == "":
		return nil, invalid("parameter_missing", "", "One of the following params should be provided for this request: payment_intent or charge.")
	case intentID != "" && chargeID != "":
		return nil, invalid("", "", "You may only specify one of these parameters: payment_intent, charge.")
	case chargeID != "":
		if found = p.charges.byID[chargeID]; found == nil {
			return nil, unknown("charge", chargeID, "charge")
		}
	default:
		m := p.intents.byID[intentID]
		if m == nil {
			return nil, unknown("payment_intent", intentID, "payment_intent")
		}
		if found = m.charge(); found == nil || found.failure != nil {
			return nil, p.unexpected(m, "This PaymentIntent (%s) does not have a successful charge to refund.", m.id)
		}
	}
	if found.failure != nil || !found.isCaptured {
		return nil, p.unexpected(found.of, "Charge %s cannot be refunded: it is not captured, or it failed.", found.id)
	}
	return found, nil
}

func getRefund(p *Provider, c *call, _ time.Time) (object, *refusal) {
	r := p.refunds.byID[c.id]
	if r == nil {
		return nil, missing("refund", c.id, "refund")
	}
	return p.refundJSON(r), nil
}

// refundJSON is a refund as the API tells it.
func (p *Provider) refundJSON(r *refund) object {
	it := object{
		"id": r.id, "object": "refund", "amount": r.amount, "balance_transaction": p.id("txn_3", 23, r.id), "charge": r.of.id,
		"created": r.created.Unix(), "currency": r.of.of.currency,
		"destination_details": object{"card": object{"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}, "type": "card"},
		"metadata":            r.metadata, "payment_intent": r.of.of.id, "reason": orNull(r.reason), "receipt_number": nil,
		"source_transfer_reversal": nil, "status": r.status, "transfer_reversal": nil,
	}
	if r.failure != "" {
		it["failure_reason"], it["failure_balance_transaction"] = r.failure, p.id("txn_3", 23, r.id, "failed")
	}
	if r.status == "pending" {
		it["pending_reason"] = "processing"
	}
	return it
}
