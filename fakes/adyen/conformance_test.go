package adyen

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/unhappypath/unhappypath/fakes/provider/providertest"
)

func post(path, format string, args ...any) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://checkout-test.example"+path, strings.NewReader(fmt.Sprintf(format, args...)))
	r.Header.Set("Content-Type", "application/json")
	return r
}

const account = `"merchantAccount":"UnhappyPathECOM"`

var subject = providertest.Subject{
	Kind: Kind(),
	Enters: func(facts map[string]string, _ func(*http.Request) (int, []byte)) http.Header {
		return http.Header{"X-Api-Key": {facts["api_key"]}}
	},
	Create: func(reference string, amount int64) *http.Request {
		return post("/v71/payments", `{%s,"amount":{"currency":"NOK","value":%d},"reference":%q,"paymentMethod":{"type":"mobilepay"},"returnUrl":"https://shop.test/back"}`,
			account, amount, reference)
	},
	Capture: func(payment string, amount int64) *http.Request {
		return post("/v71/payments/"+payment+"/captures", `{%s,"amount":{"currency":"NOK","value":%d}}`, account, amount)
	},
	Cancel: func(payment string) *http.Request { return post("/v71/payments/"+payment+"/cancels", `{%s}`, account) },
	Refund: func(payment string, amount int64) *http.Request {
		return post("/v71/payments/"+payment+"/refunds", `{%s,"amount":{"currency":"NOK","value":%d}}`, account, amount)
	},
	Verify: func(_ *http.Request, body []byte, secret string) error { return Verify(body, secret) },
}

func TestConformance(t *testing.T) { providertest.Run(t, subject) }
