package checkout

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stripeSigned is what Stripe's documentation says that its header is.
func stripeSigned(secret string, at time.Time, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

func TestOnlyStripeSignsItsWebhooks(t *testing.T) {
	const secret, body = "whsec_hush", `{"id":"evt_1"}`
	sent := time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)
	api := &stripeAPI{cfg: Config{WebhookSecret: secret, WebhookTolerance: 5 * time.Minute}}
	right := stripeSigned(secret, sent, body)
	for name, row := range map[string]struct {
		header, body string
		at           time.Time
		says         string // "": it is taken
	}{
		"right":                    {right, body, sent, ""},
		"as late as may be":        {right, body, sent.Add(5 * time.Minute), ""},
		"while the secret changes": {strings.Replace(right, "v1=", "v1=00,v1=", 1), body, sent, ""},
		"with a scheme for tests":  {right + ",v0=00", body, sent, ""},
		"another body":             {right, body + " ", sent, "not the provider's"},
		"another secret":           {stripeSigned("whsec_else", sent, body), body, sent, "not the provider's"},
		"an old one":               {right, body, sent.Add(5*time.Minute + 2*time.Second), "not signed just now"},
		"one from ahead":           {right, body, sent.Add(-5*time.Minute - 2*time.Second), "not signed just now"},
		"another time":             {strings.Replace(right, "t=", "t=1", 1), body, sent, "not signed just now"},
		"no signature":             {"t=" + fmt.Sprint(sent.Unix()), body, sent, "not the provider's"},
		"only one for tests":       {strings.Replace(right, "v1=", "v0=", 1), body, sent, "not the provider's"},
		"nothing":                  {"", body, sent, "holds no time"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "http://shop.example/webhooks/stripe", nil)
			r.Header.Set("Stripe-Signature", row.header)
			err := api.signed(r, []byte(row.body), row.at)
			if row.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, row.says)
			}
		})
	}
}

func TestStripesEventsAreNotices(t *testing.T) {
	api := &stripeAPI{}
	n, err := api.notice([]byte(`{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","metadata":{"reference":"b-1-1"}}}}`))
	require.NoError(t, err)
	require.Equal(t, notice{Reference: "pi_1", Name: "CAPTURED", ID: "evt_1", Ours: "b-1-1"}, n)
	n, err = api.notice([]byte(`{"id":"evt_2","type":"charge.refunded","data":{"object":{"id":"ch_1","payment_intent":"pi_1"}}}`))
	require.NoError(t, err)
	require.Equal(t, notice{Reference: "pi_1", Name: "REFUNDED", ID: "evt_2"}, n)
	n, err = api.notice([]byte(`{"id":"evt_3","type":"customer.created","data":{"object":{"id":"cus_1"}}}`))
	require.NoError(t, err)
	require.Empty(t, n.Name, "no news of a payment")
	_, err = api.notice([]byte(`{"type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}`))
	require.ErrorContains(t, err, "lacks its id or its payment")
	_, err = api.notice([]byte(`[]`))
	require.Error(t, err)
}

