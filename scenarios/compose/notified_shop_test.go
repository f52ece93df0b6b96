package compose_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/adyen"
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// notifiedShop is the first argument that makes this program a shop which is only notified
// of its money: Adyen answers a capture before it is made. It keeps all in memory.
const notifiedShop = "notified-shop"

type shopOfNotices struct {
	mu     sync.Mutex
	status map[string]string // by basket
	asked  map[string]int    // captures
}

func beNotified() {
	if len(os.Args) < 2 || os.Args[1] != notifiedShop {
		return
	}
	s := &shopOfNotices{status: map[string]string{}, asked: map[string]int{}}
	http.HandleFunc("GET /cart", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"amount":49900,"currency":"NOK"}`) })
	http.HandleFunc("PUT /buy/{basket}", func(w http.ResponseWriter, r *http.Request) {
		s.buys(r.PathValue("basket"))
		s.tell(w, r)
	})
	http.HandleFunc("GET /buy/{basket}", s.tell)
	http.HandleFunc("POST /told", s.told)
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
	os.Exit(1)
}

func (s *shopOfNotices) tell(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(w, `{"status":%q}`, s.status[r.PathValue("basket")])
}

func (s *shopOfNotices) buys(basket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status[basket] == "" {
		s.status[basket] = "working"
		go s.asks("", "pay-"+basket, fmt.Sprintf(`,"reference":%q,"paymentMethod":{"type":"scheme"},"returnUrl":"http://127.0.0.1/"`, basket))
	}
}

// asks changes a payment, or makes one.
func (s *shopOfNotices) asks(path, key, more string) {
	body := fmt.Sprintf(`{"merchantAccount":%q%s}`, os.Getenv("MERCHANT"), more)
	if !strings.HasSuffix(path, "/cancels") {
		body = strings.TrimSuffix(body, "}") + `,"amount":{"currency":"NOK","value":49900}}`
	}
	r, _ := http.NewRequest("POST", os.Getenv("PAYMENTS_URL")+"/v71/payments"+path, bytes.NewReader([]byte(body)))
	r.Header.Set("X-Api-Key", os.Getenv("KEY"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
}

// told goes on with an order when the provider says what came of it. The shop's manner is
// what it makes of a capture that failed.
func (s *shopOfNotices) told(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var n struct {
		Items []struct {
			Item struct{ EventCode, MerchantReference, OriginalReference, PSPReference, Success string } `json:"NotificationRequestItem"`
		} `json:"notificationItems"`
	}
	if json.Unmarshal(body, &n) != nil || adyen.Verify(body, os.Getenv("PROOF")) != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range n.Items {
		it, manner := one.Item, os.Getenv("MANNER")
		basket := it.MerchantReference
		capture := func(psp string) {
			s.asked[basket]++
			go s.asks("/"+psp+"/captures", fmt.Sprintf("capture-%s-%d", basket, s.asked[basket]), "")
		}
		switch event := it.EventCode + " " + it.Success; {
		case event == "AUTHORISATION true" && s.asked[basket] == 0:
			capture(it.PSPReference)
		case event == "AUTHORISATION false":
			s.status[basket] = "cancelled"
		case event == "CAPTURE true", event == "CAPTURE_FAILED true" && manner == "takes it for a capture":
			s.status[basket] = "paid"
		case event == "CAPTURE_FAILED true" && manner == "asks again":
			capture(it.OriginalReference)
		case event == "CAPTURE_FAILED true" && manner == "cancels":
			go s.asks("/"+it.OriginalReference+"/cancels", "cancel-"+basket, "")
		case event == "CANCELLATION true":
			s.status[basket] = "cancelled"
		}
	}
}

const notifiedDescription = `version: 1
name: A shop that is notified
service:
  command: [%q, %s]
  environment:
    PORT: ${service.port}
    PAYMENTS_URL: ${payments.url}
    KEY: ${payments.api_key}
    MERCHANT: ${payments.merchant_account}
    PROOF: ${webhooks.secret}
    MANNER: %q
clock: 20
quiet: 15s
webhooks: /told
payments: {provider: adyen, reference: "${basket}"}
shipping: none
customer:
  open: [{get: /cart, capture: {amount: {json: /amount}, currency: {json: /currency}}}]
  submit: {put: "/buy/${basket}"}
  silence: 5s
  look: {get: "/buy/${basket}"}
  screens:
    - {json: {/status: paid}, says: paid}
    - {json: {/status: cancelled}, says: cancelled}
    - {json: {/status: working}, says: checking}
`

// Where a bank rejects a capture after it was received, at the shop's own price, a shop may
// cancel the order or ask once more. One that misses the notice, or misreads it, is found.
func TestACaptureIsRejectedAtAnyPrice(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	rejecting := aClick
	rejecting.Shop.Bank = observe.RejectingBank
	held := []observe.EntryOp{observe.MoneyCreated, observe.MoneyAuthorized}
	for manner, row := range map[string]struct {
		breaks []string
		ops    []observe.EntryOp // after the payment is authorized
	}{
		"cancels":                {nil, []observe.EntryOp{observe.MoneyCancelled}},
		"asks again":             {nil, []observe.EntryOp{observe.MoneyCaptured}},
		"misses it":              {[]string{"told-in-time", "nothing-left-reserved"}, nil},
		"takes it for a capture": {[]string{"screen-is-honest", "nothing-left-reserved"}, nil},
	} {
		t.Run(manner, func(t *testing.T) {
			t.Parallel()
			shop := describeWith(t, fmt.Sprintf(notifiedDescription, self, notifiedShop, manner), fakes.Providers())
			sells := stage(t, shop, aClick, compose.Resources{})
			require.Equal(t, Kept, sells.Verdict(), sells.FailureText())
			run := stage(t, shop, rejecting, compose.Resources{})
			var breaks []string
			for _, ruling := range run.Rulings {
				if ruling.Verdict == Broken {
					breaks = append(breaks, ruling.Promise)
				}
			}
			require.Equal(t, row.breaks, breaks, run.FailureText())
			var ops []observe.EntryOp
			for _, e := range run.History {
				if e.Kind == observe.Money {
					ops = append(ops, e.Entry.Op)
				}
			}
			require.Equal(t, append(held[:2:2], row.ops...), ops)
		})
	}
}
