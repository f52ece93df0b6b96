package stripe

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const (
	mostBytes = 64 << 10 // of a request; more is refused
	cutBytes  = 1 << 20  // more is not even read: the connection is dropped
)

// call is one request, read.
type call struct {
	op      *operation // nil: no operation takes it
	method  string
	path    string
	id      string // of the path, such as an intent's
	key     string // Idempotency-Key
	params  object // as the document has them
	expand  []string
	print   string // equal for equal requests
	browser bool   // it came with the publishable key
	request string // Request-Id
	at      time.Time
}

// text, number, flag and list are parameters that the document has allowed; what is not
// there is zero.
func (c *call) text(name string) string   { s, _ := c.params[name].(string); return s }
func (c *call) number(name string) int64  { n, _ := c.params[name].(int64); return n }
func (c *call) flag(name string) bool     { b, _ := c.params[name].(bool); return b }
func (c *call) object(name string) object { o, _ := c.params[name].(object); return o }
func (c *call) has(name string) bool      { _, is := c.params[name]; return is }

// words are those of a list of texts.
func (c *call) words(name string) (words []string) {
	list, _ := c.params[name].([]any)
	for _, one := range list {
		if word, is := one.(string); is {
			words = append(words, word)
		}
	}
	return words
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // in memory: observe.Server has read it
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // browsers confirm payments by themselves
	h.Set("Access-Control-Expose-Headers", "Request-Id, Stripe-Should-Retry")
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE")
		h.Set("Access-Control-Allow-Headers", "*, Authorization")
		h.Set("Access-Control-Max-Age", "300")
		return
	}
	c := &call{method: r.Method, path: r.URL.Path, key: r.Header.Get("Idempotency-Key"), at: time.Now()}
	a, replayOf := p.answer(c, r, body)
	h.Set("Content-Type", "application/json")
	h.Set("Request-Id", c.request)
	h.Set("Stripe-Version", Version)
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	set("Idempotency-Key", c.key)
	set("Stripe-Should-Retry", a.retry)
	set(provider.UnplayedHeader, a.unplayed)
	for name, value := range a.header {
		if value == "" {
			h[name] = nil // not even what Go would guess
		} else {
			h.Set(name, value)
		}
	}
	if replayOf != "" {
		h.Set("Idempotent-Replayed", "true")
		h.Set("Original-Request", replayOf)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// answer lets c through to its operation where all is in order with it: first who asks,
// then what, then each parameter, then the idempotency key.
func (p *Provider) answer(c *call, r *http.Request, body []byte) (a answer, replayOf string) {
	refused := p.read(c, r, body)
	p.mu.Lock()
	c.request = p.mint("req_", 14, c)
	p.mu.Unlock()
	if refused != nil {
		return refused.answer(), ""
	}
	if a, fails := p.failsAtEdge(c); fails {
		return a, ""
	}
	if c.method == http.MethodGet {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.execute(c, c.at), ""
	}
	return p.once(c, func() (a answer) {
		p.books.Commit(func(now time.Time) { a = p.execute(c, now) })
		return a
	})
}

// execute lets the operation answer. The lock is held.
func (p *Provider) execute(c *call, now time.Time) answer {
	if p.failing > 0 && c.method != http.MethodGet { // of the API's own: others were told before
		p.failing--
		return failures[p.failure]
	}
	it, refused := c.op.do(p, c, now)
	if refused != nil {
		return refused.answer()
	}
	p.expand(it, c.expand)
	return says(http.StatusOK, it)
}

// read reads a request into c, or says why it is refused.
func (p *Provider) read(c *call, r *http.Request, body []byte) *refusal {
	text := string(body)
	if c.method == http.MethodGet || c.method == http.MethodDelete {
		text = r.URL.RawQuery
	}
	c.print = c.method + " " + c.path + "\n" + text
	if err := CheckNoLiveKey(text); err != nil {
		return liveKey(text)
	}
	if len(body) > mostBytes {
		return tooLarge
	}
	form, err := decodeForm(text)
	if err != nil {
		return invalid("", "", "Invalid request: %s.", err)
	}
	canonical, _ := json.Marshal(form) // its keys sorted
	c.print = c.method + " " + c.path + "\n" + string(canonical)
	if refused := p.authenticate(c, r, form); refused != nil {
		return refused
	}
	if refused := p.find(c); refused != nil {
		return refused
	}
	switch {
	case c.browser && !c.op.browser:
		return publishableRefused
	case len(body) > 0 && c.method == http.MethodPost && !isForm(r.Header.Get("Content-Type")):
		return notAForm
	case len(c.key) > longestKey:
		return keyTooLong
	}
	return p.readParameters(c, form)
}

func isForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded")
}

// readParameters reads the form as the document has it.
func (p *Provider) readParameters(c *call, form object) *refusal {
	terms := p.doc.terms[c.op.name()]
	if terms == nil {
		return notPlayed("%s, which its document lacks", c.op.name())
	}
	read, refused := terms.read(form, "")
	if refused != nil {
		return refused
	}
	c.params = read.(object)
	c.expand = c.words("expand")
	if name := unplayed(c.params, "", join(c.op.plays, "expand")); name != "" {
		return notPlayed("the parameter %q of %s", name, c.op.name())
	}
	return checkExpand(c.expand)
}

// authenticate says why the sender of a request may not ask anything. The key is in
// Authorization, as a bearer's or as the user's name, or a publishable one in the form.
func (p *Provider) authenticate(c *call, r *http.Request, form object) *refusal {
	key, _, basic := r.BasicAuth()
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); !basic && strings.EqualFold(scheme, "Bearer") {
		key = token
	}
	if named, is := form["key"].(string); is && key == "" && strings.HasPrefix(named, "pk_") {
		key = named
	}
	delete(form, "key")
	switch {
	case key == "":
		return noKey
	case observe.LiveKey(key) != "":
		return liveKey(key)
	case equal(key, p.cfg.SecretKey):
		return nil
	case equal(key, p.cfg.PublishableKey):
		c.browser = true
		return nil
	}
	return wrongKey(key)
}

// find looks for the operation that takes c.
func (p *Provider) find(c *call) *refusal {
	asked := strings.Split(c.path, "/")
	for _, op := range operations() {
		if id, ok := match(op.path, asked); ok && op.method == c.method {
			if _, another := slices.BinarySearch(p.doc.others, c.method+" "+c.path); another { // such as …/search
				break
			}
			c.op, c.id = op, id
			return nil
		}
	}
	if p.doc.isOther(c.method, c.path) || strings.HasPrefix(c.path, "/v2/") {
		return notPlayed("%s %s", c.method, c.path)
	}
	return &refusal{status: http.StatusNotFound, kind: invalidRequest,
		message: "Unrecognized request URL (" + c.method + ": " + c.path + "). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."}
}

// match is the one variable of a path, where it fits the template.
func match(template string, asked []string) (id string, ok bool) {
	if strings.Count(template, "/")+1 != len(asked) {
		return "", false
	}
	for _, got := range asked {
		want, rest, _ := strings.Cut(template, "/")
		template = rest
		if strings.HasPrefix(want, "{") && got != "" {
			id = got
		} else if want != got {
			return "", false
		}
	}
	return id, true
}
