package adyen

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// awaitCustomer starts the time that the customer has, and plans her answer. The lock is
// held, here and below.
func (p *Provider) awaitCustomer(m *payment, now time.Time) {
	if p.cfg.ApproveAfter == 0 {
		p.answers(m, now)
	}
	if !m.waits() {
		return
	}
	m.end = p.agenda.At(now.Add(p.scaled(openTime)), p.later(m, func(now time.Time) {
		p.close(m, expired, observe.MoneyExpired, "OFFER_CLOSED", now)
	}))
	if p.cfg.ApproveAfter > 0 {
		p.plan(m, p.cfg.ApproveAfter, func(now time.Time) { p.answers(m, now) }, now)
	}
}

// waits says whether m waits for its customer.
func (m *payment) waits() bool { return m.state == open && !m.silent }

func (p *Provider) plan(m *payment, after time.Duration, do func(time.Time), now time.Time) {
	m.plan = p.agenda.At(now.Add(p.scaled(after)), p.later(m, do))
}

// later is a plan to change m, unless it is decided by then.
func (p *Provider) later(m *payment, change func(time.Time)) func() {
	return func() {
		p.books.Commit(func(now time.Time) {
			if m.state == open {
				change(now)
			}
		})
	}
}

// answers is what she does when the time has come, or that she does nothing yet.
func (p *Provider) answers(m *payment, now time.Time) {
	d := m.decision
	m.decision = provider.Decision{} // she may change her mind
	p.books.Took(d.Took)
	switch {
	case d.Declines:
		p.refuse(m, now)
	case d.Never:
	case d.Late > 0:
		p.plan(m, d.Late, func(now time.Time) { p.consent(m, now) }, now)
	default:
		p.consent(m, now)
	}
}

// decidesAtOnce is what her card's bank says while the shop waits for the answer: nobody is
// late or away there, so that such a decision takes no effect.
func (p *Provider) decidesAtOnce(m *payment, now time.Time) {
	if m.decision.Declines {
		p.answers(m, now)
		return
	}
	p.consent(m, now)
}

// consent is her yes, but to payments that all customers decline.
func (p *Provider) consent(m *payment, now time.Time) {
	switch {
	case p.declined < p.cfg.Declines:
		p.declined++
		p.refuse(m, now)
	case m.amount.Value == silentAmount && !m.silent:
		p.decided(m)
		m.silent = true
		p.plan(m, silence, func(now time.Time) { p.consent(m, now) }, now)
	default:
		p.decided(m)
		m.state, m.silent, m.authorized = authorised, false, m.amount.Value
		p.record(m, observe.MoneyAuthorized, m.amount.Value, "")
		p.tellOf(m, "AUTHORISATION", "", now)
	}
}

func (p *Provider) refuse(m *payment, now time.Time) {
	p.decided(m)
	m.state = refused
	p.record(m, observe.MoneyAborted, m.amount.Value, "")
	p.tellOf(m, "AUTHORISATION", "Refused", now)
}

// close ends a payment that nobody decided.
func (p *Provider) close(m *payment, to state, op observe.EntryOp, code string, now time.Time) {
	p.decided(m)
	m.state = to
	p.record(m, op, m.amount.Value, "")
	p.tellOf(m, code, "", now)
}

// decided ends the wait for the customer.
func (p *Provider) decided(m *payment) {
	p.agenda.Drop(m.plan)
	p.agenda.Drop(m.end)
	m.plan, m.end = nil, nil
}

// Approve says yes in the customer's place, and Refuse no. Each fails where no payment of
// that pspReference waits for its customer.
func (p *Provider) Approve(pspReference string) error { return p.atThePage(pspReference, p.consent) }

// Refuse says no in the customer's place.
func (p *Provider) Refuse(pspReference string) error { return p.atThePage(pspReference, p.refuse) }

func (p *Provider) atThePage(psp string, change func(*payment, time.Time)) (err error) {
	p.books.Commit(func(now time.Time) {
		for _, m := range p.payments {
			if m.psp == psp && m.waits() {
				change(m, now)
				return
			}
		}
		err = fmt.Errorf("adyen: no payment %q waits for its customer", psp)
	})
	return err
}

// Pages is the page to which the shop sends its customers. It is no part of the published
// document. She comes back with a redirectResult.
func (p *Provider) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pagePath, p.shows)
	mux.HandleFunc("POST "+pagePath, func(w http.ResponseWriter, r *http.Request) {
		said := provider.Answer(r.FormValue(provider.AnswerField))
		p.books.Commit(func(now time.Time) {
			switch m := p.landed(r); {
			case m == nil || !m.waits():
			case said == provider.Approves:
				p.agenda.Drop(m.plan)
				p.answers(m, now)
			case said == provider.Declines:
				p.refuse(m, now)
			}
		})
		p.shows(w, r)
	})
	return observe.Server("provider", observe.PayingHop, p.cfg.See, mux)
}

// landed is the payment whose page a request asks for, or nil. The lock is held.
func (p *Provider) landed(r *http.Request) *payment {
	for _, m := range p.payments {
		if r.URL.Query().Get("redirectData") == p.id("page", m.psp) {
			return m
		}
	}
	return nil
}

// shows sends her back where the payment is decided, or else shows it, with a form that is
// sent to the page itself. The lock is not held.
func (p *Provider) shows(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	m := p.landed(r)
	back, text, waits := "", "There is no such payment.", false
	if m != nil {
		text, waits = fmt.Sprintf("%s %d, in minor units: %s", m.amount.Currency, m.amount.Value, m.state), m.waits()
		if m.state != open {
			back = returnTo(m.back, p.redirectResult(m))
		}
	}
	p.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case m == nil:
		w.WriteHeader(http.StatusNotFound)
	case back != "":
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	fmt.Fprintf(w, "<!doctype html><title>Payment</title><p>%s</p>", html.EscapeString(text))
	if waits {
		fmt.Fprintf(w, `<form method="post"><button name="%[1]s" value="%[2]s">Pay</button><button name="%[1]s" value="%[3]s">Cancel</button></form>`,
			provider.AnswerField, provider.Approves, provider.Declines)
	}
}

func returnTo(back, result string) string {
	to, err := url.Parse(back)
	if err != nil {
		return ""
	}
	q := to.Query()
	q.Set("redirectResult", result)
	to.RawQuery = q.Encode()
	return to.String()
}
