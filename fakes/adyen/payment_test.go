package adyen

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop is a shop at a provider of its own, in a synctest bubble.
type shop struct {
	*Provider
	t        *testing.T
	mu       sync.Mutex
	told     []string // what webhooks said: "CAPTURE true"
	unplayed []string
}

// at runs a test with a shop whose customers approve at once, unless change says otherwise.
func at(t *testing.T, change func(*Config), test func(*shop)) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{t: t}
		cfg := Config{
			APIKey: "test_canary0api0key", MerchantAccount: "UnhappyPathECOM", WebhookURL: "http://127.0.0.1:1/hooks",
			Rand: rand.NewChaCha8([32]byte{1}), Transport: roundTripper(s.takes), See: func(e observe.Event) {
				if e.Kind == observe.Answered && e.Message.Unplayed != "" {
					s.unplayed = append(s.unplayed, e.Message.Unplayed)
				}
			},
		}
		if change != nil {
			change(&cfg)
		}
		p, err := New(cfg)
		require.NoError(t, err)
		s.Provider = p
		defer p.Close()
		test(s)
	})
}

func (s *shop) takes(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, n.Items[0].Item.Code+" "+n.Items[0].Item.Success)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("[accepted]")), Request: r}, nil
}

// asks makes a call, and reads the answer.
func (s *shop) asks(r *http.Request) (status int, got map[string]any) {
	s.t.Helper()
	if r.Header.Get("X-Api-Key") == "" {
		r.Header.Set("X-Api-Key", s.cfg.APIKey)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	require.NoError(s.t, json.Unmarshal(w.Body.Bytes(), &got), w.Body.String())
	return w.Code, got
}

// ledgers are the entries as "captured 49900".
func (s *shop) ledgers() (list []string) {
	for _, e := range s.Ledger() {
		list = append(list, fmt.Sprint(e.Op, " ", e.Amount))
	}
	return list
}

// pass lets so much time pass, and all end that is due then.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// A capture that is answered is no charge yet, and may never be one.
func TestAReceivedCaptureIsNoCharge(t *testing.T) {
	for name, row := range map[string]struct {
		fails  int
		told   string
		ledger []string
	}{
		"it works":       {0, "CAPTURE true", []string{"created 49900", "authorized 49900", "captured 49900"}},
		"it fails later": {1, "CAPTURE_FAILED true", []string{"created 49900", "authorized 49900"}},
	} {
		t.Run(name, func(t *testing.T) {
			at(t, func(c *Config) { c.FailCaptures = row.fails }, func(s *shop) {
				s.asks(subject.Create("order-1", 49900))
				status, got := s.asks(subject.Capture(s.Ledger()[0].Reference, 49900))
				require.Equal(t, 201, status)
				require.Equal(t, "received", got["status"])
				require.Len(t, s.Ledger(), 2, "what was received is not captured")
				pass(time.Minute)
				require.Equal(t, row.ledger, s.ledgers())
				require.ElementsMatch(t, []string{"AUTHORISATION true", row.told}, s.told)
				s.asks(subject.Capture(s.Ledger()[0].Reference, 49900))
				pass(time.Minute)
				require.Contains(t, s.ledgers(), "captured 49900", "what failed may be asked for again")
			})
		})
	}
}

// A refusal of a modification comes by a webhook, with its reason.
func TestModificationsAreRefusedLater(t *testing.T) {
	at(t, func(c *Config) { c.FailRefunds = 1 }, func(s *shop) {
		s.asks(subject.Create("order-1", 49900))
		psp := s.Ledger()[0].Reference
		for _, step := range []struct {
			r    *http.Request
			told string
		}{
			{subject.Refund(psp, 49900), "REFUND false"},
			{subject.Capture(psp, 49901), "CAPTURE false"},
			{subject.Capture(psp, 40000), "CAPTURE true"},
			{subject.Cancel(psp), "CANCELLATION false"},
			{subject.Refund(psp, 40000), "REFUND_FAILED true"},
			{subject.Refund(psp, 40000), "REFUND true"},
			{post("/v71/cancels", `{%s,"paymentReference":"order-1"}`, account), "TECHNICAL_CANCEL false"},
		} {
			status, got := s.asks(step.r)
			require.Equal(t, 201, status)
			require.Equal(t, "received", got["status"])
			pass(time.Minute)
			require.Equal(t, step.told, s.told[len(s.told)-1])
		}
		require.Equal(t, []string{"created 49900", "authorized 49900", "captured 40000", "cancelled 9900", "refunded 40000"}, s.ledgers())
	})
}

// She is sent to a page, answers there, and comes back with what the shop asks about.
func TestSheIsSentToAPage(t *testing.T) {
	for answer, want := range map[provider.Answer][]string{
		provider.Approves: {"Authorised", "AUTHORISATION true"},
		provider.Declines: {"Refused", "AUTHORISATION false"},
	} {
		t.Run(string(answer), func(t *testing.T) {
			at(t, func(c *Config) { c.ApproveAfter = -1 }, func(s *shop) {
				_, got := s.asks(subject.Create("order-1", 49900))
				require.Equal(t, "RedirectShopper", got["resultCode"])
				require.Nil(t, got["pspReference"], "nobody knows it yet")
				page := got["action"].(map[string]any)["url"].(string)

				visit := func(method, body string) *httptest.ResponseRecorder {
					r := httptest.NewRequest(method, page, strings.NewReader(body))
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					w := httptest.NewRecorder()
					s.Pages().ServeHTTP(w, r)
					return w
				}
				require.Equal(t, 200, visit("GET", "").Code)
				w := visit("POST", provider.AnswerField+"="+string(answer))
				require.Equal(t, 303, w.Code)
				back, err := url.Parse(w.Header().Get("Location"))
				require.NoError(t, err)
				_, got = s.asks(post("/v71/payments/details", `{"details":{"redirectResult":%q}}`, back.Query().Get("redirectResult")))
				require.Equal(t, want[0], got["resultCode"])
				require.Equal(t, s.Ledger()[0].Reference, got["pspReference"])
				pass(time.Second)
				require.Equal(t, want[1:], s.told)
			})
		})
	}
}

func TestPaymentsThatNobodyDecidesEnd(t *testing.T) {
	at(t, func(c *Config) { c.ApproveAfter = -1 }, func(s *shop) {
		s.asks(subject.Create("order-1", 49900))
		s.asks(subject.Create("order-2", 49900))
		require.Error(t, s.Approve("nobody"))
		require.NoError(t, s.Refuse(s.Ledger()[1].Reference))
		pass(31 * time.Minute)
		require.Equal(t, []string{"AUTHORISATION false", "OFFER_CLOSED true"}, s.told)
		require.Error(t, s.Approve(s.Ledger()[0].Reference), "it is over")
	})
	at(t, nil, func(s *shop) {
		s.asks(subject.Create("order-1", silentAmount))
		pass(59 * time.Minute)
		require.Len(t, s.Ledger(), 1)
		pass(2 * time.Minute)
		require.Equal(t, []string{"created 20100", "authorized 20100"}, s.ledgers())
	})
}

// A card is decided while the shop waits for the answer: by its bank, and by nobody who
// comes later.
func TestACardIsDecidedAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		does  provider.Decision
		says  string
		money string
		took  bool
	}{
		"as it is":      {says: "Authorised", money: "authorized 100"},
		"declined":      {provider.Decision{Declines: true}, "Refused", "aborted 100", true},
		"approved late": {provider.Decision{Late: time.Minute}, "Authorised", "authorized 100", false},
		"never":         {provider.Decision{Never: true}, "Authorised", "authorized 100", false},
	} {
		t.Run(name, func(t *testing.T) {
			took := false
			c.does.Took = func() { took = true }
			decides := func(string) provider.Decision { return c.does }
			at(t, func(cfg *Config) { cfg.ApproveAfter, cfg.Decides = time.Minute, decides }, func(s *shop) {
				status, got := s.asks(post("/v71/payments", `{"merchantAccount":"UnhappyPathECOM","amount":{"currency":"NOK","value":100},"reference":"r","paymentMethod":{"type":"scheme"},"returnUrl":"https://shop.test"}`))
				require.Equal(t, 200, status)
				require.Equal(t, c.says, got["resultCode"])
				require.Equal(t, []string{"created 100", c.money}, s.ledgers())
				require.Equal(t, c.took, took)
			})
		})
	}
}

