package compose_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/client"
	"github.com/stripe/stripe-go/v82/webhook"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// cardShop is the first argument that makes this program a shop that is paid by card,
// through the provider's own client for Go. It writes down who wants to buy, and begins
// anew with all of them when it starts.
const cardShop = "card-shop"

type shopOfCards struct {
	api    *client.API
	http   *http.Client
	poll   time.Duration
	mu     sync.Mutex
	status map[string]string // by basket
}

func bePaidByCard() {
	if len(os.Args) < 2 || os.Args[1] != cardShop {
		return
	}
	timeOut, err := time.ParseDuration(os.Getenv("TIMEOUT"))
	poll, err2 := time.ParseDuration(os.Getenv("POLL"))
	s := &shopOfCards{http: &http.Client{Timeout: timeOut}, poll: poll, status: map[string]string{}}
	s.api = client.New(os.Getenv("KEY"), &stripe.Backends{API: stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(os.Getenv("PAYMENTS_URL")), HTTPClient: s.http, MaxNetworkRetries: stripe.Int64(0), LeveledLogger: &stripe.LeveledLogger{},
	})})
	for _, wish := range wishes() {
		s.buy(wish.Name())
	}
	http.HandleFunc("GET /cart", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"amount":49900,"currency":"NOK"}`) })
	http.HandleFunc("PUT /buy/{basket}", func(w http.ResponseWriter, r *http.Request) { s.buy(r.PathValue("basket")); s.tell(w, r) })
	http.HandleFunc("GET /buy/{basket}", s.tell)
	http.HandleFunc("POST /told", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := webhook.ConstructEventWithOptions(body, r.Header.Get("Stripe-Signature"), os.Getenv("PROOF"), webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true}); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	fmt.Println(errors.Join(err, err2, http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)))
	os.Exit(1)
}

func (s *shopOfCards) tell(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, known := s.status[r.PathValue("basket")]
	if !known {
		w.WriteHeader(http.StatusNotFound)
	}
	fmt.Fprintf(w, `{"status":%q}`, status)
}

// buy sells a basket, once.
func (s *shopOfCards) buy(basket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status[basket] != "" {
		return
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("DATA"), filepath.Base(basket)), nil, 0o600); err != nil {
		fmt.Println(err)
	}
	s.status[basket] = "working"
	go func() {
		status := s.sell(basket)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.status[basket] = status
	}()
}

// sell takes the money once the customer has paid, and sends the parcel.
func (s *shopOfCards) sell(basket string) string {
	payment := s.until(func() (*stripe.PaymentIntent, error) {
		asked := &stripe.PaymentIntentParams{
			Amount: stripe.Int64(49900), Currency: stripe.String("NOK"), CaptureMethod: stripe.String("manual"),
			Metadata: map[string]string{"order": basket},
		}
		if os.Getenv("UNPLAYED") != "" {
			asked.OnBehalfOf = stripe.String("acct_1")
		}
		asked.SetIdempotencyKey("create-" + basket)
		return s.api.PaymentIntents.New(asked)
	})
	if payment == nil {
		return "refused"
	}
	for {
		now := s.until(func() (*stripe.PaymentIntent, error) { return s.api.PaymentIntents.Get(payment.ID, nil) })
		switch {
		case now.Status == stripe.PaymentIntentStatusRequiresCapture, now.Status == stripe.PaymentIntentStatusSucceeded:
			s.until(func() (*stripe.PaymentIntent, error) {
				asked := &stripe.PaymentIntentCaptureParams{}
				asked.SetIdempotencyKey("capture-" + basket)
				return s.api.PaymentIntents.Capture(payment.ID, asked)
			})
			s.ship(basket)
			return "shipped"
		case now.LastPaymentError != nil:
			s.until(func() (*stripe.PaymentIntent, error) { return s.api.PaymentIntents.Cancel(payment.ID, nil) })
			return "refused"
		}
		time.Sleep(s.poll)
	}
}

// until asks again until there is an answer; nil: the answer is a no for good.
func (s *shopOfCards) until(ask func() (*stripe.PaymentIntent, error)) *stripe.PaymentIntent {
	for ; ; time.Sleep(s.poll) {
		payment, err := ask()
		var no *stripe.Error
		switch {
		case err == nil && payment.ID != "":
			return payment
		case errors.As(err, &no) && no.HTTPStatusCode == http.StatusBadRequest && no.PaymentIntent != nil:
			return no.PaymentIntent // it is done already
		case errors.As(err, &no) && no.HTTPStatusCode == http.StatusNotImplemented:
			return nil
		}
	}
}

func (s *shopOfCards) ship(basket string) {
	for ; ; time.Sleep(s.poll) {
		body := fmt.Sprintf(`{"reference":"order-%s","basket":%[1]q}`, basket)
		r, _ := http.NewRequest("POST", os.Getenv("SHIPPING_URL")+"/shipments", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "ship-"+basket)
		resp, err := s.http.Do(r)
		if err != nil {
			continue
		}
		var said struct{ State string }
		err = json.NewDecoder(resp.Body).Decode(&said)
		resp.Body.Close()
		if err == nil && said.State == "booked" {
			return
		}
	}
}

const cardDescription = `version: 1
name: A shop with cards
service:
  command: [%q, %s]
  environment:
    PORT: ${service.port}
    PAYMENTS_URL: ${payments.url}
    DATA: ${service.data}
    KEY: ${payments.secret_key}
    PROOF: ${webhooks.secret}
    SHIPPING_URL: ${shipping.url}
    TIMEOUT: ${ms 10s}ms
    POLL: ${ms 2s}ms
    UNPLAYED: %q
