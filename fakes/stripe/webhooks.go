package stripe

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const (
	deliveryTime = 10 * time.Second   // an answer that takes longer is a failure
	givesUpAfter = 3 * 24 * time.Hour // since the first attempt: "Webhooks", automatic retries

	// spread is the most by which a delivery is late on its schedule. Each has its own, so
	// that webhooks come in any order, as Stripe's may.
	spread = 200 * time.Millisecond
)

// event is one thing that happened, with its object as it was then.
type event struct {
	id, kind, request, key string
	created                time.Time
	object                 object
}

// endpoint is where webhooks go.
type endpoint struct {
	id          string
	created     time.Time
	url         *url.URL
	secrets     []secret // the latest first
	rotated     int
	kinds       []string // "*" is all
	description any      // nil: none
	metadata    object
	disabled    bool
	deleted     bool
}

// secret signs webhooks until a time; the zero time is for ever.
type secret struct {
	text  string
	until time.Time
}

// delivery is an event on its way to an endpoint.
type delivery struct {
	event  *event
	to     *endpoint
	body   []byte
	failed int       // attempts that failed
	first  time.Time // the first attempt
	plan   *agenda.Plan
}

// tell notes an event of m's, with an object as it is now. The lock is held, here and
// below but in deliver and post.
func (p *Provider) tell(m *intent, kind string, it object, now time.Time) {
	m.told[kind]++
	p.happened(&event{id: p.id("evt_3", 23, m.id, kind, strconv.Itoa(m.told[kind])), kind: kind, key: m.key, created: now, object: it})
}

// note notes an event of anything else, by a request with that key.
func (p *Provider) note(id, key, kind string, it object, now time.Time) {
	cause := "event\n" + id + "\n" + kind
	p.minted[cause]++
	p.happened(&event{id: p.id("evt_1", 23, cause, strconv.Itoa(p.minted[cause])), kind: kind, key: key, created: now, object: it})
}

func (p *Provider) happened(e *event) {
	if e.key != "" {
		e.request = p.id("req_", 14, "event", e.id)
	}
	p.events.put(e.id, e)
	p.news = append(p.news, e)
}

// eventJSON is an event as the API and webhooks tell it.
func (p *Provider) eventJSON(e *event, pending int) object {
	return object{
		"id": e.id, "object": "event", "api_version": Version, "created": e.created.Unix(), "data": object{"object": e.object},
		"livemode": false, "pending_webhooks": pending, "type": e.kind,
		"request": object{"id": orNull(e.request), "idempotency_key": orNull(e.key)},
	}
}

// RegisterWebhook registers an endpoint for kinds of events ("payment_intent.succeeded";
// none means all), as an operator would. Only what happens from then on is told.
func (p *Provider) RegisterWebhook(to string, kinds ...string) (id, signing string, err error) {
	at, err := webhookURL(to)
	if err != nil {
		return "", "", err
	}
	if len(kinds) == 0 {
		kinds = []string{"*"}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := &endpoint{url: at, kinds: kinds, metadata: object{}}
	p.addEndpoint(e, time.Now())
	return e.id, e.secrets[0].text, nil
}

// addEndpoint gives a new endpoint its id and its secret. The lock is held.
func (p *Provider) addEndpoint(e *endpoint, now time.Time) {
	n := strconv.Itoa(len(p.endpoints.list))
	text := "whsec_" + p.id("", 32, "secret", n)
	if p.cfg.WebhookSecret != "" && n == "0" {
		text = p.cfg.WebhookSecret
	}
	e.id, e.created, e.secrets = p.id("we_1", 23, "endpoint", n), now, []secret{{text: text}}
	p.endpoints.put(e.id, e)
}

// announce queues what has happened for each endpoint that wants to be told.
func (p *Provider) announce() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, e := range p.news {
		var to []*endpoint
		for _, one := range p.endpoints.list {
			if one.deleted || one.disabled {
				continue
			}
			if slices.Contains(one.kinds, "*") || slices.Contains(one.kinds, e.kind) {
				to = append(to, one)
			}
		}
		for _, one := range to {
			body, err := json.MarshalIndent(p.eventJSON(e, len(to)), "", "  ")
			if err != nil {
				panic(fmt.Sprintf("stripe: a webhook's body: %v", err)) // only plain values
			}
			p.schedule(&delivery{event: e, to: one, body: body}, now)
		}
	}
	p.news = nil
}

// schedule plans d's next attempt for due or a little later.
func (p *Provider) schedule(d *delivery, due time.Time) {
	late := binary.BigEndian.Uint64(p.seed.Digest("late", d.to.id, d.event.id, strconv.Itoa(d.failed)))
	at := due.Add(p.scaled(1 + time.Duration(late%uint64(spread))))
	d.plan = p.agenda.At(at, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.agenda.Closed() || d.to.deleted {
			return
		}
		if d.failed == 0 {
			d.first = time.Now()
		}
		p.agenda.Begin()
		go p.deliver(d)
	})
}

// backoff is how long to wait after so many failed attempts: 5 s, then four times as
// long each time, and 12 hours at most.
func backoff(failed int) time.Duration {
	wait := 5 * time.Second
	for range failed - 1 {
		if wait *= 4; wait > 12*time.Hour {
			return 12 * time.Hour
		}
	}
	return wait
}

// deliver makes one attempt and plans what follows from it.
func (p *Provider) deliver(d *delivery) {
	defer p.agenda.Finish()
	if p.post(d) {
		return
	}
	if p.again(d) {
		return
	}
	p.cfg.See(observe.Event{Actor: "provider", Kind: observe.Note, Text: fmt.Sprintf(
		"the webhook %s %s is given up after %d attempts", d.event.kind, d.event.id, d.failed)})
}

// again says whether there will be another attempt.
func (p *Provider) again(d *delivery) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.agenda.Closed() || d.to.deleted {
		return true
	}
	d.failed++
	now := time.Now()
	wait := p.scaled(backoff(d.failed))
	if now.Add(wait).Sub(d.first) > p.scaled(givesUpAfter) {
		return false
	}
	p.schedule(d, now.Add(wait))
	return true
}

// post makes one attempt and says whether it was taken. Only 2xx is: a redirect is a
// failure.
func (p *Provider) post(d *delivery) bool {
	ctx, stop := context.WithTimeout(p.life, p.scaled(deliveryTime))
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.addressOf(d.to), bytes.NewReader(d.body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	now := time.Now()
	r.Header.Set("Stripe-Signature", Sign(d.body, now, p.signing(d.to, now)...))
	return provider.Taken(p.webhooks, r)
}

// addressOf is where an endpoint's webhooks go now.
func (p *Provider) addressOf(to *endpoint) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return to.url.String()
}

// signing are the secrets that an endpoint's webhooks are signed with now.
func (p *Provider) signing(to *endpoint, now time.Time) (texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range to.secrets {
		if s.until.IsZero() || now.Before(s.until) {
			texts = append(texts, s.text)
		}
	}
	return texts
}

// Sign is the header Stripe-Signature of a webhook, as "Verify webhook signatures
// manually" describes it: the time of sending in seconds, and a signature by each secret.
func Sign(body []byte, at time.Time, secrets ...string) string {
	header := "t=" + strconv.FormatInt(at.Unix(), 10)
	for _, secret := range secrets {
		header += ",v1=" + signature(body, at, secret)
	}
	return header
}

// signature is the HMAC-SHA256, in hexadecimal, of the time, a dot and the body. Its key
// is the text of the secret, with its beginning "whsec_".
func signature(body []byte, at time.Time, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return hex.EncodeToString(mac.Sum(nil))
}
