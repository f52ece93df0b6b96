package vipps

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

const (
	maxBody = 64 << 10 // more is refused
	cutBody = 1 << 20  // more is not even read: the connection is dropped
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
	json   any   // the body decoded; nil where there is none
	syntax error // why it could not be decoded
	at     time.Time
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, cutBody)
	p.handler.ServeHTTP(w, r)
}

func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // in memory: observe.Server has read it
	c := &call{method: r.Method, path: r.URL.Path, header: r.Header, body: body,
		key: r.Header.Get("Idempotency-Key"), at: time.Now()}
	refused := c.find()
	var a answer
	if refused != nil {
		a = p.refuse(c, refused)
	} else {
		a = p.admit(c)
	}
	a = p.checked(c, a)
	if a.mediaType != "" {
		w.Header().Set("Content-Type", a.mediaType)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
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
	terms := p.contract.operations[c.op.id]
	if wrong := terms.checkParameters(c.header, c.vars); wrong != nil {
		return p.invalid(c, wrong)
	}
	if msn := c.header.Get("Merchant-Serial-Number"); msn != "" && msn != p.cfg.MSN {
		return p.refuse(c, merchantForbidden)
	}
	switch {
	case len(c.body) > maxBody:
		return p.refuse(c, tooLarge)
	case terms.body != nil && len(c.body) > 0 && !isJSON(c.header.Get("Content-Type")):
		return p.refuse(c, notJSON)
	}
	if terms.body != nil && len(c.body) > 0 {
		c.json, c.syntax = decode(c.body)
	}
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

// malformed tells what of c's body the document does not allow.
func (p *Provider) malformed(c *call) []detail {
	terms := p.contract.operations[c.op.id]
	switch {
	case c.syntax != nil:
		return []detail{{"body", c.syntax.Error()}}
	case terms.body == nil, len(c.body) == 0 && !terms.bodyRequired:
		return nil
	case len(c.body) == 0:
		return []detail{{"body", "is missing"}}
	}
	return terms.checkBody(c.json)
}

// checked is a, or where the document does not allow a, a loud 500: then the
// fake is wrong, and whoever tests against it must not take its word.
func (p *Provider) checked(c *call, a answer) answer {
	var t *terms
	if c.op != nil {
		t = p.contract.operations[c.op.id]
	}
	err := p.contract.checkAnswer(t, a)
	if err == nil {
		return a
	}
	text := "the fake provider broke its own contract: " + c.method + " " + c.path + ": " + err.Error()
	p.cfg.See(observe.Event{Actor: "provider", Kind: observe.Note, Text: text})
	return p.problem(c, http.StatusInternalServerError, "Fake provider is wrong", text, nil)
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == plainJSON
}

// decode reads exactly one JSON value.
func decode(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON value")
	}
	return v, nil
}
