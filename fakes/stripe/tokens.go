package stripe

import "time"

// tokenLife is how long a confirmation token can be used.
const tokenLife = 12 * time.Hour

// token is a confirmation token: what a page collected of a payment, with which the shop's
// server confirms one intent.
type token struct {
	id        string
	created   time.Time
	expires   time.Time
	method    *method
	returnURL string
	future    string
	shipping  any
	usedFor   string // the intent's id; "": it was not used
}

// createToken answers POST /v1/test_helpers/confirmation_tokens, and what Stripe's script
// asks in its place. The lock is held, here and below.
func createToken(p *Provider, c *call, now time.Time) (object, *refusal) {
	chosen, refused := p.chosenMethod(c, now)
	if refused == nil && chosen == nil {
		refused = invalid("parameter_missing", "payment_method_data", "Missing required param: payment_method_data.")
	}
	if refused != nil {
		return nil, refused
	}
	t := &token{
		id: p.mint("ctoken_1", 23, c), created: now, expires: now.Add(p.scaled(tokenLife)), method: chosen,
		returnURL: c.text("return_url"), future: c.text("setup_future_usage"), shipping: c.params["shipping"],
	}
	return p.tokenJSON(p.tokens.put(t.id, t)), nil
}

func getToken(p *Provider, c *call, _ time.Time) (object, *refusal) {
	if t := p.tokens.byID[c.id]; t != nil {
		return p.tokenJSON(t), nil
	}
	return nil, missing("confirmation_token", c.id, "confirmation_token")
}

// aToken is the one that a request to confirm m names, if it names one.
func (p *Provider) aToken(m *intent, c *call, now time.Time) (*token, *refusal) {
	id := c.text("confirmation_token")
	if id == "" {
		return nil, nil
	}
	t := p.tokens.byID[id]
	switch {
	case t == nil:
		return nil, unknown("confirmation_token", id, "confirmation_token")
	case t.usedFor != "" && t.usedFor != m.id:
		return nil, invalid("", "confirmation_token", "The ConfirmationToken %s was used to confirm %s, and can be used once.", id, t.usedFor)
	case t.usedFor == "" && !now.Before(t.expires):
		return nil, invalid("", "confirmation_token", "The ConfirmationToken %s has expired.", id)
	}
	return t, nil
}

// adopt takes over what a token has and the request has not.
func (m *intent) adopt(t *token, c *call) {
	m.returnURL = orElse(t.returnURL, m.returnURL)
	if t.shipping != nil && !c.has("shipping") {
		m.texts["shipping"] = t.shipping
	}
	if t.future != "" && !c.has("setup_future_usage") {
		m.future = t.future
	}
}

// tokenJSON is a token as the API tells it.
func (p *Provider) tokenJSON(t *token) object {
	preview := p.methodJSON(t.method)
	for _, name := range []string{"id", "object", "created", "livemode", "metadata"} {
		delete(preview, name)
	}
	expires := any(t.expires.Unix())
	if t.usedFor != "" {
		expires = nil
	}
	return object{
		"id": t.id, "object": "confirmation_token", "created": t.created.Unix(), "expires_at": expires, "livemode": false, "mandate_data": nil,
		"payment_intent": orNull(t.usedFor), "payment_method_options": nil, "payment_method_preview": preview, "return_url": orNull(t.returnURL),
		"setup_future_usage": orNull(t.future), "setup_intent": nil, "shipping": t.shipping, "use_stripe_sdk": true,
	}
}
