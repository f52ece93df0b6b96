package adyen

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const (
	mostBytes  = 64 << 10 // of a request; more is refused
	cutBytes   = 1 << 20  // more is not even read: the connection is dropped
	longestKey = 64       // "API idempotency"
)

type object = map[string]any

// operation is one thing that can be asked over HTTP, each by POST.
type operation struct {
	is    observe.Operation
	path  string   // {paymentPspReference} takes any one segment
	name  string   // of its schema in the document
	plays []string // its fields
	needs []string // those without which it is refused
	do    func(*Provider, *call, time.Time) (object, *refusal)
}

const ofPayment = "/v71/payments/{paymentPspReference}"

var operations = []*operation{
	{observe.CreatePayment, "/v71/payments", "PaymentRequest",
		strings.Fields(`amount merchantAccount metadata paymentMethod reference returnUrl
			applicationInfo billingAddress browserInfo channel checkoutAttemptId countryCode dateOfBirth deliveryAddress lineItems origin riskData
			shopperEmail shopperIP shopperInteraction shopperLocale shopperName shopperReference shopperStatement telephoneNumber`),
		[]string{"amount", "merchantAccount", "paymentMethod", "reference", "returnUrl"}, create},
	{PaymentDetails, "/v71/payments/details", "PaymentDetailsRequest", []string{"details"}, []string{"details"}, details},
	{observe.Capture, ofPayment + "/captures", "PaymentCaptureRequest", []string{"amount", "applicationInfo", "lineItems", "merchantAccount", "reference"}, []string{"amount", "merchantAccount"}, modifies(capture)},
	{observe.CancelPayment, ofPayment + "/cancels", "PaymentCancelRequest", []string{"applicationInfo", "merchantAccount", "reference"}, []string{"merchantAccount"}, modifies(cancel)},
	{observe.Refund, ofPayment + "/refunds", "PaymentRefundRequest", []string{"amount", "applicationInfo", "lineItems", "merchantAccount", "merchantRefundReason", "reference"}, []string{"amount", "merchantAccount"}, modifies(refund)},
	{CancelReference, "/v71/cancels", "StandalonePaymentCancelRequest", []string{"applicationInfo", "merchantAccount", "paymentReference", "reference"}, []string{"merchantAccount", "paymentReference"}, cancelByReference},
}

// call is one request, read.
type call struct {
	op     *operation
	of     string // the pspReference in its path
	key    string // Idempotency-Key
	fields object
	print  string // equal for equal requests
}

func (c *call) text(name string) string { s, _ := c.fields[name].(string); return s }

// refusal is an answer that says no. Status and codes are those of "API errors"; 501 says
// what is not played.
type refusal struct {
	status     int
	code, kind string
	message    string
	transient  bool
	unplayed   string
}

func invalid(code, format string, args ...any) *refusal {
	return &refusal{status: http.StatusUnprocessableEntity, code: code, kind: "validation", message: fmt.Sprintf(format, args...)}
}

func notPlayed(what string) *refusal {
	return &refusal{status: http.StatusNotImplemented, code: "not_played", kind: "internal", unplayed: what,
		message: "The fake Adyen does not play " + what + ": nobody knows what the real one would say."}
}

var (
	unauthorized = &refusal{status: http.StatusUnauthorized, code: "000", kind: "security", message: "HTTP Status Response - Unauthorized"}
	noPermission = &refusal{status: http.StatusForbidden, code: "901", kind: "security", message: "Invalid Merchant Account"}
	inProgress   = &refusal{status: http.StatusUnprocessableEntity, code: "704", kind: "validation", message: "request already processed or in progress", transient: true}
	keyReused    = &refusal{status: http.StatusUnprocessableEntity, code: "704", kind: "validation", message: "request already processed or in progress"}
)

// answer is a whole answer, as it is kept for a key and sent.
type answer struct {
	status    int
	body      []byte
	transient bool
	unplayed  string
}

func says(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("adyen: an answer of type %T: %v", v, err)) // only plain values come here
	}
	return answer{status: status, body: body}
}

