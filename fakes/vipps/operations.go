package vipps

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/contract"
)

// object reads fields of a decoded body that the document has allowed; whatever
// is not there is zero. Reading by exact name matters: encoding/json would take
// "Amount" for "amount" in a struct, which the document does not.
func object(v any) fields {
	o, _ := v.(map[string]any)
	return o
}

type fields map[string]any

func (f fields) object(name string) fields { return object(f[name]) }

func (f fields) text(name string) string {
	s, _ := f[name].(string)
	return s
}

func (f fields) amount(name string) amount {
	o := f.object(name)
	value, _ := o["value"].(float64) // exact: the document allows no more than 65,000,000
	return amount{o.text("currency"), int64(value)}
}

// writes is an operation that carries an Idempotency-Key: it changes the books
// at most once for a key. A body that the document does not allow is refused
// for that key for good, as any other refusal is.
func writes(do func(*Provider, *call, time.Time) answer) func(*Provider, *call) answer {
	return func(p *Provider, c *call) (a answer) {
		p.books.Commit(func(now time.Time) {
			a = p.once(c, now, func(c *call, now time.Time) answer {
				if c.wrong != nil {
					return p.invalid(c, c.wrong)
				}
				return do(p, c, now)
			})
		})
		return a
	}
}

// reads is an operation that looks at a payment.
func reads(do func(*payment) any) func(*Provider, *call) answer {
	return func(p *Provider, c *call) answer {
		p.mu.Lock()
		defer p.mu.Unlock()
		m := p.payments[c.vars["reference"]]
		if m == nil {
			return p.refuse(c, referenceUnknown)
		}
		return contract.JSON(http.StatusOK, do(m))
	}
}

// changes is a write to a payment that exists; it answers with how that stands.
func changes(do func(*Provider, *payment, *call, time.Time) *refusal) func(*Provider, *call, time.Time) answer {
	return func(p *Provider, c *call, now time.Time) answer {
		m := p.payments[c.vars["reference"]]
		if m == nil {
			return p.refuse(c, referenceUnknown)
		}
		if refused := do(p, m, c, now); refused != nil {
			return p.refuse(c, refused)
		}
		return contract.JSON(http.StatusOK, struct {
			Amount       amount    `json:"amount"`
			State        state     `json:"state"`
			Aggregate    aggregate `json:"aggregate"`
			PSPReference string    `json:"pspReference"`
			Reference    string    `json:"reference"`
		}{m.asked, m.state, m.aggregate(), m.psp, m.reference})
	}
}

func create(p *Provider, c *call, now time.Time) answer {
	body := object(c.json)
	reference := body.text("reference")
	if refused := createAllowed(body); refused != nil {
		return p.refuse(c, refused)
	}
	if p.payments[reference] != nil {
		return p.refuse(c, referenceTaken)
	}
	m := &payment{
		reference: reference,
		psp:       p.id("psp", reference),
		method:    body.object("paymentMethod").text("type"),
		metadata:  body.object("metadata"),
		asked:     body.amount("amount"),
		state:     created,
	}
	if body.text("userFlow") != "PUSH_MESSAGE" { // then the app rings, and nobody is sent anywhere
		m.redirectURL, m.back = p.landing(reference), body.text("returnUrl")
	}
	p.payments[reference] = m
	p.record(m, wasCreated, m.asked.Value, c.key, now)
	p.awaitCustomer(m, now)
	return contract.JSON(http.StatusCreated, struct {
		RedirectURL string `json:"redirectUrl,omitempty"`
		Reference   string `json:"reference"`
	}{m.redirectURL, reference})
}

// createAllowed holds the rules that join several fields, which the document
// cannot say.
func createAllowed(body fields) *refusal {
	flow, back := body.text("userFlow"), body.text("returnUrl")
	asked := body.amount("amount")
	switch {
	case asked.Value < least[asked.Currency]:
		return amountTooSmall
	case flow == "WEB_REDIRECT" && back == "":
		return returnURLMissing
	case back != "" && !reachable(back, true):
		return urlInvalid
	case flow == "PUSH_MESSAGE" && len(body.object("customer")) == 0:
		return customerMissing
	case body.object("paymentMethod").text("type") == "CARD" && flow != "WEB_REDIRECT":
		return cardNeedsRedirect
	case body.text("expiresAt") != "":
		return longLivingRefused
	}
	return nil
}

// reachable says whether a URL of the merchant's is one to send customers or
// webhooks to: https to anywhere, http only to a host that cannot be on the
// public Internet, and for customers an app's own scheme. The provider takes no
// http at all; a test's services rarely have certificates.
func reachable(raw string, apps bool) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Host != ""
	case "http":
		return private(u.Hostname())
	default:
		return apps && !strings.EqualFold(u.Scheme, "javascript")
	}
}

func capture(p *Provider, m *payment, c *call, now time.Time) *refusal {
	a := object(c.json).amount("modificationAmount")
	if refused := m.capture(a); refused != nil {
		return refused
	}
	p.record(m, wasCaptured, a.Value, c.key, now)
	return nil
}

func refund(p *Provider, m *payment, c *call, now time.Time) *refusal {
	a := object(c.json).amount("modificationAmount")
	if refused := m.refund(a); refused != nil {
		return refused
	}
	p.record(m, wasRefunded, a.Value, c.key, now)
	return nil
}

func cancel(p *Provider, m *payment, c *call, now time.Time) *refusal {
	onlyBefore, _ := object(c.json)["cancelTransactionOnly"].(bool)
	what, value, refused := m.cancel(onlyBefore)
	if refused != nil {
		return refused
	}
	p.decide(m)
	p.record(m, what, value, c.key, now)
	return nil
}

func getPayment(m *payment) any {
	type method struct {
		Type string `json:"type"`
	}
	return struct {
		Aggregate     aggregate      `json:"aggregate"`
		Amount        amount         `json:"amount"`
		State         state          `json:"state"`
		PaymentMethod method         `json:"paymentMethod"`
		Profile       struct{}       `json:"profile"`
		PSPReference  string         `json:"pspReference"`
		RedirectURL   string         `json:"redirectUrl,omitempty"`
		Reference     string         `json:"reference"`
		Metadata      map[string]any `json:"metadata,omitempty"`
	}{m.aggregate(), m.asked, m.state, method{m.method}, struct{}{}, m.psp, m.redirectURL, m.reference, m.metadata}
}

func getEvents(m *payment) any { return m.events }

// forceApprove approves in the customer's place. It carries no key: a second
// call finds that the payment waits for nobody.
func (p *Provider) forceApprove(c *call) (a answer) {
	if c.wrong != nil {
		return p.invalid(c, c.wrong)
	}
	p.books.Commit(func(now time.Time) {
		m := p.payments[c.vars["reference"]]
		switch {
		case m == nil:
			a = p.refuse(c, referenceUnknown)
		case m.state != created || m.unknown:
			a = p.refuse(c, approveNotAllowed)
		default:
			if p.approve(m, now); m.state == aborted {
				a = p.refuse(c, approveFailed)
			} else {
				a = answer{Status: http.StatusOK}
			}
		}
	})
	return a
}
