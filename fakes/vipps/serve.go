package vipps

import (
	"net/http"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/contract"
)

// operation is one thing that can be asked over HTTP.
type operation struct {
	id       string // its operationId in the document
	method   string
	template []string // the path's segments; {name} takes any one
	open     bool     // needs no access token
	limit    int      // calls a minute for a reference; 0: any number
	do       func(*Provider, *call) answer
}

var operations = []*operation{
	{id: "getToken", method: "POST", template: segments("/accesstoken/get"), open: true, do: (*Provider).issueToken},
	{id: "createPayment", method: "POST", template: segments("/epayment/v1/payments"), limit: writesPerMinute, do: writes(create)},
	{id: "getPayment", method: "GET", template: segments("/epayment/v1/payments/{reference}"), limit: readsPerMinute, do: reads(getPayment)},
	{id: "getEvents", method: "GET", template: segments("/epayment/v1/payments/{reference}/events"), limit: readsPerMinute, do: reads(getEvents)},
	{id: "capturePayment", method: "POST", template: segments("/epayment/v1/payments/{reference}/capture"), limit: writesPerMinute, do: writes(changes(capture))},
	{id: "refundPayment", method: "POST", template: segments("/epayment/v1/payments/{reference}/refund"), limit: writesPerMinute, do: writes(changes(refund))},
	{id: "cancelPayment", method: "POST", template: segments("/epayment/v1/payments/{reference}/cancel"), limit: writesPerMinute, do: writes(changes(cancel))},
	{id: "forceApprove", method: "POST", template: segments("/epayment/v1/test/payments/{reference}/approve"), do: (*Provider).forceApprove},
	{id: "listWebhooks", method: "GET", template: segments("/webhooks/v1/webhooks"), do: (*Provider).listWebhooks},
	{id: "registerWebhook", method: "POST", template: segments("/webhooks/v1/webhooks"), do: (*Provider).registerWebhook},
	{id: "deleteWebhook", method: "DELETE", template: segments("/webhooks/v1/webhooks/{id}"), do: (*Provider).deleteWebhook},
}

func segments(path string) []string { return strings.Split(path, "/") }

// call is one request, read.
type call struct {
	op     *operation // nil: no operation takes it
	method string
	path   string
	header http.Header
	vars   map[string]string // of the path
	key    string            // Idempotency-Key
	body   []byte
	json   any      // the body decoded; nil where there is none
	wrong  []detail // what of the body the document does not allow
	at     time.Time
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

func callOf(r *http.Request, body []byte) *call {
	return &call{method: r.Method, path: r.URL.Path, header: r.Header, body: body,
		key: r.Header.Get("Idempotency-Key"), at: time.Now()}
}

// serve answers r and names the operation that took it.
func (p *Provider) serve(r *http.Request, body []byte) (operation string, a answer) {
	c := callOf(r, body)
	if refused := c.find(); refused != nil {
		return "", p.refuse(c, refused)
	}
	return c.op.id, p.admit(c)
}

// broken is the answer in place of one that the document does not allow.
func (p *Provider) broken(r *http.Request, text string) answer {
	return p.problem(callOf(r, nil), http.StatusInternalServerError, "Fake provider is wrong", text, nil)
}

// find looks for the operation that takes c.
func (c *call) find() *refusal {
	asked := segments(c.path)
	refused := noPath
	for _, op := range operations {
		vars, ok := match(op.template, asked)
		if !ok {
			continue
		}
		if op.method == c.method {
			c.op, c.vars = op, vars
			return nil
		}
		refused = noMethod
	}
	return refused
}

func match(template, asked []string) (map[string]string, bool) {
	if len(template) != len(asked) {
		return nil, false
	}
	var vars map[string]string
	for i, want := range template {
		if strings.HasPrefix(want, "{") {
			vars = map[string]string{strings.Trim(want, "{}"): asked[i]} // no path has two
		} else if want != asked[i] {
			return nil, false
		}
	}
	return vars, true
}

// admit lets c through to its operation where who asks, and how, is in order:
// first the keys, then the form of headers and path, then the body's size and
// kind, then the rate.
func (p *Provider) admit(c *call) answer {
	if !c.op.open {
		if refused := p.authenticate(c); refused != nil {
			return p.refuse(c, refused)
		}
	}
	terms := p.contract.Terms(c.op.id)
	if wrong := terms.Parameters(c.header, nil, c.vars); wrong != nil {
		return p.invalid(c, details(wrong))
	}
	if msn := c.header.Get("Merchant-Serial-Number"); msn != "" && msn != p.cfg.MSN {
		return p.refuse(c, merchantForbidden)
	}
	switch {
	case len(c.body) > contract.MaxBody:
		return p.refuse(c, tooLarge)
	case terms.TakesBody() && len(c.body) > 0 && !contract.IsJSON(c.header.Get("Content-Type")):
		return p.refuse(c, notJSON)
	}
	value, wrong := terms.Body(c.body)
	c.json, c.wrong = value, details(wrong)
	if c.op.limit > 0 && !p.allowed(c) {
		return p.refuse(c, tooManyRequests)
	}
	return c.op.do(p, c)
}

func (p *Provider) allowed(c *call) bool {
	reference := c.vars["reference"]
	if reference == "" {
		reference = object(c.json).text("reference")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limits.allow(c.op.id, reference, c.op.limit, c.at)
}
