package vipps

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/unhappypath/unhappypath/fakes/provider/providertest"
)

func asks(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://provider.test"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

var subject = providertest.Subject{
	Kind: Kind(),
	Enters: func(facts map[string]string, ask func(*http.Request) (int, []byte)) http.Header {
		h := http.Header{
			"Ocp-Apim-Subscription-Key": {facts["subscription_key"]}, "Merchant-Serial-Number": {facts["merchant"]},
			"Client_id": {facts["client_id"]}, "Client_secret": {facts["client_secret"]},
		}
		r := asks("/accesstoken/get", "")
		r.Header = h
		_, body := ask(r)
		var got struct {
			Token string `json:"access_token"`
		}
		_ = json.Unmarshal(body, &got) // without a token, nothing is let in
		return http.Header{
			"Ocp-Apim-Subscription-Key": h["Ocp-Apim-Subscription-Key"], "Merchant-Serial-Number": h["Merchant-Serial-Number"],
			"Authorization": {"Bearer " + got.Token},
		}
	},
	Create: func(reference string, amount int64) *http.Request { return asks(payments, creation(reference, amount)) },
	Capture: func(payment string, amount int64) *http.Request {
		return asks(payments+"/"+payment+"/capture", modification(amount))
	},
	Cancel: func(payment string) *http.Request { return asks(payments+"/"+payment+"/cancel", "") },
	Refund: func(payment string, amount int64) *http.Request {
		return asks(payments+"/"+payment+"/refund", modification(amount))
	},
	Verify: func(r *http.Request, body []byte, secret string) error {
		at, err := http.ParseTime(r.Header.Get("x-ms-date"))
		right := http.Header{}
		Sign(right, r.URL, body, secret, at)
		if err == nil && right.Get("Authorization") != r.Header.Get("Authorization") {
			err = errors.New("the signature is another one")
		}
		return err
	},
}

func TestConformance(t *testing.T) { providertest.Run(t, subject) }
