package vipps

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inStoryTime runs a test in a synctest bubble: its sleeps take no time.
func inStoryTime(test func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) { synctest.Test(t, test) }
}

// shop is a merchant with a token, who calls the provider without a network.
type shop struct {
	t        testing.TB
	provider *Provider
	header   http.Header
	seen     *sightings
	keys     int
}

// open opens a shop at a provider of its own. Fields that cfg leaves zero are
// filled in; customers never approve unless cfg says otherwise.
func open(t testing.TB, change func(*Config)) *shop {
	t.Helper()
	seen := &sightings{}
	cfg := Config{
		MSN: "123456", ClientID: "id", ClientSecret: "secret", SubscriptionKey: "subscription",
		ApproveAfter: -1,
		Transport:    receiver(func(*http.Request, string) int { return http.StatusOK }),
		Rand:         rand.NewChaCha8([32]byte{1}),
		See:          seen.see,
	}
	if change != nil {
		change(&cfg)
	}
	p, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	s := &shop{t: t, provider: p, seen: seen, header: http.Header{
		"Ocp-Apim-Subscription-Key": {"subscription"},
		"Merchant-Serial-Number":    {"123456"},
		"Content-Type":              {"application/json"},
	}}
	s.header.Set("Authorization", "Bearer "+s.token())
	return s
}

func (s *shop) token() string {
	a := s.send("POST", "/accesstoken/get", "", map[string]string{"client_id": "id", "client_secret": "secret"})
	require.Equal(s.t, 200, a.Status, a.Body)
	return a.field("access_token").(string)
}

// reply is an answer with its body decoded.
type reply struct {
	Status int
	Body   string
	Header http.Header
	json   any
}

func (a reply) field(path string) any {
	v := a.json
	for name := range strings.SplitSeq(path, ".") {
		o, _ := v.(map[string]any)
		v = o[name]
	}
	return v
}

// code is the provider's error code, "" where there is none.
func (a reply) code() string {
	extra, _ := a.field("extraDetails").([]any)
	for _, d := range extra {
		if d := d.(map[string]any); d["name"] == "ErrorCode" {
			return d["reason"].(string)
		}
	}
	return ""
}

// sums are authorized/captured/refunded/cancelled.
func (a reply) sums() string {
	of := func(name string) any { return a.field("aggregate." + name + "Amount.value") }
	return fmt.Sprint(of("authorized"), "/", of("captured"), "/", of("refunded"), "/", of("cancelled"))
}

// send makes a call; header values of "" take the shop's own header off. Every
// answer is checked against the published contracts too, where they are at hand.
func (s *shop) send(method, path, body string, header map[string]string) reply {
	s.t.Helper()
	r := httptest.NewRequest(method, "https://provider.test"+path, strings.NewReader(body))
	r.Header = s.header.Clone()
	for name, value := range header {
		if r.Header.Del(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	if body == "" {
		r.Header.Del("Content-Type")
	}
	w := httptest.NewRecorder()
	s.provider.ServeHTTP(w, r)
	a := reply{Status: w.Code, Body: w.Body.String(), Header: w.Header()}
	if a.Body != "" {
		require.NoError(s.t, json.Unmarshal(w.Body.Bytes(), &a.json), a.Body)
	}
	require.NotEqual(s.t, 500, a.Status, a.Body)
	checkPublished(s.t, r, body, a)
	return a
}

// post writes with a key; "" is a fresh one.
func (s *shop) post(key, path, body string) reply {
	s.t.Helper()
	if key == "" {
		s.keys++
		key = fmt.Sprintf("fresh-%d", s.keys)
	}
	return s.send("POST", path, body, map[string]string{"Idempotency-Key": key})
}

func (s *shop) get(reference string) reply {
	s.t.Helper()
	return s.send("GET", "/epayment/v1/payments/"+reference, "", nil)
}

const order = "order-0001"

func creation(reference string, value int64) string {
	return fmt.Sprintf(`{"amount":{"currency":"NOK","value":%d},"paymentMethod":{"type":"WALLET"},`+
		`"reference":%q,"userFlow":"WEB_REDIRECT","returnUrl":"https://shop.test/back"}`, value, reference)
}

func modification(value int64) string {
	return fmt.Sprintf(`{"modificationAmount":{"currency":"NOK","value":%d}}`, value)
}

// unlimited lifts the rate limits, which are another test's matter.
func (s *shop) unlimited() {
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	s.provider.limits.window = -time.Hour
}

// create asks for value and expects to be allowed.
func (s *shop) create(reference string, value int64) {
	s.t.Helper()
	a := s.post("", "/epayment/v1/payments", creation(reference, value))
	require.Equal(s.t, 201, a.Status, a.Body)
}

// modify captures, refunds or cancels.
func (s *shop) modify(reference, what string, value int64) reply {
	s.t.Helper()
	body := modification(value)
	if what == "cancel" {
		body = ""
	}
	return s.post("", "/epayment/v1/payments/"+reference+"/"+what, body)
}

// books are the ledger's lines in short: "captured 500".
func (s *shop) books() []string {
	var lines []string
	for _, e := range s.provider.Ledger() {
		lines = append(lines, fmt.Sprint(e.Op, " ", e.Amount))
	}
	return lines
}

// sightings is an Observer that remembers.
type sightings struct {
	mu     sync.Mutex
	events []observe.Event
}

func (s *sightings) see(e observe.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *sightings) of(kind observe.Kind) []observe.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []observe.Event
	for _, e := range s.events {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// receiver takes webhooks: it is given the request and its body, and says with
// which status to answer; a negative one means not at all.
type receiver func(*http.Request, string) int

func (take receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	status := take(r, string(body))
	if status < 0 {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// pass lets story time pass, and whatever is due by then happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// since is the story time since start, without the stagger.
func since(start time.Time) time.Duration { return time.Since(start).Truncate(100 * time.Millisecond) }
