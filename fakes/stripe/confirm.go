package stripe

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

func confirmIntent(p *Provider, m *intent, c *call, now time.Time) (object, *refusal) {
	switch m.status {
	case needsMethod, needsConfirmation, needsAction:
	case succeeded, needsCapture:
		return nil, p.unexpected(m, "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.")
	default:
		return nil, p.unexpected(m, "You cannot confirm this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.", m.status)
	}
	if c.browser && m.confirms == "manual" {
		return nil, p.unexpected(m, "This PaymentIntent has its confirmation_method set to manual, and can only be confirmed using a secret key.")
	}
	m.capture = orElse(c.text("capture_method"), m.capture)
	if m.status == needsAction && (c.has("payment_method") || c.has("payment_method_data") || c.has("confirmation_token")) {
		m.status = needsMethod // she tries another method
	}
	if refused := p.write(m, c, now); refused != nil {
		return nil, refused
	}
	if refused := p.confirmable(m, c); refused != nil {
		return nil, refused
	}
	return p.confirm(m, c, now)
}

// confirmable says why an intent cannot be confirmed as a request asks it.
func (p *Provider) confirmable(m *intent, c *call) *refusal {
	m.returnURL = orElse(c.text("return_url"), m.returnURL)
	m.mandate = m.mandate || c.has("mandate_data")
	redirects, _ := m.automatic["allow_redirects"].(string)
	switch {
	case m.method == nil:
		return p.unexpected(m, "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.")
	case redirects == "always" && m.returnURL == "" && !c.browser && !c.flag("use_stripe_sdk"):
		return invalid("", "return_url", "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.")
	}
	return nil
}

// confirm is what follows from a confirmation on the server, or in a browser.
func (p *Provider) confirm(m *intent, c *call, now time.Time) (object, *refusal) {
	if t := p.tokens.byID[c.text("confirmation_token")]; t != nil {
		t.usedFor = m.id
	}
	if m.decision.Declines && (c.browser || m.method.hers) {
		p.books.Took(m.decision.Took)
		m.decision = provider.Decision{}
		return nil, p.decline(m, genericDecline, now)
	}
	if m.method.authenticates && (c.flag("error_on_requires_action") || isOffSession(c.params["off_session"])) {
		p.agenda.Drop(m.plan)
		return nil, p.decline(m, &decline{"authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication."}, now)
	}
	if refused := p.attempt(m, false, now); refused != nil {
		return nil, refused
	}
	return p.intentJSON(m), nil
}

// isOffSession says whether the customer is not there to authenticate: off_session may
// also say how often she will not be.
func isOffSession(v any) bool { return v != nil && v != false && v != "" }
