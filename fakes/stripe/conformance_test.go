package stripe

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/fakes/provider/providertest"
)

func asks(path string, fields ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://api.stripe.test"+path, strings.NewReader(form(fields...)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

var subject = providertest.Subject{
	Kind: Kind(),
	Enters: func(facts map[string]string, _ func(*http.Request) (int, []byte)) http.Header {
		return http.Header{"Authorization": {"Bearer " + facts["secret_key"]}}
	},
	Create: func(reference string, amount int64) *http.Request {
		return asks(intents, fmt.Sprint("amount=", amount), "currency=nok", "capture_method=manual", "metadata[order]="+reference)
	},
	Capture: func(payment string, amount int64) *http.Request {
		return asks(intents+"/"+payment+"/capture", fmt.Sprint("amount_to_capture=", amount))
	},
	Cancel: func(payment string) *http.Request { return asks(intents + "/" + payment + "/cancel") },
	Refund: func(payment string, amount int64) *http.Request {
		return asks("/v1/refunds", "payment_intent="+payment, fmt.Sprint("amount=", amount))
	},
	Verify: func(r *http.Request, body []byte, secret string) error {
		header := r.Header.Get("Stripe-Signature")
		seconds, err := strconv.ParseInt(strings.TrimPrefix(strings.Split(header, ",")[0], "t="), 10, 64)
		if err == nil && Sign(body, time.Unix(seconds, 0), secret) != header {
			err = errors.New("the signature is another one")
		}
		return err
	},
}

func TestConformance(t *testing.T) { providertest.Run(t, subject) }
