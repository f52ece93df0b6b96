package providertest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Subject is a provider, and how a purchase is spelled at it. The requests that its
// functions make have a path, a body and what the API asks for besides; the list adds the
// header Idempotency-Key, where Key says no other name.
type Subject struct {
	Kind provider.Kind
	Key  string // of the header that makes requests idempotent; "": Idempotency-Key

	// Enters gives the headers with which the shop's requests are let in. It may ask the
	// provider for a token.
	Enters func(facts map[string]string, ask func(*http.Request) (status int, body []byte)) http.Header

	// Create asks for a payment that its customer is to approve, whose money is captured
	// later. Amounts are in minor units of NOK.
	Create  func(reference string, amount int64) *http.Request
	Capture func(payment string, amount int64) *http.Request
	Cancel  func(payment string) *http.Request
	Refund  func(payment string, amount int64) *http.Request

	// Verify says what is wrong with the signature of a webhook.
	Verify func(r *http.Request, body []byte, secret string) error
}

const (
	price    = 49900
	currency = "NOK"
	hookURL  = "http://127.0.0.1:1/webhooks"
)

// desk is a shop at a provider of its own, in a synctest bubble.
type desk struct {
	Subject
	made    provider.Provider
	entries http.Header
	keys    int

	mu       sync.Mutex
	ledger   []observe.Entry
	began    time.Time
	held     time.Time            // when money was first held
	messages map[observe.Kind]int // on the provider's hop
	hooks    []hook
	refuses  int // webhooks to come
}

type hook struct {
	request *http.Request
	body    []byte
}

// open makes a provider for one rule. Customers approve at once, unless change says
// otherwise.
func (s Subject) open(change func(*provider.Config)) (*desk, error) {
	d := &desk{Subject: s, began: time.Now(), messages: map[observe.Kind]int{}}
	cfg := provider.Config{
		Account: s.Kind.Filled(nil), WebhookURL: hookURL, Speed: 1, Rand: rand.NewChaCha8([32]byte{1}),
		Transport: d, See: d.see,
	}
	if change != nil {
		change(&cfg)
	}
	made, err := s.Kind.New(cfg)
	if err != nil {
		return nil, err
	}
	d.made = made
	d.entries = s.Enters(made.Facts(), func(r *http.Request) (int, []byte) {
		w := httptest.NewRecorder()
		made.ServeHTTP(w, r)
		return w.Code, w.Body.Bytes()
	})
	d.mu.Lock()
	clear(d.messages)
	d.mu.Unlock()
	return d, nil
}

func (d *desk) see(e observe.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case e.Kind == observe.Money:
		d.ledger = append(d.ledger, *e.Entry)
		if e.Entry.Op == observe.MoneyAuthorized && d.held.IsZero() {
			d.held = time.Now()
		}
	case e.Message != nil && e.Message.Hop == observe.ProviderHop:
		d.messages[e.Kind]++
	}
}

// RoundTrip takes webhooks.
func (d *desk) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hooks = append(d.hooks, hook{r, body})
	status := http.StatusOK
	if d.refuses > 0 {
		d.refuses--
		status = http.StatusServiceUnavailable
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// ask sends a request under a key; "" is a new one. It waits until nothing is due, and a
// minute for any limit of rates.
func (d *desk) ask(r *http.Request, key string) (status int, body string) {
	w := httptest.NewRecorder()
	d.serve(w, r, key)
	d.rests()
	time.Sleep(time.Minute)
	return w.Code, w.Body.String()
}

func (d *desk) serve(w http.ResponseWriter, r *http.Request, key string) {
	d.mu.Lock()
	if key == "" {
		d.keys++
		key = fmt.Sprintf("key-%d", d.keys)
	}
	d.mu.Unlock()
	for name, values := range d.entries {
		r.Header[name] = values
	}
	name := d.Key
	if name == "" {
		name = "Idempotency-Key"
	}
	r.Header.Set(name, key)
	d.made.ServeHTTP(w, r)
}

// rests lets all happen that the provider does by itself within a day.
func (d *desk) rests() {
	synctest.Wait()
	for range 1000 {
		due, any := d.made.NextDue()
		if !any || time.Until(due) > 24*time.Hour {
			return
		}
		time.Sleep(max(time.Until(due), 0) + 1)
		synctest.Wait()
	}
}

// books are the ledger as "captured 49900".
func (d *desk) books() (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.ledger {
		list = append(list, fmt.Sprint(e.Op, " ", e.Amount))
	}
	return list
}

// sum is what entries of a kind come to.
func (d *desk) sum(op observe.EntryOp) (sum int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.ledger {
		if e.Op == op {
			sum += e.Amount
		}
	}
	return sum
}

// pays makes a payment, and says by which name the ledger has it.
func (d *desk) pays(reference string) (payment string, err error) {
	before := len(d.books())
	if status, body := d.ask(d.Create(reference, price), ""); status >= 300 {
		return "", fmt.Errorf("a payment is refused: %d %s", status, body)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ledger) == before || d.ledger[before].Op != observe.MoneyCreated {
		return "", fmt.Errorf("the ledger has no new payment")
	}
	return d.ledger[before].Reference, nil
}

// is says how the ledger differs from what it should be.
func (d *desk) is(want ...string) error {
	if got := d.books(); !slices.Equal(got, want) {
		return fmt.Errorf("the ledger is %q, want %q", got, want)
	}
	return nil
}

// again is a request once more: its body can be read.
func again(make func() *http.Request) []*http.Request { return []*http.Request{make(), make()} }

// altered is a copy of a request with another body.
func altered(r *http.Request, body []byte) *http.Request {
	c := r.Clone(r.Context())
	c.Body, c.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return c
}
