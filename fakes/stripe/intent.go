package stripe

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// status is a payment intent's, and a setup intent's.
type status string

const (
	needsMethod       status = "requires_payment_method"
	needsConfirmation status = "requires_confirmation"
	needsAction       status = "requires_action"
	processing        status = "processing"
	needsCapture      status = "requires_capture"
	canceled          status = "canceled"
	succeeded         status = "succeeded"
)

// paymentFailed is the event of an attempt to pay that came to nothing.
const paymentFailed = "payment_intent.payment_failed"

const (
	authorizationLife = 7 * 24 * time.Hour // of cards, "Place a hold on a payment method"
	silence           = time.Hour          // how long the bank says nothing of silentAmount
	asyncCapture      = 2 * time.Second    // until an automatic_async capture has its balance transaction
)

// intent is a payment intent and its money, in the currency's minor units. Throughout,
//
//	captured + released <= authorized <= amount
//
// and each of its charges that was refused moved nothing.
type intent struct {
	id, secret string
	key        string // the Idempotency-Key of the request that changes it now
	created    time.Time
	amount     int64
	currency   string // in lower case
	status     status
	capture    string // automatic_async, automatic or manual
	confirms   string // automatic or manual
	methods    []string
	automatic  object // automatic_payment_methods
	metadata   object
	texts      object // description, receipt_email and others that are told as they came
	customer   string
	method     *method // nil: none yet
	future     string  // setup_future_usage
	returnURL  string
	mandate    bool

	authorized, captured, released int64

	session  *session // the page on which it is paid; nil: the shop's own
	charges  []*charge
	failure  object // last_payment_error
	canceled time.Time
	reason   string

	decision provider.Decision // the customer's, until she carried it out

	plan  *agenda.Plan // what its customer or her bank is about to do
	lapse *agenda.Plan // of its authorization
	tries int          // to pay it
	told  map[string]int
}

// names are the words by which a shop may know the payment as one of its own.
func (m *intent) names() (list []string) {
	for _, key := range slices.Sorted(maps.Keys(m.metadata)) {
		if text, is := m.metadata[key].(string); is {
			list = append(list, text)
		}
	}
	for _, name := range []string{"description", "transfer_group"} {
		if text, is := m.texts[name].(string); is {
			list = append(list, text)
		}
	}
	if m.session != nil {
		list = append(list, m.session.client)
		for _, key := range slices.Sorted(maps.Keys(m.session.metadata)) {
			list = append(list, fmt.Sprint(m.session.metadata[key]))
		}
	}
	return list
}

// charge is the latest, or nil.
func (m *intent) charge() *charge {
	if len(m.charges) == 0 {
		return nil
	}
	return m.charges[len(m.charges)-1]
}

// attempt asks the bank for m's money by its method. Where authenticated is not set, a
// method may want that first. The lock is held, here and below.
func (p *Provider) attempt(m *intent, authenticated bool, now time.Time) *refusal {
	p.agenda.Drop(m.plan)
	m.plan, m.failure = nil, nil
	if m.method.authenticates && !authenticated {
		m.status = needsAction
		p.tell(m, "payment_intent.requires_action", p.intentJSON(m), now)
		p.awaitCustomer(m, now)
		return nil
	}
	decline := m.method.declines
	if p.declined < p.cfg.Declines {
		p.declined++
		decline = genericDecline
	}
	switch {
	case decline != nil:
		return p.decline(m, decline, now)
	case m.amount == silentAmount:
		m.status = processing
		p.tell(m, "payment_intent.processing", p.intentJSON(m), now)
		p.complete(m, now)
		m.plan = p.agenda.At(now.Add(p.scaled(silence)), p.later(m, func(now time.Time) {
			if m.status == processing {
				p.authorize(m, now)
				if m.session != nil {
					p.tell(m, "checkout.session.async_payment_succeeded", p.sessionJSON(m.session), now)
				}
			}
		}))
	default:
		p.authorize(m, now)
	}
	return nil
}

