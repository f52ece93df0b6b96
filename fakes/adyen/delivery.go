package adyen

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const (
	deliveryTime = 10 * time.Second    // an answer that takes longer is a failure
	givesUpAfter = 30 * 24 * time.Hour // "Troubleshoot webhooks"

	// spread is the most by which a delivery is late on its schedule. Each has its own, so
	// that webhooks come in any order.
	spread = 200 * time.Millisecond
)

// waits are those between attempts, of "Troubleshoot webhooks"; the last one lasts.
var waits = []time.Duration{
	9 * time.Second, 18 * time.Second, 27 * time.Second, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
}

// notice is one webhook on its way to the shop. It was signed when it was made.
type notice struct {
	name   string // for people
	body   []byte
	failed int // attempts that failed
	first  time.Time
}

// tell notes what happened. The lock is held.
func (p *Provider) tell(i item) {
	if p.hook == nil {
		return
	}
	p.news = append(p.news, notice{name: i.code + " " + i.psp, body: i.signed(p.cfg.MerchantAccount, p.cfg.HMACKey)})
}

// tellOf tells of the payment itself.
func (p *Provider) tellOf(m *payment, code, reason string, now time.Time) {
	p.tell(item{psp: m.psp, reference: m.reference, code: code, reason: reason, method: m.method, amount: m.amount, success: reason == "", at: now})
}

// announce sends what has happened on its way.
func (p *Provider) announce() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.news {
		p.schedule(&n, time.Now())
	}
	p.news = nil
}

// schedule plans n's next attempt for due or a little later. The lock is held.
func (p *Provider) schedule(n *notice, due time.Time) {
	late := binary.BigEndian.Uint64(p.seed.Digest("late", string(n.body), strconv.Itoa(n.failed)))
	p.agenda.At(due.Add(p.scaled(1+time.Duration(late%uint64(spread)))), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.agenda.Closed() {
			return
		}
		if n.failed == 0 {
			n.first = time.Now()
		}
		p.agenda.Begin()
		go p.deliver(n)
	})
}

// deliver makes one attempt and plans what follows from it.
func (p *Provider) deliver(n *notice) {
	defer p.agenda.Finish()
	if p.post(n) || p.again(n) {
		return
	}
	p.cfg.See(observe.Event{Actor: "provider", Kind: observe.Note, Text: fmt.Sprintf(
		"the webhook %s is given up after %d attempts", n.name, n.failed)})
}

// again says whether there will be another attempt.
func (p *Provider) again(n *notice) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.agenda.Closed() {
		return true
	}
	n.failed++
	now, wait := time.Now(), p.scaled(waits[min(n.failed, len(waits))-1])
	if now.Add(wait).Sub(n.first) > p.scaled(givesUpAfter) {
		return false
	}
	p.schedule(n, now.Add(wait))
	return true
}

// post makes one attempt and says whether it was taken.
func (p *Provider) post(n *notice) bool {
	ctx, stop := context.WithTimeout(p.life, p.scaled(deliveryTime))
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.hook.String(), bytes.NewReader(n.body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	return provider.Taken(p.webhooks, r)
}
