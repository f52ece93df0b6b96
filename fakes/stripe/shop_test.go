package stripe

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secretKey      = "sk_test_canary0secret0key"
	publishableKey = "pk_test_of0the0page"
)

// inStoryTime runs a test in a synctest bubble: its sleeps take no time.
func inStoryTime(test func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) { synctest.Test(t, test) }
}

// pass lets so much time pass, and all end that is due then.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// shop calls the provider without a network.
type shop struct {
	t        testing.TB
	provider *Provider
	seen     *sightings
	asks     http.Header // sent with each call
}

// open opens a shop at a provider of its own. Customers never pay by themselves unless
// change says otherwise.
func open(t testing.TB, change func(*Config)) *shop {
	t.Helper()
	seen := &sightings{}
	cfg := Config{
		SecretKey: secretKey, PublishableKey: publishableKey, ApproveAfter: -1,
		Transport: receiver(func(*http.Request, string) int { return http.StatusOK }),
		Rand:      rand.NewChaCha8([32]byte{1}), See: seen.see,
	}
	if change != nil {
		change(&cfg)
	}
	p, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return &shop{t: t, provider: p, seen: seen, asks: http.Header{"Authorization": {"Bearer " + secretKey}}}
}

// reply is an answer with its body decoded.
type reply struct {
	Status int
	Body   string
	Header http.Header
	json   any
}

// field is what stands at a path such as "error.code", where a number is a place in a
// list.
func (a reply) field(path string) any {
	v := a.json
	for name := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case object:
			v = at[name]
		case []any:
			var n int
			if _, err := fmt.Sscan(name, &n); err != nil || n >= len(at) {
				return nil
			}
			v = at[n]
		default:
			return nil
		}
	}
	return v
}

func (a reply) text(path string) string { s, _ := a.field(path).(string); return s }

// send makes a call. Every answer is held to the document.
func (s *shop) send(method, path, form string, header ...string) reply {
	s.t.Helper()
	a := s.raw(method, path, form, header...)
	require.NoError(s.t, json.Unmarshal([]byte(a.Body), &a.json), "%s", a.Body)
	require.NoError(s.t, breach(method, path, a), "%s %s %s → %d %s", method, path, form, a.Status, a.Body)
	return a
}

// raw makes a call, and takes the answer as it comes.
func (s *shop) raw(method, path, form string, header ...string) reply {
	s.t.Helper()
	target := "https://api.stripe.test" + path
	var body io.Reader = strings.NewReader(form)
	if method != http.MethodPost && form != "" {
		target, body = target+"?"+form, nil
	}
	r := httptest.NewRequest(method, target, body)
	maps.Copy(r.Header, s.asks)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.provider.ServeHTTP(w, r)
	return reply{Status: w.Code, Body: w.Body.String(), Header: w.Header()}
}

// post is a POST of fields such as "amount=1000".
func (s *shop) post(path string, fields ...string) reply {
	s.t.Helper()
	return s.send("POST", path, form(fields...))
}

func (s *shop) get(path string, fields ...string) reply {
	s.t.Helper()
	return s.send("GET", path, form(fields...))
}

// create creates a payment intent of 499.00 kr.
func (s *shop) create(fields ...string) reply {
	s.t.Helper()
	a := s.post("/v1/payment_intents", append([]string{"amount=49900", "currency=nok"}, fields...)...)
	require.Equal(s.t, 200, a.Status, a.Body)
	return a
}

// pays is what a request says that pays at once by a card of the test mode.
func pays(card string) []string {
	return []string{"confirm=true", "payment_method=" + card, "automatic_payment_methods[enabled]=true", "automatic_payment_methods[allow_redirects]=never"}
}

func form(fields ...string) string {
	escaped := make([]string, len(fields))
	for i, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		escaped[i] = url.QueryEscape(name) + "=" + url.QueryEscape(value)
	}
	return strings.Join(escaped, "&")
}

// books are the ledger's entries as "captured 49900".
func (s *shop) books() (list []string) {
	for _, e := range s.provider.Ledger() {
		list = append(list, fmt.Sprint(e.Op, " ", e.Amount))
	}
	return list
}

// sightings are events that a test looks at.
type sightings struct {
	mu   sync.Mutex
	list []observe.Event
}

func (s *sightings) see(e observe.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, e)
}

func (s *sightings) of(kind observe.Kind) (list []observe.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.list {
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// receiver is the shop's end of webhooks: it answers with a status.
type receiver func(r *http.Request, body string) int

func (f receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	return &http.Response{StatusCode: f(r, string(body)), Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// published is the document, for a reader that nobody here wrote.
var published = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(Document) })

// breach says how an answer breaks the document. What is not in it is not its matter.
func breach(method, path string, a reply) error {
	doc, err := published()
	if err != nil {
		return err
	}
	if a.Status == http.StatusOK {
		for template, item := range doc.Paths.Map() {
			if op := item.GetOperation(method); op != nil && fits(template, path) {
				return op.Responses.Value("200").Value.Content["application/json"].Schema.Value.VisitJSON(a.json, openapi3.VisitAsResponse())
			}
		}
		return fmt.Errorf("%s %s is in no document", method, path)
	}
	return doc.Components.Schemas["error"].Value.VisitJSON(a.json, openapi3.VisitAsResponse())
}

func fits(template, path string) bool {
	_, ok := match(template, strings.Split(path, "/"))
	return ok && slices.Contains(operationsAt(path), template)
}

// operationsAt keeps "/v1/events/{id}" and its like apart from fixed paths.
func operationsAt(path string) (templates []string) {
	for _, op := range operations() {
		if _, ok := match(op.path, strings.Split(path, "/")); ok {
			templates = append(templates, op.path)
			if !strings.Contains(op.path, "{") {
				return []string{op.path}
			}
		}
	}
	return templates
}
