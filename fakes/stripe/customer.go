package stripe

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// The cards that a customer pays with by herself.
const (
	plainCard         = "pm_card_visa"
	authenticatedCard = "pm_card_threeDSecure2Required"
)

func (p *Provider) herCard() string {
	if p.cfg.Authenticates {
		return authenticatedCard
	}
	return plainCard
}

// awaitCustomer plans what she does: she pays, or authenticates her payment. The lock is
// held, here and below.
func (p *Provider) awaitCustomer(m *intent, now time.Time) {
	switch {
	case !p.waits(m) || p.cfg.ApproveAfter < 0:
	case p.cfg.ApproveAfter == 0:
		p.answers(m, now)
	default:
		p.plan(m, p.cfg.ApproveAfter, p.answers, now)
	}
}

// plan lets her do something after a time, if m waits for her then.
func (p *Provider) plan(m *intent, after time.Duration, do func(*intent, time.Time), now time.Time) {
	m.plan = p.agenda.At(now.Add(p.scaled(after)), p.later(m, func(now time.Time) {
		if p.waits(m) {
			do(m, now)
		}
	}))
}

// waits says whether m waits for its customer: to pay on the shop's page, or to
// authenticate.
func (p *Provider) waits(m *intent) bool {
	return m.status == needsAction || m.status == needsMethod && m.confirms == "automatic"
}

// answers is what she does when the time has come. Once she has decided, she has.
func (p *Provider) answers(m *intent, now time.Time) {
	d := m.decision
	m.decision = provider.Decision{}
	p.books.Took(d.Took)
	switch {
	case d.Declines:
		p.refuse(m, now)
	case d.CardDeclined != "":
		p.declineCard(m, d.CardDeclined, now)
	case d.Never:
		p.agenda.Drop(m.plan)
	case d.Late > 0:
		p.plan(m, d.Late, p.consent, now)
	default:
		p.consent(m, now)
	}
}

// declineCard is her bank's no to her card, or to what it asked her. She pays with another
// card after a while; on a page of the provider's, she says so there.
func (p *Provider) declineCard(m *intent, code string, now time.Time) {
	if m.status == needsAction {
		p.failAuthentication(m, now)
	} else {
		p.agenda.Drop(m.plan)
		m.failure, m.method = nil, p.cardOf(m, declinedCards[code], now)
		_ = p.decline(m, m.method.declines, now)
	}
	if p.cfg.ApproveAfter >= 0 {
		p.plan(m, provider.OtherCardAfter, p.consent, now)
	}
}

// consent is her yes, but to payments that all customers decline.
func (p *Provider) consent(m *intent, now time.Time) {
	if m.status == needsAction && p.declined < p.cfg.Declines {
		p.declined++
		p.refuse(m, now)
		return
	}
	p.approve(m, now)
}

// approve is her yes: with her card, or to what her bank asks, which it does within the page
// of a checkout session.
func (p *Provider) approve(m *intent, now time.Time) {
	authenticated := m.status == needsAction
	if !authenticated {
		m.method = p.cardOf(m, p.herCard(), now)
	}
	_ = p.attempt(m, authenticated, now) // she sees a refusal on the page
	if m.status == needsAction && m.session != nil {
		_ = p.attempt(m, true, now)
	}
}

// failAuthentication is her no to what her bank asks, or her bank's no to her.
func (p *Provider) failAuthentication(m *intent, now time.Time) {
	p.agenda.Drop(m.plan)
	p.refuseMethod(m, &refusal{kind: invalidRequest, code: "payment_intent_authentication_failure", method: p.methodJSON(m.method),
		message: "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again."}, now)
	p.tell(m, paymentFailed, p.intentJSON(m), now)
}

// Approve pays a payment as its customer would on the shop's page, or authenticates it
// as she would at her bank. It fails where no payment intent of that id waits for her.
func (p *Provider) Approve(id string) error { return p.atThePage(id, p.approve) }

// Refuse declines a payment as its customer or her bank would. It fails where no payment
// intent of that id waits for her.
func (p *Provider) Refuse(id string) error { return p.atThePage(id, p.refuse) }

// refuse is her no, or her bank's to her card.
func (p *Provider) refuse(m *intent, now time.Time) {
	if m.status == needsAction {
		p.failAuthentication(m, now)
		return
	}
	p.agenda.Drop(m.plan)
	m.failure, m.method = nil, p.cardOf(m, p.herCard(), now)
	_ = p.decline(m, genericDecline, now)
}

// Pay pays a payment with another method than Approve, such as
// "pm_card_chargeDeclined".
func (p *Provider) Pay(id, method string) error {
	if testMethods[method] == nil {
		return fmt.Errorf("stripe: no test method %q", method)
	}
	return p.atThePage(id, func(m *intent, now time.Time) {
		m.method = p.cardOf(m, method, now)
		_ = p.attempt(m, false, now)
	})
}

func (p *Provider) atThePage(id string, change func(*intent, time.Time)) (err error) {
	p.books.Commit(func(now time.Time) {
		m := p.intents.byID[id]
		switch {
		case m == nil:
			err = fmt.Errorf("stripe: no payment intent %q", id)
		case !p.waits(m):
			err = fmt.Errorf("stripe: payment intent %q does not wait for its customer", id)
		default:
			m.key = ""
			change(m, now)
		}
	})
	return err
}