// What is refused, and what is not played.
func TestWhatIsRefused(t *testing.T) {
	good := `{"merchantAccount":"UnhappyPathECOM","amount":{"currency":"NOK","value":100},"reference":"r","paymentMethod":{"type":"scheme"},"returnUrl":"https://shop.test"}`
	for name, row := range map[string]struct {
		path, body string
		status     int
		code       string
	}{
		"a card":               {"/v71/payments", good, 200, ""},
		"an unplayed field":    {"/v71/payments", strings.Replace(good, `{`, `{"splits":[],`, 1), 501, "not_played"},
		"an unknown field":     {"/v71/payments", strings.Replace(good, `{`, `{"colour":"red",`, 1), 422, "702"},
		"a missing field":      {"/v71/payments", strings.Replace(good, `"reference":"r",`, ``, 1), 422, "000"},
		"a fraction":           {"/v71/payments", strings.Replace(good, `100`, `1.5`, 1), 422, "100"},
		"an unplayed method":   {"/v71/payments", strings.Replace(good, `scheme`, `paypal`, 1), 501, "not_played"},
		"another account":      {"/v71/payments", strings.Replace(good, `ECOM`, `POS`, 1), 403, "901"},
		"no JSON":              {"/v71/payments", `{"amount":`, 400, "702"},
		"a way back to script": {"/v71/payments", strings.Replace(good, `https://shop.test`, `javascript:x`, 1), 422, "000"},
		"an unplayed path":     {"/v71/sessions", good, 501, "not_played"},
		"another version":      {"/v70/payments", good, 501, "not_played"},
		"nobody's details":     {"/v71/payments/details", `{"details":{"redirectResult":"x"}}`, 422, "14_0421"},
	} {
		t.Run(name, func(t *testing.T) {
			at(t, nil, func(s *shop) {
				status, got := s.asks(post(row.path, "%s", row.body))
				require.Equal(t, row.status, status, got)
				if row.code != "" {
					require.Equal(t, row.code, got["errorCode"])
					require.Empty(t, s.Ledger())
				}
				require.Equal(t, row.status == 501, len(s.unplayed) == 1)
			})
		})
	}
}

