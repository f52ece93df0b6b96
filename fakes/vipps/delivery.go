package vipps

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const (
	deliveryTime = 10 * time.Second   // an answer that takes longer is a failure
	givesUpAfter = 7 * 24 * time.Hour // since the first attempt

	// stagger is the most by which a delivery is late on its schedule. The
	// provider only says "about"; here it also keeps a webhook and the answer
	// to the request that caused it from leaving in one instant.
	stagger = 50 * time.Millisecond
)

// backoff is how long to wait after so many failed attempts: four times 2 s,
// then 1 and 2 minutes, then hourly up to attempt 29, then daily.
func backoff(failed int) time.Duration {
	switch {
	case failed <= 4:
		return 2 * time.Second
	case failed == 5:
		return time.Minute
	case failed == 6:
		return 2 * time.Minute
	case failed <= 28:
		return time.Hour
	default:
		return 24 * time.Hour
	}
}

// notice is one webhook to deliver at one registration. The Provider's lock
// guards it.
type notice struct {
	reference string
	name      string
	body      []byte
	failed    int       // attempts that failed
	first     time.Time // the first attempt
	due       time.Time
	plan      *agenda.Plan
}

// webhookBody is what a webhook says.
type webhookBody struct {
	MSN            string  `json:"msn"`
	Reference      string  `json:"reference"`
	PSPReference   string  `json:"pspReference"`
	Name           string  `json:"name"`
	Amount         amount  `json:"amount"`
	Timestamp      string  `json:"timestamp"`
	IdempotencyKey *string `json:"idempotencyKey,omitempty"`
	Success        bool    `json:"success"`
}

// enqueue appends a notice of news to h's queue. The lock is held, here and in
// plan and pump.
func (p *Provider) enqueue(h *hook, news happened, now time.Time) {
	e := news.event
	body, err := json.Marshal(webhookBody{p.cfg.MSN, e.Reference, e.PSPReference, e.Name, e.Amount, e.Timestamp, e.IdempotencyKey, e.Success})
	if err != nil {
		panic(fmt.Sprintf("vipps: a webhook's body: %v", err)) // only plain fields
	}
	n := &notice{reference: e.Reference, name: e.Name, body: body}
	h.queue = append(h.queue, n)
	p.schedule(h, n, now)
}

// schedule plans n's next attempt for due or a little later.
func (p *Provider) schedule(h *hook, n *notice, due time.Time) {
	spread := binary.BigEndian.Uint64(p.seed.Digest("stagger", h.id, string(n.body), strconv.Itoa(n.failed)))
	late := 1 + time.Duration(spread%uint64(stagger))
	n.due = due.Add(p.scaled(late))
	n.plan = p.agenda.At(n.due, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.pump(h)
	})
}

// pump sends h's next notice, unless one is on its way. That is the oldest one
// that is due and that no earlier notice of the same payment holds up: a
// payment's events arrive in order or not at all, while a payment whose webhook
// fails does not hold up another's.
func (p *Provider) pump(h *hook) {
	if h.sending || p.agenda.Closed() {
		return
	}
	now := time.Now()
	held := make(map[string]bool)
	for _, n := range h.queue {
		if held[n.reference] || n.due.After(now) {
			held[n.reference] = true
			continue
		}
		if n.failed == 0 {
			n.first = now
		}
		h.sending = true
		p.agenda.Begin()
		go p.deliver(h, n)
		return
	}
}

// deliver makes one attempt and plans what follows from it.
func (p *Provider) deliver(h *hook, n *notice) {
	defer p.agenda.Finish()
	ok := p.post(h, n)
	givenUp := p.settle(h, n, ok)
	if givenUp {
		p.cfg.See(observe.Event{Actor: "provider", Kind: observe.Note, Text: fmt.Sprintf(
			"the webhook %s of %s is given up after %d attempts", n.name, n.reference, n.failed)})
	}
}

// settle says whether n is given up.
func (p *Provider) settle(h *hook, n *notice, ok bool) (givenUp bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.sending = false
	if p.agenda.Closed() || h.gone {
		return false
	}
	if !ok {
		n.failed++
		now := time.Now()
		wait := p.scaled(backoff(n.failed))
		givenUp = now.Add(wait).Sub(n.first) > p.scaled(givesUpAfter)
		if !givenUp {
			p.schedule(h, n, now.Add(wait))
		}
	}
	if ok || givenUp {
		h.remove(n)
	}
	p.pump(h)
	return givenUp
}

func (h *hook) remove(n *notice) {
	for i, other := range h.queue {
		if other == n {
			h.queue = append(h.queue[:i], h.queue[i+1:]...)
			return
		}
	}
}

// post makes one attempt and says whether it was taken. Only 2xx is: a redirect
// is not followed, since a webhook's URL must not redirect.
func (p *Provider) post(h *hook, n *notice) bool {
	ctx, stop := context.WithTimeout(p.life, p.scaled(deliveryTime))
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url.String(), bytes.NewReader(n.body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", contract.PlainJSON)
	Sign(r.Header, h.url, n.body, h.secret, time.Now())
	return provider.Taken(p.webhooks, r)
}