func (r *refusal) answer() answer {
	a := says(r.status, object{"status": r.status, "errorCode": r.code, "message": r.message, "errorType": r.kind})
	a.transient, a.unplayed = r.transient, r.unplayed
	return a
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // in memory: observe.Server has read it
	c := &call{key: r.Header.Get("Idempotency-Key")}
	var a answer
	if refused := p.read(c, r, body); refused != nil {
		a = refused.answer()
	} else {
		a = p.once(c, func() (a answer) {
			p.books.Commit(func(now time.Time) {
				it, refused := c.op.do(p, c, now)
				switch {
				case refused != nil:
					a = refused.answer()
				case c.of != "" || c.op.is == CancelReference:
					a = says(http.StatusCreated, it)
				default:
					a = says(http.StatusOK, it)
				}
			})
			return a
		})
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if c.key != "" {
		h.Set("Idempotency-Key", c.key)
	}
	if a.transient {
		h.Set("Transient-Error", "true")
	}
	if a.unplayed != "" {
		h.Set(provider.UnplayedHeader, a.unplayed)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// read reads a request into c, or says why it is refused: first who asks, then what, then
// each field.
func (p *Provider) read(c *call, r *http.Request, body []byte) *refusal {
	key := r.Header.Get("X-Api-Key")
	switch {
	case strings.HasPrefix(key, "AQ"): // as real keys begin
		u := *unauthorized
		u.unplayed = "an API key that may be a real one"
		return &u
	case subtle.ConstantTimeCompare([]byte(key), []byte(p.cfg.APIKey)) != 1:
		return unauthorized
	}
	if c.op, c.of = find(r.URL.Path); c.op == nil {
		if strings.HasPrefix(r.URL.Path, "/v") {
			return notPlayed(r.Method + " " + r.URL.Path)
		}
		return &refusal{status: http.StatusNotFound, code: "000", kind: "validation", message: "HTTP Status Response - Not Found"}
	}
	switch {
	case r.Method != http.MethodPost:
		return notPlayed(r.Method + " " + c.op.path)
	case len(body) > mostBytes:
		return &refusal{status: http.StatusRequestEntityTooLarge, code: "000", kind: "validation", message: "The request is larger than the fake reads: 64 KiB."}
	case len(c.key) > longestKey:
		return invalid("000", "The idempotency key is longer than %d characters.", longestKey)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&c.fields); err != nil || c.fields == nil || d.More() {
		return &refusal{status: http.StatusBadRequest, code: "702", kind: "validation", message: "The body is no JSON object."}
	}
	canonical, _ := json.Marshal(c.fields) // its keys sorted
	c.print = r.URL.Path + "\n" + string(canonical)
	return p.readFields(c)
}

func (p *Provider) readFields(c *call) *refusal {
	for _, name := range slices.Sorted(maps.Keys(c.fields)) {
		switch {
		case slices.Contains(c.op.plays, name):
		case slices.Contains(others, name):
			return notPlayed("the field " + name + " of " + c.op.name)
		default:
			return invalid("702", "Structure of %s contains the following unknown fields: [%q]", c.op.name, name)
		}
	}
	for _, name := range c.op.needs {
		if c.fields[name] == nil {
			return invalid("000", "Required field '%s' is not provided.", name)
		}
	}
	if slices.Contains(c.op.needs, "merchantAccount") && c.text("merchantAccount") != p.cfg.MerchantAccount {
		return noPermission
	}
	return nil
}

// find is the operation that takes a path, and the pspReference in it.
func find(path string) (*operation, string) {
	for _, op := range operations {
		if before, after, of := strings.Cut(op.path, "{paymentPspReference}"); of {
			rest, ok := strings.CutPrefix(path, before)
			id, is := strings.CutSuffix(rest, after)
			if ok && is && id != "" && !strings.Contains(id, "/") {
				return op, id
			}
		} else if path == op.path {
			return op, ""
		}
	}
	return nil, ""
}

// kept is what is remembered of a request for its Idempotency-Key. It is kept for good:
// the provider's 31 days are the least.
type kept struct {
	print  string
	done   bool // it has its answer; else it is under way
	answer answer
}

// once answers c from what is kept for its key, or lets do answer it and keeps that. What
// is not played is not kept.
func (p *Provider) once(c *call, do func() answer) answer {
	if c.key == "" {
		return do()
	}
	p.mu.Lock()
	before := p.keys[c.key]
	switch {
	case before == nil:
		p.keys[c.key] = &kept{print: c.print}
		p.mu.Unlock()
	case before.print != c.print:
		p.mu.Unlock()
		return keyReused.answer()
	case !before.done:
		p.mu.Unlock()
		return inProgress.answer()
	default:
		a := before.answer
		p.mu.Unlock()
		return a
	}
	a := do()
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.unplayed != "" {
		delete(p.keys, c.key)
	} else {
		p.keys[c.key].answer, p.keys[c.key].done = a, true
	}
	return a
}
