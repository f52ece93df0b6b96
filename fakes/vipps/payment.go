package vipps

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// state is a payment's. It stays authorized whatever is captured, refunded or
// cancelled later: the sums tell that.
type state string

const (
	created    state = "CREATED"
	aborted    state = "ABORTED"
	expired    state = "EXPIRED"
	authorized state = "AUTHORIZED"
	terminated state = "TERMINATED"
)

// payment is one payment and its books, in minor units. Throughout,
//
//	captured + cancelled <= authorized <= asked  and  refunded <= captured,
//
// but for a terminated payment, whose cancelled is what was asked: so the
// provider's documentation shows it.
type payment struct {
	reference, psp      string
	method, redirectURL string
	back                string // where the customer is sent when she has answered
	metadata            map[string]any
	asked               amount
	state               state
	unknown             bool // approved, but the bank has not said yes or no

	authorized, captured, refunded, cancelled int64

	decision provider.Decision // the customer's
	events   []event
	approval *agenda.Plan // the customer's, where one is due
	expiry   *agenda.Plan
}

type amount struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// event is one line of a payment's history, as GET …/events tells it.
type event struct {
	Reference      string  `json:"reference"`
	PSPReference   string  `json:"pspReference"`
	Name           string  `json:"name"`
	PaymentAction  string  `json:"paymentAction"`
	Amount         amount  `json:"amount"`
	Timestamp      string  `json:"timestamp"`
	IdempotencyKey *string `json:"idempotencyKey,omitempty"`
	Success        bool    `json:"success"`
}

// happening is a kind of event: its name in the API and in webhooks, its
// action in the event log, its op in the ledger, and the webhook's event type.
type happening struct {
	name, action string
	op           observe.EntryOp
	topic        string
}

var (
	wasCreated    = happening{"CREATED", "CREATE", observe.MoneyCreated, "epayments.payment.created.v1"}
	wasAborted    = happening{"ABORTED", "ABORT", observe.MoneyAborted, "epayments.payment.aborted.v1"}
	wasExpired    = happening{"EXPIRED", "EXPIRE", observe.MoneyExpired, "epayments.payment.expired.v1"}
	wasCancelled  = happening{"CANCELLED", "CANCEL", observe.MoneyCancelled, "epayments.payment.cancelled.v1"}
	wasCaptured   = happening{"CAPTURED", "CAPTURE", observe.MoneyCaptured, "epayments.payment.captured.v1"}
	wasRefunded   = happening{"REFUNDED", "REFUND", observe.MoneyRefunded, "epayments.payment.refunded.v1"}
	wasAuthorized = happening{"AUTHORIZED", "AUTHORISE", observe.MoneyAuthorized, "epayments.payment.authorized.v1"}
	wasTerminated = happening{"TERMINATED", "TERMINATE", observe.MoneyTerminated, "epayments.payment.terminated.v1"}
)

var topics = map[string]bool{
	wasCreated.topic: true, wasAborted.topic: true, wasExpired.topic: true, wasCancelled.topic: true,
	wasCaptured.topic: true, wasRefunded.topic: true, wasAuthorized.topic: true, wasTerminated.topic: true,
}

// least is the smallest amount that can be asked, captured or refunded.
var least = map[string]int64{"NOK": 100, "DKK": 1, "EUR": 1}

// reserved is what is authorized and neither captured nor released.
func (m *payment) reserved() int64 { return m.authorized - m.captured - m.cancelled }

// capture takes a of what is reserved.
func (m *payment) capture(a amount) *refusal {
	switch {
	case m.unknown:
		return processing
	case m.state == created:
		return captureTooEarly
	case m.state != authorized:
		return captureWrongState
	case a.Currency != m.asked.Currency:
		return wrongCurrency
	case a.Value < 1:
		return amountTooSmall
	case m.captured == m.authorized:
		return capturedBefore
	case m.cancelled > 0:
		return captureCancelled
	case a.Value > m.reserved():
		return captureTooHigh
	}
	m.captured += a.Value
	return nil
}

// refund gives a of what is captured back.
func (m *payment) refund(a amount) *refusal {
	switch {
	case m.unknown:
		return processing
	case m.state == created:
		return refundTooEarly
	case m.captured == 0:
		return refundWrongState
	case a.Currency != m.asked.Currency:
		return wrongCurrency
	case a.Value < 1:
		return amountTooSmall
	case m.refunded == m.captured:
		return refundedBefore
	case a.Value > m.captured-m.refunded:
		return refundTooHigh
	}
	m.refunded += a.Value
	return nil
}

// cancel terminates the payment, or releases what is still reserved, and
// tells which of them and how much. Where onlyBefore is set it does nothing
// once the customer has approved.
func (m *payment) cancel(onlyBefore bool) (happening, int64, *refusal) {
	switch {
	case m.unknown:
		return happening{}, 0, processing
	case m.state == created:
		m.state, m.cancelled = terminated, m.asked.Value
		return wasTerminated, m.asked.Value, nil
	case m.state == terminated:
		return happening{}, 0, cancelWrongState
	case m.state != authorized:
		return happening{}, 0, cancelNotReserved
	case onlyBefore:
		return happening{}, 0, cancelAuthorized
	case m.captured == m.authorized:
		return happening{}, 0, cancelCaptured
	case m.cancelled > 0:
		return happening{}, 0, cancelWrongState
	}
	released := m.reserved()
	m.cancelled += released
	return wasCancelled, released, nil
}

type aggregate struct {
	Authorized amount `json:"authorizedAmount"`
	Cancelled  amount `json:"cancelledAmount"`
	Captured   amount `json:"capturedAmount"`
	Refunded   amount `json:"refundedAmount"`
}

func (m *payment) aggregate() aggregate {
	in := func(value int64) amount { return amount{m.asked.Currency, value} }
	return aggregate{in(m.authorized), in(m.cancelled), in(m.captured), in(m.refunded)}
}

// timestamp is how the API writes times.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
