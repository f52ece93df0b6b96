package checkout

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/shipping"
	"github.com/unhappypath/unhappypath/fakes/vipps"
)

// handlers is a network of function calls: hosts and who serves them.
type handlers map[string]http.Handler

func (h handlers) RoundTrip(r *http.Request) (*http.Response, error) {
	served := httptest.NewRequest(r.Method, r.URL.String(), r.Body)
	served.Header = r.Header
	w := httptest.NewRecorder()
	h[r.URL.Host].ServeHTTP(w, served.WithContext(r.Context()))
	return w.Result(), nil
}

// The fakes check every request against the published contracts, and keep the
// provider's rules on keys, rates, webhooks and waiting customers.
func TestTheFakesAndTheCheckoutUnderstandEachOther(t *testing.T) {
	tests := map[string]struct {
		approve time.Duration
		refuse  bool
		status  string
		money   string
		parcels string
	}{
		"bought":            {3 * time.Second, false, "shipped", "created authorized captured", "booked"},
		"cannot be shipped": {3 * time.Second, true, "refunded", "created authorized captured refunded", ""},
		"never approved":    {-1, false, "refused", "created expired", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *shop) {
				network := handlers{}
				provider, err := vipps.New(vipps.Config{
					MSN: "123456", ClientID: "id", ClientSecret: "secret", SubscriptionKey: "subscription",
					ApproveAfter: test.approve, Transport: network, Rand: rand.NewChaCha8([32]byte{2}), See: observe.Nobody,
				})
				require.NoError(t, err)
				defer provider.Close()
				carrier, err := shipping.New(shipping.Config{
					Refuse: func(string) bool { return test.refuse }, Rand: rand.NewChaCha8([32]byte{3}), See: observe.Nobody,
				})
				require.NoError(t, err)
				defer carrier.Close()
				network["provider"], network["carrier"] = provider, carrier

				s.stop()
				s.parts.Transport = network
				s.open()
				id := s.look("b1")
				_, d := s.submit(id, "b1", "Prefer", "wait=20")
				require.Equal(t, map[bool]string{true: "checking", false: test.status}[test.approve < 0], d.Status)
				s.settle()
				require.Equal(t, test.status, s.get(id).Status)
				require.Equal(t, test.money, operations(provider.Ledger()))
				require.Equal(t, test.parcels, operations(carrier.Ledger()))
				require.Equal(t, "[]\n", s.ask("GET", "/reconciliation", "").Body.String())
			})
		})
	}
}

func TestAWebhookOfTheFakeIsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		body := fmt.Sprintf(`{"msn":"123456","reference":"%s-1","pspReference":"p","name":"CREATED"}`, s.look("b1"))
		r := httptest.NewRequest("POST", "http://shop.example:8080/webhooks/vipps", strings.NewReader(body))
		r.Header.Set("Content-Type", jsonType)
		vipps.Sign(r.Header, r.URL, []byte(body), s.cfg.WebhookSecret, time.Now())
		w := httptest.NewRecorder()
		s.service.Handler().ServeHTTP(w, r)
		require.Equal(t, 200, w.Code, w.Body)
		require.Equal(t, 1, s.rows("inbox"))
	})
}

func operations(ledger []observe.Entry) string {
	var all []string
	for _, entry := range ledger {
		all = append(all, string(entry.Op))
	}
	return strings.Join(all, " ")
}
