package compose_test

import (
	"bytes"
	"cmp"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// looseShop is the first argument that makes this program a shop that tells its
// secrets to everybody, and dies of the first order.
const looseShop = "loose-shop"

func beLoose() {
	if len(os.Args) < 2 || os.Args[1] != looseShop {
		return
	}
	if os.Getenv("FLOODS") != "" {
		for range 12 {
			fmt.Println(strings.Repeat("no luck ", 8<<10))
		}
		os.Exit(1)
	}
	http.HandleFunc("GET /cart", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"amount":49900,"currency":"NOK","debug":"with %s"}`, os.Getenv("SHOP_SECRET"))
	})
	http.HandleFunc("POST /mean", func(w http.ResponseWriter, _ *http.Request) {
		resp, err := http.Post(os.Getenv("PAYMENTS_URL")+"/epayment/v1/payments", "application/json", strings.NewReader("{}"))
		fmt.Println("no payment:", resp.Status, err)
		w.WriteHeader(http.StatusInternalServerError)
	})
	http.HandleFunc("POST /buy", func(http.ResponseWriter, *http.Request) {
		fmt.Println("cannot connect with", os.Getenv("LOOSE_INHERITED"))
		fmt.Println("nor as", strings.Split(os.Getenv("LOOSE_ADDRESS"), "@")[0][len("amqp://"):])
		os.Exit(1)
	})
	http.HandleFunc("GET /down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	host := cmp.Or(os.Getenv("HOST"), "127.0.0.1")
	fmt.Println(http.ListenAndServe(net.JoinHostPort(host, os.Getenv("PORT")), nil))
	os.Exit(1)
}

var aClick = Story{ID: "a-click", Plot: "Ana clicks submit.", Script: func(s *Stage) {
	ana := s.Customer("ana")
	ana.Submits()
	ana.WaitsToBeTold(time.Minute)
}}

// What is handed to somebody's own shop is told by nobody, whatever the shop does
// with it.
func TestNoSecretOfATargetGetsIntoARecord(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	t.Setenv("LOOSE_INHERITED", "inherited canary: 1/2")
	t.Setenv("LOOSE_ADDRESS", "amqp://shop:canary-in-address@queue/shop")
	shop := describe(t, fmt.Sprintf(`version: 1
name: A shop that tells everything
service:
  command: [%q, %s]
  environment: {PORT: "${service.port}", SHOP_SECRET: canary-literal}
  inherit: [LOOSE_INHERITED, LOOSE_ADDRESS]
clock: 100
customer:
  open: [{get: /cart, capture: {amount: {json: /amount}, currency: {json: /currency}}}]
  submit: {post: /buy}
  screens: [{json: {/status: shipped}, says: shipped}]
`, self, looseShop))
	run := stage(t, shop, aClick, compose.Resources{})
	var text bytes.Buffer
	record.NewWriter(&text).Write(run)
	told := text.String() + run.FailureText()
	require.Contains(t, run.FailureText(), "cannot connect with "+redact.Mask)
	require.Contains(t, told, `with `+redact.Mask)
	require.NotContains(t, told, "canary")
}

// A reset that says much before it fails is told as a person can read it.
func TestAResetsWordsAreKeptShort(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	shop := describe(t, fmt.Sprintf(`version: 1
name: A shop that cannot forget
service: {command: [%[1]q, %[2]s], environment: {FLOODS: "1"}}
reset: {command: [%[1]q, %[2]s]}
money: {amount: 49900, currency: NOK}
customer:
  open: [{get: /cart}]
  submit: {post: /buy}
  screens: [{json: {/status: shipped}, says: shipped}]
`, self, looseShop))
	run := stage(t, shop, doubleClick, compose.Resources{})
	require.Contains(t, run.Failure, "reset: ")
	require.Equal(t, 12, strings.Count(run.Failure, "no luck no …"), "each line is clipped")
	require.Less(t, len(run.Failure), 8<<10)
}

// What a shop said of an order that it did not fill is what its author needs.
func TestARedRunTellsWhatTheShopLastSaid(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	shop := describe(t, fmt.Sprintf(`version: 1
name: A shop that asks wrongly
service: {command: [%q, %s], environment: {PORT: "${service.port}", PAYMENTS_URL: "${payments.url}"}}
clock: 100
quiet: 5s
customer:
  open: [{get: /cart, capture: {amount: {json: /amount}, currency: {json: /currency}}}]
  submit: {post: /mean}
  screens: [{json: {/status: shipped}, says: shipped}]
`, self, looseShop))
	run := stage(t, shop, aClick, compose.Resources{})
	require.Equal(t, Broken, run.Verdict())
	require.Regexp(t, `\(provider\) at .* it answered 4\d\d to POST /epayment/v1/payments: `, run.FailureText())
	require.Contains(t, run.FailureText(), "(shop)     it last said:\n    no payment: 4")
}
