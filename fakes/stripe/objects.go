package stripe

import (
	"maps"
	"time"
)

// charge is one attempt to pay an intent.
type charge struct {
	id         string
	of         *intent
	created    time.Time
	amount     int64
	captured   int64
	refunded   int64
	isCaptured bool
	disputed   bool
	released   bool     // the money that it reserved was let go
	failure    *decline // nil: it succeeded
	method     *method
	balance    string // its balance transaction
	refunds    []*refund
}

// charged is a new charge of m. The lock is held, here and below.
func (p *Provider) charged(m *intent, now time.Time) *charge {
	m.tries++
	id := p.id("ch_3", 23, m.id, string(rune('0'+len(m.charges))))
	c := &charge{id: id, of: m, created: now, amount: m.amount, method: m.method}
	m.charges = append(m.charges, c)
	return p.charges.put(id, c)
}

// intentJSON is an intent as the API tells it.
func (p *Provider) intentJSON(m *intent) object {
	received, capturable := int64(0), int64(0)
	if m.status == needsCapture {
		capturable = m.authorized
	}
	if m.status == succeeded {
		received = m.captured
	}
	var method, latest, canceledAt any
	if m.method != nil {
		method = m.method.id
	}
	if c := m.charge(); c != nil {
		latest = c.id
	}
	if !m.canceled.IsZero() {
		canceledAt = m.canceled.Unix()
	}
	it := object{
		"id": m.id, "object": "payment_intent", "amount": m.amount, "amount_capturable": capturable, "amount_details": object{"tip": object{}},
		"amount_received": received, "application": nil, "application_fee_amount": nil, "automatic_payment_methods": nullable(m.automatic),
		"canceled_at": canceledAt, "cancellation_reason": orNull(m.reason), "capture_method": m.capture, "client_secret": m.secret,
		"confirmation_method": m.confirms, "created": m.created.Unix(), "currency": m.currency, "customer": orNull(m.customer),
		"customer_account": nil, "description": nil, "excluded_payment_method_types": nil, "last_payment_error": nullable(m.failure),
		"latest_charge": latest, "livemode": false, "metadata": maps.Clone(m.metadata), "next_action": p.nextAction(m), "on_behalf_of": nil,
		"payment_method": method, "payment_method_configuration_details": nil,
		"payment_method_options": object{"card": object{"installments": nil, "mandate_options": nil, "network": nil, "request_three_d_secure": "automatic"}},
		"payment_method_types":   m.methods, "processing": nil, "receipt_email": nil, "review": nil, "setup_future_usage": orNull(m.future),
		"shipping": nil, "statement_descriptor": nil, "statement_descriptor_suffix": nil, "status": string(m.status),
		"transfer_data": nil, "transfer_group": nil,
	}
	if m.status == processing {
		it["processing"] = object{"type": "card", "card": object{}}
	}
	maps.Copy(it, m.texts)
	return it
}

// nextAction is what a customer has to do.
func (p *Provider) nextAction(m *intent) any {
	switch {
	case m.status != needsAction:
		return nil
	case m.returnURL != "":
		return object{"type": "redirect_to_url", "redirect_to_url": object{"url": authenticateAt(m), "return_url": m.returnURL}}
	}
	return object{"type": "use_stripe_sdk", "use_stripe_sdk": object{"type": "three_d_secure_redirect", "stripe_js": authenticateAt(m), "source": "src_" + m.id}}
}

// authenticateAt is where a customer's bank asks her.
func authenticateAt(m *intent) string {
	return "https://hooks.stripe.com/3d_secure_2/hosted?payment_intent=" + m.id
}

func nullable(o object) any {
	if o == nil {
		return nil
	}
	return o
}

// chargeJSON is a charge as the API tells it.
func (p *Provider) chargeJSON(c *charge) object {
	m := c.of
	it := object{
		"id": c.id, "object": "charge", "amount": c.amount, "amount_captured": c.captured, "amount_refunded": c.refunded,
		"application": nil, "application_fee": nil, "application_fee_amount": nil, "balance_transaction": orNull(c.balance),
		"billing_details": billing(c.method.billing), "calculated_statement_descriptor": "THE SHOP", "captured": c.isCaptured,
		"created": c.created.Unix(), "currency": m.currency, "customer": orNull(m.customer), "description": nil, "disputed": c.disputed,
		"failure_balance_transaction": nil, "failure_code": nil, "failure_message": nil, "fraud_details": object{}, "livemode": false,
		"metadata": maps.Clone(m.metadata), "on_behalf_of": nil, "outcome": object{
			"network_status": "approved_by_network", "reason": nil, "risk_level": "normal", "seller_message": "Payment complete.", "type": "authorized",
			"advice_code": nil, "network_advice_code": nil, "network_decline_code": nil,
		},
		"paid": c.failure == nil, "payment_intent": m.id, "payment_method": c.method.id, "payment_method_details": p.detailsJSON(c),
		"receipt_email": nil, "receipt_number": nil, "receipt_url": nil, "refunded": c.refunded > 0 && (c.released || c.refunded == c.captured),
		"review": nil, "shipping": nil, "source_transfer": nil, "statement_descriptor": nil, "statement_descriptor_suffix": nil,
		"status": "succeeded", "transfer_data": nil, "transfer_group": nil,
	}
	maps.Copy(it, m.texts)
	if d := c.failure; d != nil {
		it["status"], it["failure_code"], it["failure_message"] = "failed", d.code, d.message
		it["outcome"] = object{
			"network_status": "declined_by_network", "reason": orElse(d.decline, d.code), "risk_level": "normal", "seller_message": "The bank did not return any further details with this decline.",
			"type": "issuer_declined", "advice_code": nil, "network_advice_code": nil, "network_decline_code": nil,
		}
	}
	return it
}

func (p *Provider) detailsJSON(c *charge) object {
	card := p.methodJSON(c.method)["card"].(object)
	return object{"type": "card", "card": object{
		"amount_authorized": c.amount, "authorization_code": nil, "brand": card["brand"], "country": card["country"],
		"exp_month": card["exp_month"], "exp_year": card["exp_year"], "fingerprint": card["fingerprint"], "funding": card["funding"],
		"last4": card["last4"], "network": card["brand"], "network_transaction_id": nil, "installments": nil, "mandate": nil, "wallet": nil,
		"checks": object{"address_line1_check": nil, "address_postal_code_check": nil, "cvc_check": nil}, "regulated_status": "unregulated",
		"three_d_secure": nil, "network_token": object{"used": false},
		"extended_authorization": object{"status": "disabled"}, "incremental_authorization": object{"status": "unavailable"},
		"multicapture": object{"status": "unavailable"}, "overcapture": object{"maximum_amount_capturable": c.amount, "status": "unavailable"},
	}}
}