// Whatever a payment intent is read as, its sums are what the provider told.
func TestPaymentIntentsAreRead(t *testing.T) {
	const intent = `{"id":"pi_1","status":%q,"amount":49900,"amount_received":%d,"currency":"nok","metadata":{"reference":"b-1-1"},"last_payment_error":%s,"latest_charge":%s}`
	api := &stripeAPI{}
	nok := func(n int64) money { return money{n, "NOK"} }
	for name, row := range map[string]struct {
		status        string
		received      int64
		failed, taken string
		want          payment
	}{
		"waits":        {"requires_payment_method", 0, "null", "null", payment{State: "CREATED"}},
		"was declined": {"requires_payment_method", 0, `{"code":"card_declined"}`, "null", payment{State: "CREATED", Declined: true}},
		"is asked":     {"requires_action", 0, "null", "null", payment{State: "CREATED"}},
		"is reserved":  {"requires_capture", 0, "null", `{"amount_refunded":0}`, payment{State: "AUTHORIZED", Aggregate: sums{Authorized: nok(49900)}}},
		"is taken":     {"succeeded", 49900, "null", `{"amount_refunded":0}`, payment{State: "AUTHORIZED", Aggregate: sums{Authorized: nok(49900), Captured: nok(49900)}}},
		"is paid back": {"succeeded", 49900, "null", `{"amount_refunded":49900}`, payment{State: "AUTHORIZED", Aggregate: sums{Authorized: nok(49900), Captured: nok(49900), Refunded: nok(49900)}}},
		"is over":      {"canceled", 0, "null", "null", payment{State: "TERMINATED"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := answer{status: http.StatusOK, json: true, body: fmt.Appendf(nil, intent, row.status, row.received, row.failed, row.taken)}
			for _, reference := range []string{"pi_1", "b-1-1"} {
				got, err := api.payment(a, reference)
				require.NoError(t, err)
				require.Equal(t, "pi_1", got.Reference)
				require.Equal(t, nok(49900), got.Amount)
				require.Equal(t, []any{row.want.State, row.want.Declined}, []any{got.State, got.Declined})
				require.Equal(t, row.want.captured(), got.captured())
				require.Equal(t, row.want.kept(), got.kept())
				require.Equal(t, row.want.reserved(), got.reserved())
			}
			_, err := api.payment(a, "pi_2")
			require.ErrorContains(t, err, `speaks of the payment "pi_1" instead of "pi_2"`)
		})
	}
	for name, body := range map[string]string{
		"no charge":     fmt.Sprintf(intent, "succeeded", 49900, "null", `"ch_1"`),
		"a new state":   fmt.Sprintf(intent, "requires_magic", 0, "null", "null"),
		"no amount":     `{"id":"pi_1","status":"requires_capture","metadata":{}}`,
		"another thing": `{"id":"ch_1","metadata":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := api.payment(answer{status: http.StatusOK, json: true, body: []byte(body)}, "pi_1")
			require.Error(t, err)
		})
	}
}

func TestNoLiveKeyIsTaken(t *testing.T) {
	stripes := []string{
		"CHECKOUT_DATABASE=unused", "CHECKOUT_PAYMENTS=stripe", "CHECKOUT_PAYMENTS_URL=http://provider", "CHECKOUT_SHIPPING_URL=http://carrier",
		"CHECKOUT_PUBLIC_URL=http://shop", "CHECKOUT_WEBHOOK_SECRET=hush",
	}
	_, err := ParseConfig(append(stripes, "CHECKOUT_PAYMENTS_SECRET_KEY=sk_test_1"))
	require.NoError(t, err)
	_, err = ParseConfig(append(stripes, "CHECKOUT_PAYMENTS_SECRET_KEY=sk_"+"live_1"))
	require.EqualError(t, err, "CHECKOUT_PAYMENTS_SECRET_KEY is no key of the test mode: valid is one that begins with sk_test_ or rk_test_")
	_, err = ParseConfig(append(stripes, "CHECKOUT_PAYMENTS_MSN=123456", "CHECKOUT_PAYMENTS_SECRET_KEY=sk_test_1"))
	require.ErrorContains(t, err, "unknown setting CHECKOUT_PAYMENTS_MSN")
	_, err = ParseConfig(environment("CHECKOUT_PAYMENTS=cash"))
	require.EqualError(t, err, `CHECKOUT_PAYMENTS is "cash": valid are adyen, stripe, vipps`)
}

func FuzzAStripeNoticeHasAnIdentity(f *testing.F) {
	f.Add([]byte(`{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","metadata":{"reference":"b-1-1"}}}}`))
	f.Add([]byte(`{"id":"evt_\u0000","type":"payment_intent.created","data":{"object":{"id":"pi_1"}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := (&stripeAPI{}).notice(body)
		if err != nil || n.Name == "" {
			return
		}
		require.NotContains(t, n.event()+n.Ours, "\x00", "PostgreSQL takes no NUL")
		require.LessOrEqual(t, len(n.event())+len(n.Ours), 300)
		require.True(t, isIntent(n.Reference))
	})
}
