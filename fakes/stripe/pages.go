package stripe

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// The pages that a customer's browser reaches: a checkout session's, and her bank's.
const (
	sessionPage = "/c/pay/{session}"
	bankPage    = "/3d_secure_2/hosted"
)

// Pages are those on which customers pay, and say yes to their banks: see
// provider.Answer. They are no part of the published document. The script that a page of
// the shop loads, and what it asks, is served with them.
func (p *Provider) Pages() http.Handler {
	mux := http.NewServeMux()
	for _, path := range []string{sessionPage, bankPage} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { p.shows(w, r, false, false) })
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			said, code := provider.Answer(r.FormValue(provider.AnswerField)), r.FormValue(provider.CodeField)
			if said == provider.CardDeclined && declinedCards[code] == "" {
				http.Error(w, fmt.Sprintf("There is no code %q: want %s.", code, strings.Join(cardCodes(), ", ")), http.StatusBadRequest)
				return
			}
			declined := false
			p.books.Commit(func(now time.Time) {
				m := p.landed(r)
				if m == nil || !p.waits(m) || m.failure != nil && m.session == nil {
					return
				}
				m.key = ""
				tries := said == provider.CardDeclined || said == provider.Approves && m.decision.CardDeclined != ""
				declined = tries && m.session != nil // and not at her bank
				switch said {
				case provider.Approves:
					p.agenda.Drop(m.plan)
					p.answers(m, now)
				case provider.CardDeclined:
					p.declineCard(m, code, now)
				case provider.Declines:
					p.refuse(m, now)
				}
			})
			p.shows(w, r, said == provider.Declines, declined)
		})
	}
	p.scripted(mux)
	return provider.ServerOn(observe.PayingHop, p.cfg.See, cutBytes, mux.ServeHTTP)
}

// cardCodes are the codes by which cards are declined on the page of a session.
func cardCodes() []string { return slices.Sorted(maps.Keys(declinedCards)) }

// landed is the intent whose page a request asks for; nil: there is none. The lock is held.
func (p *Provider) landed(r *http.Request) *intent {
	if s := p.sessions.byID[r.PathValue("session")]; s != nil {
		return s.of
	}
	m := p.intents.byID[r.URL.Query().Get("payment_intent")]
	if m == nil || m.session != nil {
		return nil
	}
	return m
}

// shows sends her back where the payment is decided, or else shows it, with a form that is
// sent to the page itself. Where her card was declined just now, that is a 402.
func (p *Provider) shows(w http.ResponseWriter, r *http.Request, saidNo, declined bool) {
	p.mu.Lock()
	m := p.landed(r)
	back, text, waits := "", "There is no such payment.", false
	if m != nil {
		back, text, waits = m.back(saidNo), price(m.amount, m.currency)+", "+string(m.status), p.waits(m)
	}
	p.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	switch to, err := url.Parse(back); {
	case m == nil:
		w.WriteHeader(http.StatusNotFound)
	case back != "" && err == nil && (to.Scheme == "http" || to.Scheme == "https"):
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	case declined:
		w.WriteHeader(http.StatusPaymentRequired)
	}
	fmt.Fprintf(w, "<!doctype html><title>Payment</title><p>%s</p>", html.EscapeString(text))
	if waits {
		fmt.Fprintf(w, `<form method="post"><button name="%[1]s" value="%[2]s">Pay</button><button name="%[1]s" value="%[3]s">Cancel</button></form>`,
			provider.AnswerField, provider.Approves, provider.Declines)
	}
}
