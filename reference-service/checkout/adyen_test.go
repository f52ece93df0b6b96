package checkout

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/adyen"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/shipping"
)

// The key and the signature of Adyen's page "Verify HMAC signatures".
const adyenKey = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"

const adyenExample = `{"live":"false","notificationItems":[{"NotificationRequestItem":{
	"additionalData":{"hmacSignature":"coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},"amount":{"value":1130,"currency":"EUR"},
	"pspReference":"7914073381342284","eventCode":"AUTHORISATION","merchantAccountCode":"TestMerchant",
	"merchantReference":"TestPayment-1407325143704","success":"true"}}]}`

func TestOnlyAdyenSignsItsWebhooks(t *testing.T) {
	api := &adyenAPI{cfg: Config{WebhookSecret: adyenKey}}
	for name, row := range map[string]struct{ old, new, says string }{
		"the published one":   {"", "", ""},
		"what is not signed":  {`"live":"false"`, `"live":"true"`, ""},
		"another amount":      {"1130", "1131", "not the provider's"},
		"no success":          {`"success":"true"`, `"success":"false"`, "not the provider's"},
		"another payment":     {"TestPayment-", "TestPayment-0", "not the provider's"},
		"another account":     {"TestMerchant", "AnotherMerchant", "not the provider's"},
		"no signature":        {"hmacSignature", "signature", "not the provider's"},
		"no item":             {"notificationItems", "items", "with one item"},
		"something else sent": {adyenExample, "[accepted]", "with one item"},
	} {
		t.Run(name, func(t *testing.T) {
			err := api.signed(nil, []byte(strings.Replace(adyenExample, row.old, row.new, 1)), time.Now())
			if row.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, row.says)
			}
		})
	}
	other := &adyenAPI{cfg: Config{WebhookSecret: strings.Repeat("00", 32)}}
	require.ErrorContains(t, other.signed(nil, []byte(adyenExample), time.Now()), "not the provider's")
}

// happened is a webhook, as the inbox has it.
func happened(code, psp, success string) string {
	return fmt.Sprintf(`{"notificationItems":[{"NotificationRequestItem":{"eventCode":%q,"pspReference":%q,"success":%q,
		"reason":"because","merchantReference":"b-1-1","amount":{"value":49900,"currency":"NOK"}}}]}`, code, psp, success)
}

func TestAdyensEventsAreNotices(t *testing.T) {
	api := &adyenAPI{}
	n, err := api.notice([]byte(happened("CAPTURE", "C1", "true")))
	require.NoError(t, err)
	require.Equal(t, notice{Reference: "b-1-1", Name: "CAPTURED", ID: "C1"}, n)
	n, err = api.notice([]byte(happened("CAPTURE", "C1", "false")))
	require.NoError(t, err)
	require.Equal(t, notice{Reference: "b-1-1", Name: "NOT CAPTURED", ID: "C1"}, n)
	n, err = api.notice([]byte(happened("REPORT_AVAILABLE", "R1", "true")))
	require.NoError(t, err)
	require.Empty(t, n.Name, "no news of a payment")
	_, err = api.notice([]byte(happened("CAPTURE", "", "true")))
	require.ErrorContains(t, err, "lacks its pspReference")
}

