package stripe

import (
	"time"
)

const (
	disputeTime = time.Hour          // from the payment to her dispute; the fake's own
	evidenceDue = 9 * 24 * time.Hour // from the dispute until the shop's answer is due; of cards 7 to 21 days
)

// dispute is a payment that its customer disputes at her bank, which takes the money
// back at once. Nobody here decides it.
type dispute struct {
	id      string
	of      *charge
	created time.Time
}

// planDispute lets the customer dispute a payment by a card that is there for that. The
// lock is held, here and below.
func (p *Provider) planDispute(c *charge, now time.Time) {
	if !c.method.disputes {
		return
	}
	p.agenda.At(now.Add(p.scaled(disputeTime)), p.later(c.of, func(now time.Time) { p.dispute(c, now) }))
}

func (p *Provider) dispute(c *charge, now time.Time) {
	d := &dispute{id: p.id("du_1", 23, c.id), of: c, created: now}
	p.disputes.put(d.id, d)
	c.disputed = true
	p.tell(c.of, "charge.dispute.created", p.disputeJSON(d), now)
	p.tell(c.of, "charge.dispute.funds_withdrawn", p.disputeJSON(d), now)
}

func getDispute(p *Provider, c *call, _ time.Time) (object, *refusal) {
	if found := p.disputes.byID[c.id]; found != nil {
		return p.disputeJSON(found), nil
	}
	return nil, missing("dispute", c.id, "dispute")
}

func listDisputes(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.disputes, "dispute", "/v1/disputes", func(d *dispute) string { return d.id }, p.disputeJSON, func(d *dispute) bool {
		return (!c.has("payment_intent") || d.of.of.id == c.text("payment_intent")) && (!c.has("charge") || d.of.id == c.text("charge"))
	})
}

// disputeJSON is a dispute as the API tells it.
func (p *Provider) disputeJSON(d *dispute) object {
	return object{
		"id": d.id, "object": "dispute", "amount": d.of.captured, "balance_transactions": []any{}, "charge": d.of.id, "created": d.created.Unix(),
		"currency": d.of.of.currency, "enhanced_eligibility_types": []any{}, "evidence": object{"enhanced_evidence": object{}},
		"evidence_details": object{
			"due_by": d.created.Add(p.scaled(evidenceDue)).Unix(), "enhanced_eligibility": object{}, "has_evidence": false, "past_due": false, "submission_count": 0,
		},
		"is_charge_refundable": false, "livemode": false, "metadata": object{}, "payment_intent": d.of.of.id,
		"payment_method_details": object{"type": "card", "card": object{"brand": d.of.method.brand, "case_type": "chargeback", "network": d.of.method.brand, "network_reason_code": "10"}},
		"reason":                 "fraudulent", "status": "needs_response",
	}
}
