package vipps

import (
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// landingPath is where a customer's browser reaches the provider.
const landingPath = "/"

// landing is where a payment's customer is sent.
func (p *Provider) landing(reference string) string {
	return "https://landing.example" + landingPath + "?token=" + p.id("landing", reference)
}

// Pages is the landing page: it shows the payment, and takes the customer's answer. It is
// no part of the published document.
func (p *Provider) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+landingPath+"{$}", func(w http.ResponseWriter, r *http.Request) {
		p.shows(w, r, false)
	})
	mux.HandleFunc("POST "+landingPath+"{$}", func(w http.ResponseWriter, r *http.Request) {
		said, code, declined := provider.Answer(r.FormValue(provider.AnswerField)), r.FormValue(provider.CodeField), false
		if said == provider.CardDeclined && !slices.Contains(cardCodes, code) {
			http.Error(w, fmt.Sprintf("There is no code %q: want %s.", code, strings.Join(cardCodes, ", ")), http.StatusBadRequest)
			return
		}
		if m, reference := p.landed(r); m != nil {
			declined = p.inThePage(reference, said)
		}
		p.shows(w, r, declined)
	})
	return observe.Server("provider", observe.PayingHop, p.cfg.See, mux)
}

// landed is the payment whose page a request asks for, as it stands now; nil: there is none.
func (p *Provider) landed(r *http.Request) (m *payment, reference string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for reference, one := range p.payments {
		if r.URL.Query().Get("token") == p.id("landing", reference) {
			now := *one
			return &now, reference
		}
	}
	return nil, ""
}

// inThePage is her answer on the page, where the payment still waits for one. What she
// decides otherwise takes the place of her yes. It says whether her card was declined.
func (p *Provider) inThePage(reference string, answer provider.Answer) (declined bool) {
	p.books.Commit(func(now time.Time) {
		switch m := p.payments[reference]; {
		case m.state != created || m.unknown:
		case answer == provider.CardDeclined:
			p.declineCard(m)
			declined = true
		case answer == provider.Approves:
			p.agenda.Drop(m.approval)
			declined = m.decision.CardDeclined != ""
			p.answer(m, now)
		case answer == provider.Declines:
			p.abort(m, now)
		}
	})
	return declined
}

// shows sends her back where the payment is decided, or else shows it, with a form that is
// sent to the page itself. Where her card was declined just now, that is a 402.
func (p *Provider) shows(w http.ResponseWriter, r *http.Request, declined bool) {
	m, _ := p.landed(r)
	if m != nil && m.state != created && m.back != "" {
		http.Redirect(w, r, m.back, http.StatusSeeOther)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if declined {
		w.WriteHeader(http.StatusPaymentRequired)
	}
	if m == nil {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<!doctype html><title>Payment</title><p>There is no such payment.</p>")
		return
	}
	fmt.Fprintf(w, "<!doctype html><title>Payment</title><p>%s %d.%02d, %s</p>",
		html.EscapeString(m.asked.Currency), m.asked.Value/100, m.asked.Value%100, m.state)
	if m.state != created {
		return
	}
	fmt.Fprintf(w, `<form method="post"><button name="%[1]s" value="%[2]s">Pay</button><button name="%[1]s" value="%[3]s">Cancel</button></form>`,
		provider.AnswerField, provider.Approves, provider.Declines)
}
