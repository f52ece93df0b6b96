package vipps

import (
	"net/http"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Operations that other providers may lack.
const (
	GetPaymentEvents observe.Operation = "GetPaymentEvents"
	ApprovePayment   observe.Operation = "ApprovePayment" // what a customer does in the app, for tests
	ListWebhooks     observe.Operation = "ListWebhooks"
	RegisterWebhook  observe.Operation = "RegisterWebhook"
	DeleteWebhook    observe.Operation = "DeleteWebhook"
)

// operation is one thing that can be asked over HTTP.
type operation struct {
	is     observe.Operation
	id     string // its operationId in the document
	method string
	path   string // {name} takes any one segment
	open   bool   // needs no access token
	limit  int    // calls a minute for a reference; 0: any number
	do     func(*Provider, *call) answer
}

var operations = []*operation{
	{is: observe.Authenticate, id: "getToken", method: "POST", path: "/accesstoken/get", open: true, do: (*Provider).issueToken},
	{is: observe.CreatePayment, id: "createPayment", method: "POST", path: "/epayment/v1/payments", limit: writesPerMinute, do: writes(create)},
	{is: observe.GetPayment, id: "getPayment", method: "GET", path: "/epayment/v1/payments/{reference}", limit: readsPerMinute, do: reads(getPayment)},
	{is: GetPaymentEvents, id: "getEvents", method: "GET", path: "/epayment/v1/payments/{reference}/events", limit: readsPerMinute, do: reads(getEvents)},
	{is: observe.Capture, id: "capturePayment", method: "POST", path: "/epayment/v1/payments/{reference}/capture", limit: writesPerMinute, do: writes(changes(capture))},
	{is: observe.Refund, id: "refundPayment", method: "POST", path: "/epayment/v1/payments/{reference}/refund", limit: writesPerMinute, do: writes(changes(refund))},
	{is: observe.CancelPayment, id: "cancelPayment", method: "POST", path: "/epayment/v1/payments/{reference}/cancel", limit: writesPerMinute, do: writes(changes(cancel))},
	{is: ApprovePayment, id: "forceApprove", method: "POST", path: "/epayment/v1/test/payments/{reference}/approve", do: (*Provider).forceApprove},
	{is: ListWebhooks, id: "listWebhooks", method: "GET", path: "/webhooks/v1/webhooks", do: (*Provider).listWebhooks},
	{is: RegisterWebhook, id: "registerWebhook", method: "POST", path: "/webhooks/v1/webhooks", do: (*Provider).registerWebhook},
	{is: DeleteWebhook, id: "deleteWebhook", method: "DELETE", path: "/webhooks/v1/webhooks/{id}", do: (*Provider).deleteWebhook},
}

// Routes are how the provider spells its operations. Where it sends webhooks, the shop
// says.
func Routes() observe.Routes {
	list := make(observe.Routes, 0, len(operations))
	for _, op := range operations {
		list = append(list, observe.Route{Operation: op.is, Hop: observe.ProviderHop, Method: op.method, Path: op.path})
	}
	return append(list,
		observe.Route{Operation: observe.PayAtProvider, Hop: observe.PayingHop, Method: "GET", Path: landingPath},
		observe.Route{Operation: observe.ApproveAtProvider, Hop: observe.PayingHop, Method: "POST", Path: landingPath})
}

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
	asked := strings.Split(c.path, "/")
	refused := noPath
	for _, op := range operations {
		vars, ok := match(op.path, asked)
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

func match(template string, asked []string) (map[string]string, bool) {
	if strings.Count(template, "/")+1 != len(asked) {
		return nil, false
	}
	var vars map[string]string
	for _, got := range asked {
		want, rest, _ := strings.Cut(template, "/")
		template = rest
		if strings.HasPrefix(want, "{") {
			vars = map[string]string{strings.Trim(want, "{}"): got} // no path has two
		} else if want != got {
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
