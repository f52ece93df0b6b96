package compose_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Purse is a payment provider like no real one: a shop names a hold and puts it where
// it is to be, sums have major units, and one key opens everything.
var purseKind = provider.Kind{
	Account: []provider.Fact{{Name: "key", Is: "what opens the purse", Preset: "canary-purse-key", Secret: true}},
	Routes: observe.Routes{
		{Operation: observe.CreatePayment, Hop: observe.ProviderHop, Method: "PUT", Path: "/v2/holds/{id}"},
		{Operation: observe.GetPayment, Hop: observe.ProviderHop, Method: "GET", Path: "/v2/holds/{id}"},
		{Operation: observe.Capture, Hop: observe.ProviderHop, Method: "PUT", Path: "/v2/holds/{id}/settlement"},
	},
	New: newPurse,
}

// hold is one payment: asked, then granted or denied, then settled.
type hold struct {
	ID, Sum, Unit, Now string
	major, minor       int64
}

type purse struct {
	http.Handler
	provider.Config
	facts    map[string]string
	webhooks http.RoundTripper
	work     sync.WaitGroup
	quit     chan struct{}
	mu       sync.Mutex // guards what follows
	holds    map[string]*hold
	denied   int
	due      map[*time.Timer]time.Time // what it does by itself
}

func newPurse(c provider.Config) (provider.Provider, error) {
	p := &purse{
		Config: c, facts: c.Account, quit: make(chan struct{}), holds: map[string]*hold{}, due: map[*time.Timer]time.Time{},
		webhooks: &observe.Client{Actor: "provider", Hop: observe.WebhookHop, See: c.See, Base: c.Transport},
	}
	p.facts[provider.WebhookSecret] = "canary-purse-proof"
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /v2/holds/{id}", p.ask)
	mux.HandleFunc("GET /v2/holds/{id}", p.change("", "", ""))
	mux.HandleFunc("PUT /v2/holds/{id}/settlement", p.change("granted", "settled", observe.MoneyCaptured))
	p.Handler = observe.Server("provider", observe.ProviderHop, c.See, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if r.Header.Get("X-Purse-Key") != p.facts["key"] {
			http.Error(w, "no such key", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	return p, nil
}

func (p *purse) Facts() map[string]string { return p.facts }
func (p *purse) Close()                   { close(p.quit); p.work.Wait() }

func (p *purse) NextDue() (at time.Time, any bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, due := range p.due {
		if !any || due.Before(at) {
			at, any = due, true
		}
	}
	return at, any
}

// after acts by itself after a time of the story. The lock is held, here and below but in tell.
func (p *purse) after(d time.Duration, do func()) {
	timer := time.NewTimer(d / time.Duration(p.Speed))
	p.due[timer] = time.Now().Add(d / time.Duration(p.Speed))
	p.work.Go(func() {
		select {
		case <-timer.C:
			do()
		case <-p.quit:
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.due, timer)
	})
}

func (p *purse) ask(w http.ResponseWriter, r *http.Request) {
	h := &hold{ID: r.PathValue("id")}
	_ = json.NewDecoder(r.Body).Decode(h) // a body without a sum holds nothing
	_, _ = fmt.Sscanf(h.Sum, "%d.%02d", &h.major, &h.minor)
	if p.holds[h.ID] == nil {
		p.holds[h.ID] = h
		p.write(h, "asked", observe.MoneyCreated)
		p.after(p.ApproveAfter, func() { p.decide(h, p.Decides(h.ID)) })
	}
	_ = json.NewEncoder(w).Encode(p.holds[h.ID])
}

// decide is what the customer does when she would say yes.
func (p *purse) decide(h *hold, d provider.Decision) {
	p.mu.Lock()
	switch p.denied++; {
	case d.Never:
	case d.Late > 0:
		p.after(d.Late, func() { p.decide(h, provider.Decision{}) })
	case d.Declines || p.denied <= p.Declines:
		p.write(h, "denied", observe.MoneyAborted)
	default:
		p.write(h, "granted", observe.MoneyAuthorized)
	}
	p.mu.Unlock()
	if d.Took != nil {
		d.Took()
	}
}

// change answers with a hold, which it moves on once where that is asked.
func (p *purse) change(from, to string, op observe.EntryOp) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := p.holds[r.PathValue("id")]
		if h == nil || to != "" && h.Now != from && h.Now != to {
			http.Error(w, "no such hold, or not now", http.StatusNotFound)
			return
		}
		if h.Now == from {
			p.write(h, to, op)
		}
		_ = json.NewEncoder(w).Encode(h)
	}
}

// write writes the ledger, and sends a webhook until it is taken.
func (p *purse) write(h *hold, now string, op observe.EntryOp) {
	h.Now = now
	p.See(observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{Op: op, Reference: h.ID, Amount: 100*h.major + h.minor, Currency: h.Unit}})
	if p.WebhookURL != "" {
		p.after(10*time.Millisecond, func() { p.tell(fmt.Appendf(nil, `{"hold":%q,"now":%q}`, h.ID, now)) })
	}
}

func (p *purse) tell(body []byte) {
	r, _ := http.NewRequest("POST", p.WebhookURL, bytes.NewReader(body))
	r.Header.Set("X-Purse-Proof", p.facts[provider.WebhookSecret])
	if resp, err := p.webhooks.RoundTrip(r); err != nil || resp.StatusCode != http.StatusOK {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.after(2*time.Second, func() { p.tell(body) })
	}
}