// Webhooks come in any order, and more than once: a payment is read alike of each.
func TestAPaymentIsReadAlikeInAnyOrder(t *testing.T) {
	const created = `{"created":{"amount":{"value":49900,"currency":"NOK"},"reference":"b-1-1","landing":"https://pay.example/1"}}`
	nok := func(n int64) money { return money{n, "NOK"} }
	paid, captured := happened("AUTHORISATION", "P1", "true"), happened("CAPTURE", "C1", "true")
	for name, row := range map[string]struct {
		words []string
		state string
		sums  sums
		psp   string
		not   []string
	}{
		"waits":                   {nil, "CREATED", sums{}, "", nil},
		"is refused":              {[]string{happened("AUTHORISATION", "P1", "false")}, "ABORTED", sums{}, "P1", nil},
		"runs out":                {[]string{happened("OFFER_CLOSED", "P1", "true")}, "EXPIRED", sums{}, "P1", nil},
		"is cancelled in time":    {[]string{happened("TECHNICAL_CANCEL", "X1", "true")}, "TERMINATED", sums{}, "", nil},
		"is reserved":             {[]string{paid}, "AUTHORIZED", sums{Authorized: nok(49900)}, "P1", nil},
		"is taken":                {[]string{paid, captured}, "AUTHORIZED", sums{Authorized: nok(49900), Captured: nok(49900)}, "P1", nil},
		"is not taken":            {[]string{paid, happened("CAPTURE", "C1", "false")}, "AUTHORIZED", sums{Authorized: nok(49900)}, "P1", []string{"C1"}},
		"is not taken after all":  {[]string{paid, captured, happened("CAPTURE_FAILED", "C1", "true")}, "AUTHORIZED", sums{Authorized: nok(49900)}, "P1", []string{"C1"}},
		"is released":             {[]string{paid, happened("CANCELLATION", "X1", "true")}, "AUTHORIZED", sums{Authorized: nok(49900), Cancelled: nok(49900)}, "P1", nil},
		"is not released":         {[]string{paid, captured, happened("CANCELLATION", "X1", "false")}, "AUTHORIZED", sums{Authorized: nok(49900), Captured: nok(49900)}, "P1", []string{"X1"}},
		"is paid back":            {[]string{paid, captured, happened("REFUND", "R1", "true")}, "AUTHORIZED", sums{Authorized: nok(49900), Captured: nok(49900), Refunded: nok(49900)}, "P1", nil},
		"is paid back at last":    {[]string{paid, captured, happened("REFUND_FAILED", "R1", "true"), happened("REFUND", "R2", "true")}, "AUTHORIZED", sums{Authorized: nok(49900), Captured: nok(49900), Refunded: nok(49900)}, "P1", []string{"R1"}},
		"is said to be paid back": {[]string{paid, captured, happened("REFUND", "R1", "true"), happened("REFUND_FAILED", "R1", "true")}, "AUTHORIZED", sums{Authorized: nok(49900), Captured: nok(49900)}, "P1", []string{"R1"}},
	} {
		t.Run(name, func(t *testing.T) {
			words := append([]string{created}, row.words...)
			for range 24 {
				mathrand.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
				said := append(slices.Clone(words), words[0])
				got, psp, err := readWords(answer{status: 200, json: true, body: []byte("[" + strings.Join(said, ",") + "]")}, "b-1-1")
				require.NoError(t, err)
				require.Equal(t, []any{row.state, row.psp, nok(49900), "https://pay.example/1"}, []any{got.State, psp, got.Amount, got.Landing}, "%v", said)
				require.Equal(t, []int64{row.sums.Authorized.Value, row.sums.Cancelled.Value, row.sums.Captured.Value, row.sums.Refunded.Value},
					[]int64{got.Aggregate.Authorized.Value, got.Aggregate.Cancelled.Value, got.Aggregate.Captured.Value, got.Aggregate.Refunded.Value}, "%v", said)
				require.Len(t, got.NotDone, len(row.not))
				for _, psp := range row.not {
					require.Equal(t, "because", got.NotDone[psp])
				}
			}
		})
	}
	_, _, err := readWords(answer{status: 200, json: true, body: []byte("[" + captured + "]")}, "b-1-1")
	require.ErrorContains(t, err, "has not said of what amount")
}

var adyenAccount = Account{APIKey: "test_12345678", MerchantAccount: "UnhappyPathECOM"}

// The order comes to what the webhooks tell, whatever the answers were.
func TestAnOrderWaitsForWhatAdyenTells(t *testing.T) {
	for name, test := range map[string]struct {
		approve           time.Duration
		declines          int
		captures, refunds int // that fail later
		refuse            bool
		without           string
		status            string
		money             string
		parcels           string
	}{
		"bought":                 {3 * time.Second, 0, 0, 0, false, "", "shipped", "created authorized captured", "booked"},
		"declined":               {3 * time.Second, 1, 0, 0, false, "", "refused", "created aborted", ""},
		"never approved":         {-1, 0, 0, 0, false, "", "refused", "created terminated", ""},
		"the capture fails":      {3 * time.Second, 0, 1, 0, false, "", "cancelled", "created authorized cancelled", ""},
		"the reconciler mends":   {3 * time.Second, 0, 1, 0, false, voidFirst, "cancelled", "created authorized cancelled", ""},
		"cannot be shipped":      {3 * time.Second, 0, 0, 0, true, "", "refunded", "created authorized captured refunded", ""},
		"the first refund fails": {3 * time.Second, 0, 0, 1, true, "", "refunded", "created authorized captured refunded", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *shop) {
				network := handlers{"shop": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.service.Handler().ServeHTTP(w, r) })}
				pays, err := adyen.New(adyen.Config{
					APIKey: adyenAccount.APIKey, MerchantAccount: adyenAccount.MerchantAccount, HMACKey: adyenKey, WebhookURL: "http://shop/webhooks/adyen",
					ApproveAfter: test.approve, Declines: test.declines, FailCaptures: test.captures, FailRefunds: test.refunds,
					Transport: network, Rand: mathrand.NewChaCha8([32]byte{2}), See: observe.Nobody,
				})
				require.NoError(t, err)
				defer pays.Close()
				carrier, err := shipping.New(shipping.Config{Refuse: func(string) bool { return test.refuse }, Rand: mathrand.NewChaCha8([32]byte{3}), See: observe.Nobody})
				require.NoError(t, err)
				defer carrier.Close()
				network["provider"], network["carrier"] = pays, carrier
				s.stop()
				s.parts.Transport = network
				s.cfg.Payments, s.cfg.Account, s.cfg.WebhookSecret = "adyen", adyenAccount, adyenKey
				if test.without != "" {
					s.cfg.Without = []string{test.without}
				}
				s.open()

				id := s.look("b1")
				s.submit(id, "b1")
				s.settle()
				require.Equal(t, test.status, s.get(id).Status)
				require.Equal(t, test.money, operations(pays.Ledger()))
				require.Equal(t, test.parcels, operations(carrier.Ledger()))
				require.Equal(t, "[]\n", s.ask("GET", "/reconciliation", "").Body.String())
			})
		})
	}
}