// decline is the bank's no: the intent waits for another method.
func (p *Provider) decline(m *intent, d *decline, now time.Time) *refusal {
	c := p.charged(m, now)
	c.failure = d
	refused := &refusal{status: 402, kind: cardError, code: d.code, decline: d.decline, message: d.message, charge: c.id, method: p.methodJSON(m.method)}
	p.refuseMethod(m, refused, now)
	p.tell(m, "charge.failed", p.chargeJSON(c), now)
	p.tell(m, paymentFailed, p.intentJSON(m), now)
	refused.intent = p.intentJSON(m)
	return refused
}

// refuseMethod takes the method off, with the reason.
func (p *Provider) refuseMethod(m *intent, why *refusal, now time.Time) {
	m.status, m.method = needsMethod, nil
	m.failure = object{"type": why.kind, "code": why.code, "message": why.message,
		"doc_url": "https://docs.stripe.com/error-codes/" + why.code, "payment_method": why.method}
	if why.decline != "" {
		m.failure["decline_code"] = why.decline
	}
	if why.charge != "" {
		m.failure["charge"] = why.charge
	}
	p.record(m, observe.MoneyDeclined, m.amount)
}

// authorize is the bank's yes.
func (p *Provider) authorize(m *intent, now time.Time) {
	c := p.charged(m, now)
	m.authorized = m.amount
	p.record(m, observe.MoneyAuthorized, m.amount)
	if m.future != "" && m.customer != "" {
		p.attach(m.method, m.customer, m.key, now)
	}
	p.planDispute(c, now)
	if m.capture != "manual" {
		p.take(m, c, m.amount, now)
		return
	}
	m.status = needsCapture
	m.lapse = p.agenda.Distant(now.Add(p.scaled(authorizationLife)), p.later(m, func(now time.Time) {
		if m.status == needsCapture {
			p.release(m, "automatic", "charge.expired", now)
		}
	}))
	p.tell(m, "charge.succeeded", p.chargeJSON(c), now)
	p.tell(m, "payment_intent.amount_capturable_updated", p.intentJSON(m), now)
	p.complete(m, now)
}

// take captures so much of what is authorized, and releases the rest.
func (p *Provider) take(m *intent, c *charge, amount int64, now time.Time) {
	p.agenda.Drop(m.lapse)
	later := m.capture != "manual"
	m.status, m.captured = succeeded, amount
	c.captured, c.isCaptured = amount, true
	p.record(m, observe.MoneyCaptured, amount)
	if rest := m.authorized - amount; rest > 0 {
		m.released = rest
		p.record(m, observe.MoneyCancelled, rest)
	}
	if m.capture == "automatic_async" {
		p.agenda.At(now.Add(p.scaled(asyncCapture)), p.later(m, func(now time.Time) {
			c.balance = p.id("txn_3", 23, c.id)
			p.tell(m, "charge.updated", p.chargeJSON(c), now)
		}))
	} else {
		c.balance = p.id("txn_3", 23, c.id)
	}
	what := "charge.captured"
	if later {
		what = "charge.succeeded"
	}
	p.tell(m, what, p.chargeJSON(c), now)
	p.tell(m, "payment_intent.succeeded", p.intentJSON(m), now)
	p.complete(m, now)
}

// release ends m, and gives back what is reserved.
func (p *Provider) release(m *intent, reason, told string, now time.Time) {
	p.agenda.Drop(m.plan)
	p.agenda.Drop(m.lapse)
	reserved := m.authorized - m.captured - m.released
	m.status, m.reason, m.canceled = canceled, reason, now
	if reserved == 0 {
		p.record(m, observe.MoneyTerminated, m.amount)
	} else {
		m.released += reserved
		c := m.charge()
		c.refunded, c.released = c.amount, true
		p.record(m, observe.MoneyCancelled, reserved)
		p.tell(m, told, p.chargeJSON(c), now)
	}
	p.tell(m, "payment_intent.canceled", p.intentJSON(m), now)
}

// later is a plan that changes m.
func (p *Provider) later(m *intent, change func(now time.Time)) func() {
	return func() {
		p.books.Commit(func(now time.Time) {
			m.key = ""
			change(now)
		})
	}
}