// Keys that may be real open nothing, and stop the run.
func TestRealKeysAreNoKeys(t *testing.T) {
	require.Error(t, CheckAPIKey("AQE"+"0123456789"))
	require.Error(t, Kind().CheckFact("api_key", "AQE"+"0123456789"))
	at(t, nil, func(s *shop) {
		r := subject.Create("order-1", 49900)
		r.Header.Set("X-Api-Key", "AQE"+"0123456789")
		status, _ := s.asks(r)
		require.Equal(t, 401, status)
		require.Equal(t, []string{"an API key that may be a real one"}, s.unplayed)
	})
}

// The example of the provider's own libraries.
func TestSignatures(t *testing.T) {
	key := "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
	i := itemJSON{PSP: "7914073381342284", Account: "TestMerchant", Reference: "TestPayment-1407325143704", Amount: money{"EUR", 1130}, Code: "AUTHORISATION", Success: "true"}
	require.Equal(t, "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=", signature(i, keyOf(key)))
}

// FuzzRequests throws anything at the provider: its books stay sound.
func FuzzRequests(f *testing.F) {
	f.Add("/v71/payments", `{"merchantAccount":"UnhappyPathECOM","amount":{"currency":"NOK","value":100},"reference":"r","paymentMethod":{"type":"scheme"},"returnUrl":"https://shop.test"}`)
	f.Add("/v71/payments/details", `{"details":{"redirectResult":null}}`)
	f.Add("/v71/payments/X/captures", `{"merchantAccount":"UnhappyPathECOM","amount":{"currency":"NOK","value":1e2}}`)
	f.Add("/v71/cancels", `{"merchantAccount":"UnhappyPathECOM","paymentReference":"r"}`)
	f.Fuzz(func(t *testing.T, path, body string) {
		target := (&url.URL{Scheme: "https", Host: "checkout-test.example", Path: "/" + strings.TrimPrefix(path, "/")}).String()
		at(t, nil, func(s *shop) {
			r, err := http.NewRequest(http.MethodPost, target, strings.NewReader(body))
			if err != nil {
				return
			}
			s.asks(r)
			pass(time.Minute)
			for _, e := range s.Ledger() {
				require.Positive(t, e.Amount)
			}
		})
	})
}

// FuzzVerify reads what is called a webhook: only what was signed passes.
func FuzzVerify(f *testing.F) {
	f.Add(string(item{psp: "P", code: "CAPTURE"}.signed("A", "00")))
	f.Add(`{"notificationItems":[null]}`)
	f.Fuzz(func(t *testing.T, body string) {
		if Verify([]byte(body), "00") == nil {
			require.Contains(t, body, signatureField)
		}
	})
}
