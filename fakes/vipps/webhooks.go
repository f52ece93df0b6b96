package vipps

import (
	"cmp"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/contract"
)

// hooksPerEvent is the published limit.
const hooksPerEvent = 5

// hook is a registration: who is told of which events. The Provider's lock
// guards it.
type hook struct {
	id, secret string
	url        *url.URL
	topics     []string
	queue      []*notice // in the order in which things happened
	sending    bool      // one is on its way; there is never a second
	gone       bool      // deleted
}

// RegisterWebhook registers url for events ("epayments.payment.captured.v1", …;
// none means all of ePayment's), as an operator would by POST
// /webhooks/v1/webhooks. Only what happens from then on is told.
//
// The provider takes https only. The fake also takes http, to hosts that cannot
// be on the public Internet: a loopback address, a name without a dot, or one
// under .localhost, .test or .internal.
func (p *Provider) RegisterWebhook(to string, events ...string) (id, secret string, err error) {
	if len(events) == 0 {
		for topic := range topics {
			events = append(events, topic)
		}
		slices.Sort(events)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	h, _, refused := p.register(to, events)
	if refused != nil {
		return "", "", refused
	}
	return h.id, h.secret, nil
}

// register adds a registration, or says why not: details, or a refusal of its
// own, or both. The lock is held.
func (p *Provider) register(to string, events []string) (*hook, []detail, *refusal) {
	at, err := url.Parse(to)
	if err != nil || !reachable(to, false) {
		return nil, []detail{{"url", urlInvalid.detail}}, urlInvalid
	}
	for _, topic := range events {
		if !topics[topic] {
			wrong := detail{"events", "unknown event " + strconv.Quote(topic)}
			return nil, []detail{wrong}, &refusal{status: http.StatusBadRequest, title: "Bad Request", detail: wrong.Reason}
		}
		told := 0
		for _, h := range p.hooks {
			if slices.Contains(h.topics, topic) {
				told++
			}
		}
		if told >= hooksPerEvent {
			return nil, nil, tooManyWebhooks
		}
	}
	p.hooked++
	n := strconv.Itoa(p.hooked)
	h := &hook{
		id: p.id("webhook", n),
		secret: cmp.Or(p.cfg.WebhookSecret,
			base64.StdEncoding.EncodeToString(append(p.seed.Digest("secret", n), p.seed.Digest("secret", n, "more")...))),
		url:    at,
		topics: slices.Clone(events),
	}
	p.hooks = append(p.hooks, h)
	return h, nil, nil
}

// private says whether host cannot be on the public Internet.
func private(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	host = strings.ToLower(host)
	if host == "" {
		return false
	}
	dot := strings.LastIndexByte(host, '.')
	return dot < 0 || slices.Contains([]string{".localhost", ".test", ".internal"}, host[dot:])
}

func (p *Provider) registerWebhook(c *call) answer {
	if c.wrong != nil {
		return p.invalid(c, c.wrong)
	}
	body := object(c.json)
	var events []string
	for _, topic := range body["events"].([]any) { // so says the document
		events = append(events, topic.(string))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	h, wrong, refused := p.register(body.text("url"), events)
	switch {
	case wrong != nil:
		return p.invalid(c, wrong)
	case refused != nil:
		return p.refuse(c, refused)
	}
	return contract.JSON(http.StatusCreated, struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}{h.id, h.secret})
}

func (p *Provider) listWebhooks(*call) answer {
	type registration struct {
		ID     string   `json:"id"`
		URL    string   `json:"url"`
		Events []string `json:"events"`
	}
	list := struct {
		Webhooks []registration `json:"webhooks"`
	}{[]registration{}}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.hooks {
		list.Webhooks = append(list.Webhooks, registration{h.id, h.url.String(), h.topics})
	}
	return contract.JSON(http.StatusOK, list)
}

// deleteWebhook forgets a registration and what it had not yet told. A webhook
// on its way arrives.
func (p *Provider) deleteWebhook(c *call) answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, h := range p.hooks {
		if h.id == c.vars["id"] {
			for _, n := range h.queue {
				p.agenda.Drop(n.plan)
			}
			h.queue, h.gone = nil, true
			p.hooks = slices.Delete(p.hooks, i, i+1)
			return answer{Status: http.StatusNoContent}
		}
	}
	return p.refuse(c, noWebhook)
}

// happened is a thing that webhooks are to tell.
type happened struct {
	what  happening
	event event
}

// announce queues what has happened for anyone who is registered for it.
func (p *Provider) announce() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, news := range p.news {
		for _, h := range p.hooks {
			if slices.Contains(h.topics, news.what.topic) {
				p.enqueue(h, news, now)
			}
		}
	}
	p.news = nil
}
