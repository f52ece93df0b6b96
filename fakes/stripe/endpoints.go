package stripe

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"
)

// mostEndpoints is how many webhook endpoints an account has at most: "Webhooks".
const mostEndpoints = 16

// longestOverlap is how long a secret that was replaced may go on signing.
const longestOverlap = 24 * time.Hour

var ofEndpoints = []string{"url", "enabled_events", "description", "metadata"}

// createEndpoint answers POST /v1/webhook_endpoints. It alone tells the secret. The lock
// is held, here and below.
func createEndpoint(p *Provider, c *call, now time.Time) (object, *refusal) {
	if p.endpointsThatAre() == mostEndpoints {
		return nil, invalid("", "", "You have reached the maximum of %d test webhook endpoints.", mostEndpoints)
	}
	e := &endpoint{created: now, metadata: object{}}
	if refused := e.write(c); refused != nil {
		return nil, refused
	}
	p.addEndpoint(e, now)
	it := p.endpointJSON(e)
	it["secret"] = e.secrets[0].text
	return it, nil
}

// write writes what a request says of an endpoint into it, or nothing of it.
func (e *endpoint) write(c *call) *refusal {
	if refused := checkMetadata(e.metadata, c.object("metadata")); refused != nil {
		return refused
	}
	if c.has("url") {
		at, err := webhookURL(c.text("url"))
		if err != nil {
			return invalid("url_invalid", "url", "Invalid URL: An explicit scheme (such as https) must be provided.")
		}
		e.url = at
	}
	if c.has("enabled_events") {
		e.kinds = c.words("enabled_events")
	}
	if c.has("description") {
		e.description = orNull(c.params["description"])
	}
	if c.has("disabled") {
		e.disabled = c.flag("disabled")
	}
	merge(e.metadata, c.object("metadata"))
	return nil
}

// webhookURL reads where webhooks go.
func webhookURL(text string) (*url.URL, error) {
	at, err := url.Parse(text)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, fmt.Errorf("invalid webhook URL %q: want http://… or https://…", text)
	}
	return at, nil
}

func withEndpoint(do func(*Provider, *endpoint, *call, time.Time) (object, *refusal)) func(*Provider, *call, time.Time) (object, *refusal) {
	return func(p *Provider, c *call, now time.Time) (object, *refusal) {
		e := p.endpoints.byID[c.id]
		if e == nil || e.deleted {
			return nil, missing("webhook endpoint", c.id, "webhook_endpoint")
		}
		return do(p, e, c, now)
	}
}

func getEndpoint(p *Provider, e *endpoint, _ *call, _ time.Time) (object, *refusal) {
	return p.endpointJSON(e), nil
}

func updateEndpoint(p *Provider, e *endpoint, c *call, _ time.Time) (object, *refusal) {
	if refused := e.write(c); refused != nil {
		return nil, refused
	}
	return p.endpointJSON(e), nil
}

// deleteEndpoint ends an endpoint: what was to be sent to it is sent no more.
func deleteEndpoint(_ *Provider, e *endpoint, _ *call, _ time.Time) (object, *refusal) {
	e.deleted = true
	return deletedJSON("webhook_endpoint", e.id), nil
}

func listEndpoints(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.endpoints, "webhook_endpoint", "/v1/webhook_endpoints", func(e *endpoint) string { return e.id }, p.endpointJSON,
		func(e *endpoint) bool { return !e.deleted })
}

func (p *Provider) endpointsThatAre() (n int) {
	for _, e := range p.endpoints.list {
		if !e.deleted {
			n++
		}
	}
	return n
}

// endpointJSON is an endpoint as the API tells it.
func (p *Provider) endpointJSON(e *endpoint) object {
	status := "enabled"
	if e.disabled {
		status = "disabled"
	}
	return object{
		"id": e.id, "object": "webhook_endpoint", "api_version": nil, "application": nil, "created": e.created.Unix(), "description": e.description,
		"enabled_events": e.kinds, "livemode": false, "metadata": maps.Clone(e.metadata), "status": status, "url": e.url.String(),
	}
}

// RotateSecret replaces the secret of an endpoint, as an operator would, and is the new
// one. For so long, up to 24 hours, each webhook is signed by the old one, too: the newest
// first.
func (p *Provider) RotateSecret(endpoint string, overlap time.Duration) (signing string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.endpoints.byID[endpoint]
	switch {
	case e == nil || e.deleted:
		return "", fmt.Errorf("stripe: no webhook endpoint %q", endpoint)
	case overlap < 0 || overlap > longestOverlap:
		return "", fmt.Errorf("stripe: invalid overlap %s: want 0 to %s", overlap, longestOverlap)
	}
	now := time.Now()
	e.secrets = slices.DeleteFunc(e.secrets, func(s secret) bool { return !s.until.IsZero() && !now.Before(s.until) })
	for i := range e.secrets {
		if until := now.Add(p.scaled(overlap)); e.secrets[i].until.IsZero() || until.Before(e.secrets[i].until) {
			e.secrets[i].until = until
		}
	}
	e.rotated++
	signing = "whsec_" + p.id("", 32, "secret", e.id, fmt.Sprint(e.rotated))
	e.secrets = slices.Insert(e.secrets, 0, secret{text: signing})
	return signing, nil
}
