package stripe

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/webhook"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// inbox is the shop's end of webhooks, which takes them after so many refusals.
type inbox struct {
	mu      sync.Mutex
	refuses int
	kinds   []string
	at      []time.Time
	headers []string
	bodies  []string
}

func (in *inbox) take(r *http.Request, body string) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	var e struct{ Type string }
	_ = json.Unmarshal([]byte(body), &e)
	in.kinds, in.at = append(in.kinds, e.Type), append(in.at, time.Now())
	in.headers, in.bodies = append(in.headers, r.Header.Get("Stripe-Signature")), append(in.bodies, body)
	if in.refuses > 0 {
		in.refuses--
		return 500
	}
	return 200
}

func TestWebhooksTellWhatHappened(t *testing.T) {
	for name, row := range map[string]struct {
		does  func(*shop)
		kinds []string
	}{
		"a payment": {func(s *shop) { s.create(pays("pm_card_visa")...) },
			[]string{"charge.succeeded", "charge.updated", "payment_intent.created", "payment_intent.succeeded"}},
		"a refused one": {func(s *shop) {
			s.post("/v1/payment_intents", append(pays("pm_card_chargeDeclined"), "amount=1000", "currency=usd")...)
		},
			[]string{"charge.failed", "payment_intent.created", "payment_intent.payment_failed"}},
		"a hold, captured": {func(s *shop) {
			s.post(intents + "/" + s.create(append(pays("pm_card_visa"), "capture_method=manual")...).text("id") + "/capture")
		},
			[]string{"charge.captured", "charge.succeeded", "payment_intent.amount_capturable_updated", "payment_intent.created", "payment_intent.succeeded"}},
		"a hold, released": {func(s *shop) {
			s.post(intents + "/" + s.create(append(pays("pm_card_visa"), "capture_method=manual")...).text("id") + "/cancel")
		},
			[]string{"charge.refunded", "charge.succeeded", "payment_intent.amount_capturable_updated", "payment_intent.canceled", "payment_intent.created"}},
		"a refund": {func(s *shop) {
			s.post("/v1/refunds", "payment_intent="+s.create(append(pays("pm_card_visa"), "capture_method=automatic")...).text("id"))
		},
			[]string{"charge.refunded", "charge.succeeded", "payment_intent.created", "payment_intent.succeeded", "refund.created"}},
		"a refund that is pending": {func(s *shop) {
			s.post("/v1/refunds", "payment_intent="+s.create(append(pays("pm_card_pendingRefund"), "capture_method=automatic")...).text("id"))
		},
			[]string{"charge.refunded", "charge.succeeded", "payment_intent.created", "payment_intent.succeeded", "refund.created", "refund.updated"}},
		"a refund that fails": {func(s *shop) {
			s.post("/v1/refunds", "payment_intent="+s.create(append(pays("pm_card_refundFail"), "capture_method=automatic")...).text("id"))
		},
			[]string{"charge.refunded", "charge.succeeded", "payment_intent.created", "payment_intent.succeeded", "refund.created", "refund.failed", "refund.updated"}},
		"a customer at her bank": {func(s *shop) { s.create(pays("pm_card_authenticationRequired")...) },
			[]string{"payment_intent.created", "payment_intent.requires_action"}},
	} {
		t.Run(name, inStoryTime(func(t *testing.T) {
			in := &inbox{}
			s := open(t, func(c *Config) { c.Transport = receiver(in.take) })
			_, _, err := s.provider.RegisterWebhook("http://127.0.0.1:9/hook")
			require.NoError(t, err)
			row.does(s)
			pass(2 * time.Hour)
			slices.Sort(in.kinds)
			require.Equal(t, row.kinds, in.kinds)
			_, any := s.provider.NextDue()
			require.False(t, any)
		}))
	}
}

// A webhook is sent again until it is taken, signed at each sending: Stripe's own client
// takes the last one, and none with another secret or an old time.
func TestWebhooksAreRetriedAndSigned(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		in := &inbox{refuses: 3}
		s := open(t, func(c *Config) { c.Transport, c.Speed = receiver(in.take), 5 })
		_, secret, err := s.provider.RegisterWebhook("http://127.0.0.1:9/hook", "payment_intent.created")
		require.NoError(t, err)
		began := time.Now()
		s.create("metadata[order]=7")
		for _, any := s.provider.NextDue(); any; _, any = s.provider.NextDue() {
			pass(time.Second)
		}
		require.Len(t, in.at, 4)
		for i, wait := range []time.Duration{0, time.Second, 4 * time.Second, 16 * time.Second} {
			began = began.Add(wait)
			require.WithinDuration(t, began, in.at[i], time.Second/2)
			_, err := webhook.ConstructEventWithOptions([]byte(in.bodies[i]), in.headers[i], secret, webhook.ConstructEventOptions{
				Tolerance: time.Since(in.at[i]) + time.Second, IgnoreAPIVersionMismatch: true,
			})
			require.NoError(t, err)
		}
		last := len(in.at) - 1
		_, err = webhook.ConstructEventWithOptions([]byte(in.bodies[last]), in.headers[last], secret+"x", webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
		require.ErrorIs(t, err, webhook.ErrNoValidSignature)
		pass(301 * time.Second)
		_, err = webhook.ConstructEventWithOptions([]byte(in.bodies[last]), in.headers[last], secret, webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
		require.ErrorIs(t, err, webhook.ErrTooOld)
		var e stripe.Event
		require.NoError(t, json.Unmarshal([]byte(in.bodies[0]), &e))
		require.Equal(t, "7", e.Data.Object["metadata"].(map[string]any)["order"])
	})(t)
}

func TestWebhooksAreGivenUpAfterThreeDays(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		in := &inbox{refuses: 1000}
		s := open(t, func(c *Config) { c.Transport = receiver(in.take) })
		_, _, err := s.provider.RegisterWebhook("http://127.0.0.1:9/hook", "payment_intent.created")
		require.NoError(t, err)
		s.create()
		pass(4 * 24 * time.Hour)
		require.Len(t, s.seen.of(observe.Note), 1)
		_, any := s.provider.NextDue()
		require.False(t, any)
		require.Less(t, len(in.at), 20)
	})(t)
}
