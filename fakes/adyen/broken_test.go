package adyen

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/fakes/provider/providertest"
)

// broken is a provider with one thing wrong.
type broken struct {
	provider.Provider
	serve func(next http.Handler, w http.ResponseWriter, r *http.Request)
	due   func() (time.Time, bool)
	close func()
}

func (b broken) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.serve == nil {
		b.Provider.ServeHTTP(w, r)
		return
	}
	b.serve(b.Provider, w, r)
}

func (b broken) NextDue() (time.Time, bool) {
	if b.due == nil {
		return b.Provider.NextDue()
	}
	return b.due()
}

func (b broken) Close() {
	if b.close == nil {
		b.Provider.Close()
	}
}

// writes has the ledger told of a change whenever a request to such a path comes in.
func writes(path string, op observe.EntryOp) func(*provider.Config, *broken) {
	return func(c *provider.Config, b *broken) {
		b.serve = func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, path) {
				c.See(observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{Op: op, Amount: 49900}})
			}
			next.ServeHTTP(w, r)
		}
	}
}

// through changes what the shop is sent, and whether the provider hears of it.
type through func(body []byte) (sent []byte, taken bool)

func (f through) over(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		sent, taken := f(body)
		c := r.Clone(r.Context())
		c.Body = io.NopCloser(bytes.NewReader(sent))
		resp, err := base.RoundTrip(c)
		if err == nil && taken {
			resp.StatusCode = http.StatusOK
		}
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// heard is whether an answer could be written.
type heard struct {
	http.ResponseWriter
	failed bool
}

func (h *heard) Write(b []byte) (int, error) {
	n, err := h.ResponseWriter.Write(b)
	h.failed = h.failed || err != nil
	return n, err
}

// Each rule of the list is broken by one of these providers, and no rule by the right one.
func TestTheListFindsBrokenProviders(t *testing.T) {
	found := map[string]bool{}
	for name, row := range map[string]struct {
		breaks func(*provider.Config, *broken)
		rules  []string // some that find it
		cards  []string // by whose codes it says that cards are declined
	}{
		"forgets keys": {breaks: func(_ *provider.Config, b *broken) {
			b.serve = func(next http.Handler, w http.ResponseWriter, r *http.Request) {
				r.Header.Del("Idempotency-Key")
				next.ServeHTTP(w, r)
			}
		}, rules: []string{"a key acts once", "a key acts once for many at the same time", "a key is bound to its request"}},
		"tells twice": {breaks: func(c *provider.Config, _ *broken) {
			see := c.See
			c.See = func(e observe.Event) {
				if see(e); e.Kind == observe.Money {
					see(e)
				}
			}
		}, rules: []string{"a purchase is one charge", "what is told is the ledger"}},
		"captures whatever is asked": {breaks: writes("/captures", observe.MoneyCaptured), rules: []string{
			"no more is captured than was held", "nothing is captured twice", "nothing is captured before she approves",
			"nothing is captured that she declined", "a payment that is not there cannot be changed"}},
		"refunds whatever is asked":        {breaks: writes("/refunds", observe.MoneyRefunded), rules: []string{"no more is refunded than was captured"}},
		"takes the card that was declined": {breaks: func(*provider.Config, *broken) {}, rules: []string{"her card is declined and another one is good"}, cards: []string{provider.NoFunds}},
		"cancels whatever is asked":        {breaks: writes("/cancels", observe.MoneyCancelled), rules: []string{"a cancel releases what is held", "a cancel after a capture changes nothing"}},
		"lets anybody in": {breaks: func(c *provider.Config, b *broken) {
			b.serve = func(next http.Handler, w http.ResponseWriter, r *http.Request) {
				r.Header.Set("X-Api-Key", c.Account["api_key"])
				next.ServeHTTP(w, r)
			}
		}, rules: []string{"who has no key is refused"}},
		"works again where nobody heard it": {breaks: func(_ *provider.Config, b *broken) {
			b.serve = func(next http.Handler, w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				h := &heard{ResponseWriter: w}
				if next.ServeHTTP(h, r); h.failed {
					r.Body = io.NopCloser(bytes.NewReader(body))
					r.Header.Set("Idempotency-Key", "again")
					next.ServeHTTP(httptest.NewRecorder(), r)
				}
			}
		}, rules: []string{"an answer that is cut leaves the ledger right"}},
		"asks no customer": {breaks: func(c *provider.Config, _ *broken) { c.Decides = nil }, rules: []string{"she approves late", "she declines", "she never answers"}},
		"is in a hurry": {breaks: func(c *provider.Config, _ *broken) {
			if decides := c.Decides; decides != nil {
				c.Decides = func(payment string) provider.Decision {
					d := decides(payment)
					d.Late = min(d.Late, time.Second)
					return d
				}
			}
		}, rules: []string{"she approves late"}},
		"has a bank that rejects nothing": {breaks: func(c *provider.Config, _ *broken) { c.Bank = "" }, rules: []string{"a bank rejects the first capture and no other"}},
		"signs another body": {breaks: func(c *provider.Config, _ *broken) {
			c.Transport = through(func(b []byte) ([]byte, bool) { return bytes.ReplaceAll(b, []byte("NOK"), []byte("DKK")), false }).over(c.Transport)
		}, rules: []string{"notices are signed and come until taken"}},
		"sends a notice once": {breaks: func(c *provider.Config, _ *broken) {
			c.Transport = through(func(b []byte) ([]byte, bool) { return b, true }).over(c.Transport)
		}, rules: []string{"notices are signed and come until taken"}},
		"draws its ids": {breaks: func(c *provider.Config, _ *broken) { c.Rand = rand.Reader }, rules: []string{"ids do not depend on the order of requests"}},
		"never ends":    {breaks: func(_ *provider.Config, b *broken) { b.close = func() {} }, rules: []string{"nothing happens after the end"}},
		"never rests": {breaks: func(_ *provider.Config, b *broken) {
			b.due = func() (time.Time, bool) { return time.Now().Add(time.Hour), true }
		}, rules: []string{"a purchase is one charge"}},
	} {
		s := subject
		s.Kind.CardCodes = row.cards
		s.Kind.New = func(c provider.Config) (provider.Provider, error) {
			var b broken
			row.breaks(&c, &b)
			made, err := Kind().New(c)
			b.Provider = made
			return b, err
		}
		for _, rule := range providertest.Rules() {
			if slices.Contains(row.rules, rule.Name) {
				require.Error(t, providertest.Broken(t, s, rule), "a provider that %s keeps the rule: %s", name, rule.Name)
				found[rule.Name] = true
			}
		}
	}
	for _, rule := range providertest.Rules() {
		require.True(t, found[rule.Name], "no broken provider breaks the rule: %s", rule.Name)
	}
}
