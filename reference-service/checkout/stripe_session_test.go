package checkout

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/fakes/shipping"
	"github.com/unhappypath/unhappypath/fakes/stripe"
)

// Whatever a session is read as: its sums are those of its payment intent, and only its end
// is one.
func TestCheckoutSessionsAreRead(t *testing.T) {
	const (
		text   = `{"id":"cs_1","status":%q,"amount_total":49900,"currency":"nok","url":"https://pay.example/1","metadata":{"reference":"b-1-1"},"payment_intent":%s}`
		intent = `{"id":"pi_1","status":%q,"amount":49900,"amount_received":%d,"currency":"nok","metadata":{},"last_payment_error":%s,"latest_charge":{"amount_refunded":0}}`
	)
	api := &stripeSessions{&stripeAPI{}}
	nok := func(n int64) money { return money{n, "NOK"} }
	for name, row := range map[string]struct {
		status, intent string
		want           payment
		says           string
	}{
		"waits":            {"open", "null", payment{State: "CREATED"}, ""},
		"tries again":      {"open", fmt.Sprintf(intent, "requires_payment_method", 0, `{"code":"card_declined"}`), payment{State: "CREATED"}, ""},
		"is at her bank":   {"complete", fmt.Sprintf(intent, "processing", 0, "null"), payment{State: "CREATED"}, ""},
		"is reserved":      {"complete", fmt.Sprintf(intent, "requires_capture", 0, "null"), payment{State: "AUTHORIZED", Aggregate: sums{Authorized: nok(49900)}}, ""},
		"is taken":         {"complete", fmt.Sprintf(intent, "succeeded", 49900, "null"), payment{State: "AUTHORIZED", Aggregate: sums{Authorized: nok(49900), Captured: nok(49900)}}, ""},
		"ran out":          {"expired", "null", payment{State: "TERMINATED"}, ""},
		"ran out declined": {"expired", fmt.Sprintf(intent, "requires_payment_method", 0, `{"code":"card_declined"}`), payment{State: "TERMINATED"}, ""},
		"is in two states": {"open", fmt.Sprintf(intent, "requires_capture", 0, "null"), payment{}, "open and paid"},
		"has no payment":   {"complete", "null", payment{}, "lacks the session's payment"},
		"is told by an id": {"complete", `"pi_1"`, payment{}, "makes no sense"},
		"is in a new one":  {"paused", "null", payment{}, "unknown state"},
	} {
		t.Run(name, func(t *testing.T) {
			a := answer{status: http.StatusOK, json: true, body: fmt.Appendf(nil, text, row.status, row.intent)}
			for _, reference := range []string{"cs_1", "b-1-1"} {
				got, err := api.payment(a, reference)
				if row.says != "" {
					require.ErrorContains(t, err, row.says)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, []any{"cs_1", row.want.State, false, nok(49900), "https://pay.example/1"}, []any{got.Reference, got.State, got.Declined, got.Amount, got.Landing})
				require.Equal(t, []int64{row.want.reserved(), row.want.captured()}, []int64{got.reserved(), got.captured()})
			}
			_, err := api.payment(a, "cs_2")
			require.ErrorContains(t, err, `speaks of the payment "cs_1" instead of "cs_2"`)
		})
	}
}

func TestSessionsEventsAreNotices(t *testing.T) {
	api := &stripeSessions{&stripeAPI{}}
	n, err := api.notice([]byte(`{"id":"evt_1","type":"checkout.session.completed","data":{"object":{"id":"cs_1","metadata":{"reference":"b-1-1"}}}}`))
	require.NoError(t, err)
	require.Equal(t, notice{Reference: "cs_1", Name: "AUTHORIZED", ID: "evt_1", Ours: "b-1-1"}, n)
	n, err = api.notice([]byte(`{"id":"evt_2","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","metadata":{}}}}`))
	require.NoError(t, err)
	require.Empty(t, n.Name, "it does not name the session")
	_, err = api.notice([]byte(`{"id":"evt_3","type":"checkout.session.expired","data":{"object":{"id":"pi_1"}}}`))
	require.ErrorContains(t, err, "lacks its id or its payment")
}

// A customer is sent to the page, and what she does there the order comes to.
func TestWhoIsSentToASessionPays(t *testing.T) {
	for name, test := range map[string]struct {
		says    []provider.Answer
		returns bool
		status  string
		money   string
	}{
		"pays":                 {[]provider.Answer{provider.Approves}, true, "shipped", "created authorized captured"},
		"pays and stays away":  {[]provider.Answer{provider.Approves}, false, "shipped", "created authorized captured"},
		"is declined, and off": {[]provider.Answer{provider.Declines}, true, "refused", "created declined terminated"},
		"tries another card":   {[]provider.Answer{provider.Declines, provider.Approves}, true, "shipped", "created declined authorized captured"},
		"never decides":        {nil, false, "refused", "created terminated"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *shop) {
				network := handlers{}
				pays, err := stripe.New(stripe.Config{
					SecretKey: "sk_test_12345678", PublishableKey: "pk_test_1234", ApproveAfter: -1, Transport: network,
					Rand: rand.NewChaCha8([32]byte{2}), See: observe.Nobody,
				})
				require.NoError(t, err)
				defer pays.Close()
				carrier, err := shipping.New(shipping.Config{Rand: rand.NewChaCha8([32]byte{3}), See: observe.Nobody})
				require.NoError(t, err)
				defer carrier.Close()
				network["provider"], network["carrier"] = pays, carrier
				s.stop()
				s.parts.Transport = network
				s.cfg.Payments, s.cfg.PayOnPage, s.cfg.Account.SecretKey = "stripe", true, "sk_test_12345678"
				s.open()

				id := s.look("b1")
				_, d := s.submit(id, "b1", "Prefer", "wait=20")
				require.True(t, strings.HasPrefix(d.Pay, "https://checkout.stripe.com/"), d.Pay)
				back := ""
				for _, answer := range test.says {
					form := url.Values{provider.AnswerField: {string(answer)}}.Encode()
					r := httptest.NewRequest("POST", d.Pay, strings.NewReader(form))
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					w := httptest.NewRecorder()
					pays.Pages().ServeHTTP(w, r)
					back = w.Header().Get("Location")
				}
				if test.returns {
					at, err := url.Parse(back)
					require.NoError(t, err)
					require.Equal(t, 200, s.ask("GET", at.RequestURI(), "").Code)
					time.Sleep(30 * time.Second) // of story time, and not until the shop gives up
				} else {
					s.settle()
				}
				require.Equal(t, test.status, s.get(id).Status)
				require.Equal(t, test.money, operations(pays.Ledger()))
				s.settle()
				require.Equal(t, "[]\n", s.ask("GET", "/reconciliation", "").Body.String())
			})
		})
	}
}
