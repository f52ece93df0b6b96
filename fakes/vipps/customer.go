package vipps

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const (
	approvalTime = 10 * time.Minute // how long a customer may take
	unknownTime  = time.Hour        // how long the bank keeps silent about amountUnknown
)

// Amounts, in minor units of any currency, that the provider's test environment
// gives a fate of their own. 201 is authorized in the end, after an hour.
const (
	amountNoFunds = 151
	amountExpired = 186
	amountUnknown = 201
)

// awaitCustomer starts the time that the customer has, and plans her approval.
// The lock is held.
func (p *Provider) awaitCustomer(m *payment, now time.Time) {
	if p.cfg.Decides != nil {
		m.decision = p.cfg.Decides(m.reference)
	}
	if p.cfg.ApproveAfter == 0 {
		p.answer(m, now)
	}
	if m.state != created || m.unknown {
		return
	}
	m.expiry = p.agenda.At(now.Add(p.scaled(approvalTime)), p.later(m, p.expire))
	if p.cfg.ApproveAfter > 0 {
		m.approval = p.agenda.At(now.Add(p.scaled(p.cfg.ApproveAfter)), p.later(m, p.answer))
	}
}

// later is a plan to change m, unless it is decided by then.
func (p *Provider) later(m *payment, change func(*payment, time.Time)) func() {
	return func() {
		p.books.Commit(func(now time.Time) {
			if m.state == created {
				change(m, now)
			}
		})
	}
}

// answer is what the customer says in her app when she sees the payment there, or that
// she says nothing yet. The lock is held.
func (p *Provider) answer(m *payment, now time.Time) {
	d := m.decision
	m.decision = provider.Decision{} // she may change her mind
	p.books.Took(d.Took)
	switch {
	case d.Declines:
		p.abort(m, now)
	case d.CardDeclined != "":
		p.declineCard(m)
		if p.cfg.ApproveAfter >= 0 {
			m.approval = p.agenda.At(now.Add(p.scaled(provider.OtherCardAfter)), p.later(m, p.consent))
		}
	case d.Never:
	case d.Late > 0:
		m.approval = p.agenda.At(now.Add(p.scaled(d.Late)), p.later(m, p.consent))
	default:
		p.consent(m, now)
	}
}

// cardCodes are the codes by which banks decline her cards. No shop hears of them.
var cardCodes = []string{"expired_card", "generic_decline", provider.NoFunds}

// declineCard is her bank's no to her card. The payment waits on, and she may choose another
// card: of the first, the shop is told nothing. The lock is held.
func (p *Provider) declineCard(m *payment) {
	p.agenda.Drop(m.approval)
	p.books.Record(observe.Entry{Op: observe.MoneyDeclined, Reference: m.reference, Amount: m.asked.Value, Currency: m.asked.Currency})
}

// consent is her yes, but to payments that all customers decline. The lock is held.
func (p *Provider) consent(m *payment, now time.Time) {
	if p.declined < p.cfg.Declines {
		p.declined++
		p.abort(m, now)
		return
	}
	p.approve(m, now)
}

// approve is what follows from the customer's yes. The lock is held, here and
// below.
func (p *Provider) approve(m *payment, now time.Time) {
	switch m.asked.Value {
	case amountNoFunds, amountExpired:
		// Her card is refused and she has no other.
		p.abort(m, now)
	case amountUnknown:
		// Nobody knows yet; the time for approval is over all the same.
		p.decide(m)
		m.unknown = true
		m.approval = p.agenda.At(now.Add(p.scaled(unknownTime)), p.later(m, p.authorize))
	default:
		p.authorize(m, now)
	}
}

func (p *Provider) authorize(m *payment, now time.Time) {
	p.decide(m)
	m.state, m.unknown, m.authorized = authorized, false, m.asked.Value
	p.record(m, wasAuthorized, m.asked.Value, "", now)
}

func (p *Provider) abort(m *payment, now time.Time) {
	p.decide(m)
	m.state = aborted
	p.record(m, wasAborted, m.asked.Value, "", now)
}

func (p *Provider) expire(m *payment, now time.Time) {
	p.decide(m)
	m.state = expired
	p.record(m, wasExpired, m.asked.Value, "", now)
}

// decide ends the wait for the customer.
func (p *Provider) decide(m *payment) {
	p.agenda.Drop(m.approval)
	p.agenda.Drop(m.expiry)
	m.approval, m.expiry = nil, nil
}

// Approve approves a payment as the customer would in the app. It fails where
// no payment of that reference waits for its customer.
func (p *Provider) Approve(reference string) error {
	return p.inTheApp(reference, p.approve)
}

// Refuse declines a payment as the customer would in the app: it is aborted.
// It fails where no payment of that reference waits for its customer.
func (p *Provider) Refuse(reference string) error {
	return p.inTheApp(reference, p.abort)
}

func (p *Provider) inTheApp(reference string, change func(*payment, time.Time)) (err error) {
	p.books.Commit(func(now time.Time) {
		m := p.payments[reference]
		switch {
		case m == nil:
			err = fmt.Errorf("vipps: no payment %q", reference)
		case m.state != created || m.unknown:
			err = fmt.Errorf("vipps: payment %q does not wait for its customer", reference)
		default:
			change(m, now)
		}
	})
	return err
}