clock: 20
quiet: 15s
webhooks: /told
payments: {provider: stripe, reference: "${basket}", account: {secret_key: sk_test_canary0of0this0shop}}
customer:
  open: [{get: /cart, capture: {amount: {json: /amount}, currency: {json: /currency}}}]
  submit: {put: "/buy/${basket}"}
  resends: 2
  silence: 5s
  look: {get: "/buy/${basket}"}
  lost: 404
  screens:
    - {json: {/status: shipped}, says: shipped}
    - {json: {/status: refused}, says: refused}
    - {json: {/status: working}, says: checking}
`

// A shop that pays through the provider's own client sells, and keeps every promise.
func TestAShopIsPaidByCard(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	sold := []observe.EntryOp{observe.MoneyCreated, observe.MoneyAuthorized, observe.MoneyCaptured, observe.ParcelBooked}
	denied := aClick
	denied.Shop.Declines = 1
	silent := aClick
	silent.Shop.ApproveAfter = 40 * time.Second
	for name, row := range map[string]struct {
		story   Story
		asks    string
		verdict judge.Verdict
		ops     []observe.EntryOp
	}{
		"nothing goes wrong":   {aClick, "", Kept, sold},
		"she takes her time":   {silent, "", Kept, sold},
		"her bank says no":     {denied, "", Kept, []observe.EntryOp{observe.MoneyCreated, observe.MoneyDeclined, observe.MoneyTerminated}},
		"an answer is lost":    {hit(On(observe.CreatePayment).Nth(1).Answered().Closes()), "", Kept, sold},
		"a capture is lost":    {hit(On(observe.Capture).Nth(1).Answered().Closes()), "", Kept, sold},
		"a webhook comes late": {hit(On(observe.PaymentWebhook).Nth(1).Closes()), "", Kept, sold},
		"killed amid":          {hit(On(observe.Capture).Nth(1).Kills("checkout").Lasting(5 * time.Second)), "", Kept, sold},
		"an unplayed wish":     {aClick, "yes", judge.Unfinished, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := describeWith(t, fmt.Sprintf(cardDescription, self, cardShop, row.asks), fakes.Providers())
			run := stage(t, shop, row.story, compose.Resources{})
			require.Equal(t, row.verdict, run.Verdict(), run.FailureText())
			if row.verdict == judge.Unfinished {
				require.Contains(t, run.FailureText(), `the fake provider was asked for the parameter "on_behalf_of" of POST /v1/payment_intents, which it does not play`)
			}
			var ops []observe.EntryOp
			for _, e := range run.History {
				if e.Kind == observe.Money || e.Kind == observe.Parcel {
					ops = append(ops, e.Entry.Op)
				}
			}
			require.Equal(t, row.ops, ops)
			for _, secret := range []string{"canary", "_secret_", "v1="} {
				require.NotContains(t, fmt.Sprint(run.History), secret)
				for _, e := range run.History {
					if e.Message != nil {
						require.NotContains(t, fmt.Sprint(*e.Message), secret)
					}
				}
			}
		})
	}
}