// adyens answers as Adyen does, and tells nothing.
type adyens struct{ asked []string }

func (a *adyens) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked = append(a.asked, r.URL.Path)
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/payments") {
		fmt.Fprint(w, `{"resultCode":"RedirectShopper","action":{"url":"https://pay.example/1"}}`)
	} else {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"status":"received","pspReference":"C1"}`)
	}
	return w.Result(), nil
}

// What was said is in the books of either engine: a shop that starts anew goes on from
// there, and an order that waits is looked at when a webhook comes, and only then.
func TestWhatAdyenSaidIsKept(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		cfg, err := ParseConfig([]string{
			"CHECKOUT_DATABASE=unused", "CHECKOUT_PAYMENTS=adyen", "CHECKOUT_PAYMENTS_URL=http://provider", "CHECKOUT_SHIPPING_URL=http://carrier",
			"CHECKOUT_PUBLIC_URL=http://shop", "CHECKOUT_WEBHOOK_SECRET=" + adyenKey, "CHECKOUT_PAYMENTS_API_KEY=test_12345678", "CHECKOUT_PAYMENTS_MERCHANT_ACCOUNT=UnhappyPathECOM",
		})
		require.NoError(t, err)
		provider := &adyens{}
		open := func() *Service {
			s, err := New(cfg, Parts{DB: db, Dialect: dialect, Transport: provider, Rand: rand.Reader})
			require.NoError(t, err)
			return s
		}
		s := open()
		o, err := s.submit(t.Context(), wish(t, s, "b1"))
		require.NoError(t, err)
		works := func(s *Service, kind Kind) {
			t.Helper()
			e, _, err := s.claim(t.Context(), time.Now())
			require.NoError(t, err)
			require.NotNil(t, e, "it is due")
			require.Equal(t, kind, e.kind)
			s.run(t.Context(), e)
		}
		rests := func() {
			t.Helper()
			e, _, err := s.claim(t.Context(), time.Now())
			require.NoError(t, err)
			require.Nil(t, e)
		}
		told := func(code, psp string) {
			t.Helper()
			body := strings.ReplaceAll(happened(code, psp, "true"), "b-1-1", o.id+"-1")
			n, err := s.payments.notice([]byte(body))
			require.NoError(t, err)
			for range 2 {
				require.NoError(t, s.takeHint(t.Context(), n, body))
			}
		}
		works(s, Authorize)
		rests()
		require.Equal(t, 1, rows(t, db, "inbox"), "the answer to the creation")
		told("AUTHORISATION", "P1")
		s = open()
		works(s, Authorize)
		works(s, Capture)
		require.Equal(t, Capturing, stateOf(t, s, o.id), "received is not captured")
		rests()
		told("REFUND_FAILED", "R9") // news of something else
		works(s, Capture)
		require.Equal(t, Capturing, stateOf(t, s, o.id))
		told("CAPTURE", "C1")
		s = open()
		works(s, Capture)
		require.Equal(t, Shipping, stateOf(t, s, o.id))
		require.Equal(t, []string{"/v71/payments", "/v71/payments/P1/captures"}, provider.asked, "each was asked for once")
		require.Equal(t, 4, rows(t, db, "inbox"), "each was kept once")
	})
}

func TestNoRealAPIKeyIsTaken(t *testing.T) {
	settings := []string{
		"CHECKOUT_DATABASE=unused", "CHECKOUT_PAYMENTS=adyen", "CHECKOUT_PAYMENTS_URL=http://provider", "CHECKOUT_SHIPPING_URL=http://carrier",
		"CHECKOUT_PUBLIC_URL=http://shop", "CHECKOUT_WEBHOOK_SECRET=hush", "CHECKOUT_PAYMENTS_MERCHANT_ACCOUNT=UnhappyPathECOM",
	}
	_, err := ParseConfig(append(settings, "CHECKOUT_PAYMENTS_API_KEY=AQEyhmfxK"))
	require.EqualError(t, err, "CHECKOUT_PAYMENTS_API_KEY is a key that may be a real one: valid is one that begins with test_")
}

func FuzzAnAdyenNoticeHasAnIdentity(f *testing.F) {
	f.Add([]byte(adyenExample))
	f.Add([]byte(happened("CAPTURE", "\u0000", "true")))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := (&adyenAPI{}).notice(body)
		if err != nil || n.Name == "" {
			return
		}
		require.NotContains(t, n.event(), "\x00", "PostgreSQL takes no NUL")
		require.LessOrEqual(t, len(n.event()), 300)
		require.True(t, json.Valid(body), "the inbox is read as a list of them")
	})
}
