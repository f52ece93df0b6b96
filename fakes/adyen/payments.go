package adyen

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const (
	// settleTime is how long the outcome of a capture, a cancel or a refund takes, and the
	// end of a payment that its customer leaves open.
	settleTime = 2 * time.Second
	openTime   = 30 * time.Minute
	silence    = time.Hour // how long the bank says nothing of silentAmount

	// silentAmount, in minor units, is one about which the bank says nothing for an hour.
	// It is the fake's own.
	silentAmount = 20100
)

// sendsAway are the payment methods whose customers are sent to a page, and scheme is the
// one that is decided at once.
var sendsAway = []string{"eps", "ideal", "klarna", "klarna_account", "klarna_paynow", "mobilepay", "swish", "trustly", "twint", "vipps"}

const scheme = "scheme"

type state string

const (
	open       state = "Open"
	authorised state = "Authorised"
	refused    state = "Refused"   // by her, or by her bank
	cancelled  state = "Cancelled" // by the shop, before she said anything
	expired    state = "Expired"
)

// payment is one payment and its money, in minor units. Throughout,
//
//	captured + released <= authorized <= amount  and  refunded <= captured.
type payment struct {
	psp, reference string
	method         string
	back           string // where the customer is sent when she has answered
	amount         money
	state          state
	silent         bool // she said yes, and her bank says nothing yet
	metadata       object

	authorized, captured, refunded, released int64

	decision provider.Decision // the customer's, until she carried it out
	plan     *agenda.Plan      // what she or her bank is about to do
	end      *agenda.Plan
}

type money struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// amount reads a sum; the document has it as a currency and a whole number.
func (c *call) amount() (m money, refused *refusal) {
	o, _ := c.fields["amount"].(object)
	n, _ := o["value"].(json.Number)
	m.Currency, _ = o["currency"].(string)
	var err error
	if m.Value, err = n.Int64(); err != nil || m.Value < 1 || len(m.Currency) != 3 {
		return m, invalid("100", "Required object 'amount' is not provided, or invalid.")
	}
	return m, nil
}

// create answers POST /payments. The lock is held, here and below. A reference may come
// again: the provider takes it for another payment.
func create(p *Provider, c *call, now time.Time) (object, *refusal) {
	asked, refused := c.amount()
	if refused != nil {
		return nil, refused
	}
	how, _ := c.fields["paymentMethod"].(object)
	kind, _ := how["type"].(string)
	back, err := url.Parse(c.text("returnUrl"))
	switch {
	case err != nil || back.Scheme == "" || back.Scheme == "javascript" || back.Scheme == "data":
		return nil, invalid("000", "Field 'returnUrl' is not valid.")
	case c.text("reference") == "" || len(c.text("reference")) > 80:
		return nil, invalid("000", "Field 'reference' is not valid: want 1 to 80 characters.")
	case kind == "":
		return nil, invalid("14_006", "Required object 'paymentMethod.type' is not provided.")
	case kind != scheme && !slices.Contains(sendsAway, kind):
		return nil, notPlayed(fmt.Sprintf("the payment method %q, but scheme, %s", kind, strings.Join(sendsAway, ", ")))
	}
	m := &payment{psp: p.mint("payment", c), reference: c.text("reference"), method: kind, back: back.String(), amount: asked, state: open}
	m.metadata, _ = c.fields["metadata"].(object)
	p.payments = append(p.payments, m)
	p.record(m, observe.MoneyCreated, asked.Value, c.key)
	if p.cfg.Decides != nil {
		m.decision = p.cfg.Decides(m.psp)
	}
	if kind == scheme {
		p.decidesAtOnce(m, now)
		return p.result(m), nil
	}
	p.awaitCustomer(m, now)
	return object{
		"resultCode": "RedirectShopper",
		"action": object{"type": "redirect", "method": http.MethodGet, "paymentMethodType": kind,
			"url": "https://checkoutshopper-test.example" + pagePath + "?redirectData=" + p.id("page", m.psp)},
	}, nil
}

// details answers POST /payments/details: what she came back with says how the payment
// stands.
func details(p *Provider, c *call, _ time.Time) (object, *refusal) {
	given, _ := c.fields["details"].(object)
	for name := range given {
		if name != "redirectResult" {
			return nil, notPlayed("the field details." + name + " of PaymentDetailsRequest")
		}
	}
	result, _ := given["redirectResult"].(string)
	for _, m := range p.payments {
		if result != "" && result == p.redirectResult(m) {
			return p.result(m), nil
		}
	}
	return nil, invalid("14_0421", "Invalid redirectResult provided.")
}

func (p *Provider) redirectResult(m *payment) string { return p.id("redirectResult", m.psp) }

// result is how a payment stands, for the shop.
func (p *Provider) result(m *payment) object {
	it := object{"pspReference": m.psp, "merchantReference": m.reference, "amount": m.amount, "paymentMethod": object{"type": m.method}}
	switch m.state {
	case open:
		it["resultCode"] = "Pending"
	case authorised:
		it["resultCode"] = "Authorised"
	case refused:
		it["resultCode"], it["refusalReason"], it["refusalReasonCode"] = "Refused", "Refused", "2"
	default:
		it["resultCode"] = "Cancelled"
	}
	return it
}

// record writes a change of m's money into the ledger.
func (p *Provider) record(m *payment, op observe.EntryOp, amount int64, key string) {
	names := []string{m.reference}
	for _, v := range m.metadata {
		if text, is := v.(string); is {
			names = append(names, text)
		}
	}
	slices.Sort(names[1:])
	p.books.Record(observe.Entry{Op: op, Reference: m.psp, Key: key, Amount: amount, Currency: m.amount.Currency, Names: names})
}

// modifies is an operation on a payment: it is answered "received", and what it comes to
// is told by a webhook.
func modifies(do func(*Provider, *payment, string, money) outcome) func(*Provider, *call, time.Time) (object, *refusal) {
	return func(p *Provider, c *call, now time.Time) (object, *refusal) {
		i := slices.IndexFunc(p.payments, func(m *payment) bool { return m.psp == c.of })
		if i < 0 {
			return nil, invalid("167", "Original pspReference required for this operation")
		}
		m := p.payments[i]
		it := object{"merchantAccount": p.cfg.MerchantAccount, "paymentPspReference": m.psp, "pspReference": p.mint("modification", c), "status": "received"}
		var asked money
		if c.fields["amount"] != nil {
			var refused *refusal
			if asked, refused = c.amount(); refused != nil {
				return nil, refused
			}
			it["amount"] = asked
		}
		if reference := c.text("reference"); reference != "" {
			it["reference"] = reference
		}
		p.settle(m, c, it["pspReference"].(string), now, func() outcome { return do(p, m, c.key, asked) })
		return it, nil
	}
}

// cancelByReference answers POST /cancels, for a shop that does not know the pspReference:
// it cancels the latest payment of the reference that is not captured.
func cancelByReference(p *Provider, c *call, now time.Time) (object, *refusal) {
	reference, psp := c.text("paymentReference"), p.mint("modification", c)
	it := object{"merchantAccount": p.cfg.MerchantAccount, "paymentReference": reference, "pspReference": psp, "status": "received"}
	for _, m := range slices.Backward(p.payments) {
		if m.reference == reference {
			p.settle(m, c, psp, now, func() outcome {
				o := cancel(p, m, c.key, money{})
				o.code = "TECHNICAL_CANCEL"
				return o
			})
			return it, nil
		}
	}
	return nil, invalid("167", "No payment has the reference.")
}

// outcome is what a modification came to: its event, and why it failed, or "". Adyen tells
// of what it refuses itself by an event that is no success, and of what the card's scheme
// rejects later by an event of its own, which is one (Webhooks-v1.json in Adyen's OpenAPI
// repository).
type outcome struct {
	code, reason string
	schemes      bool // the scheme rejected it
	amount       int64
}

// settle makes a modification after a moment, and tells what it came to.
func (p *Provider) settle(m *payment, c *call, psp string, now time.Time, do func() outcome) {
	reference := c.text("reference")
	if reference == "" {
		reference = m.reference
	}
	p.agenda.At(now.Add(p.scaled(settleTime)), func() {
		p.books.Commit(func(now time.Time) {
			o := do()
			p.tell(item{
				psp: psp, original: m.psp, reference: reference, code: o.code, reason: o.reason, method: m.method,
				amount: money{m.amount.Currency, o.amount}, success: o.reason == "" || o.schemes, at: now,
			})
		})
	})
}

func capture(p *Provider, m *payment, key string, asked money) outcome {
	o := outcome{code: "CAPTURE", amount: asked.Value}
	switch {
	case m.state != authorised:
		o.reason = "Transaction hasn't been authorised"
	case asked.Currency != m.amount.Currency:
		o.reason = "Invalid amount specified"
	case asked.Value > m.authorized-m.captured-m.released:
		o.reason = "Insufficient balance on payment"
	case p.failed.captures < p.cfg.FailCaptures:
		p.failed.captures++
		o.code, o.reason, o.schemes = "CAPTURE_FAILED", "Capture Failed", true
	default:
		m.captured += asked.Value
		p.record(m, observe.MoneyCaptured, asked.Value, key)
		if rest := m.authorized - m.captured - m.released; rest > 0 { // accounts without multiple partial captures
			m.released += rest
			p.record(m, observe.MoneyCancelled, rest, key)
		}
	}
	return o
}

func refund(p *Provider, m *payment, key string, asked money) outcome {
	o := outcome{code: "REFUND", amount: asked.Value}
	switch {
	case asked.Currency != m.amount.Currency:
		o.reason = "Invalid amount specified"
	case asked.Value > m.captured-m.refunded:
		o.reason = "Insufficient balance on payment"
	case p.failed.refunds < p.cfg.FailRefunds:
		p.failed.refunds++
		o.code, o.reason, o.schemes = "REFUND_FAILED", "Refund Failed", true
	default:
		m.refunded += asked.Value
		p.record(m, observe.MoneyRefunded, asked.Value, key)
	}
	return o
}

// cancel releases what is reserved, or ends a payment that its customer has not decided.
func cancel(p *Provider, m *payment, key string, _ money) outcome {
	o := outcome{code: "CANCELLATION", amount: m.amount.Value}
	switch {
	case m.state == open && !m.silent:
		p.decided(m)
		m.state = cancelled
		p.record(m, observe.MoneyTerminated, m.amount.Value, key)
	case m.state != authorised:
		o.reason = "Transaction hasn't been authorised"
	case m.captured > 0:
		o.reason = "Already captured"
	case m.released > 0:
		o.reason = "Already cancelled"
	default:
		m.released = m.authorized
		p.record(m, observe.MoneyCancelled, m.authorized, key)
	}
	return o
}
