package adyen

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// noticeAccount is the merchant account that lone notices tell of: Kind's preset.
const noticeAccount = "UnhappyPathECOM"

// Webhooks is what a handler of them has to know. A notice is known by its eventCode and
// pspReference together. Notices come in any order. The signature is in the body, says
// nothing of time, and is one only: while the key is changed, the old one signs what was
// made before.
func Webhooks() *provider.Webhooks {
	paid := []told{{code: "AUTHORISATION", of: provider.Paid}, {code: "CAPTURE", of: provider.Paid}}
	purchase := func(name, is string, effects []string, list ...told) provider.Purchase {
		return provider.Purchase{Name: name, Is: is, Effects: effects, Notices: func(w provider.Wish) []provider.Notice { return notices(w, list) }}
	}
	cancelled := purchase(string(observe.MoneyCancelled), "her money is held, and the shop releases it", nil, paid[0], told{code: "CANCELLATION"})
	cancelled.May = []string{provider.Paid} // by a shop that acts when the money is held
	back := func(name, is string, all told) provider.Purchase {
		p := purchase(name, is, []string{provider.Paid, provider.Refunded}, append(paid[:len(paid):len(paid)], all)...)
		p.Back = func(w provider.Wish) int64 { return w.Amount }
		return p
	}
	refunded := back(provider.Refunded, "she pays, and gets all of it back", told{code: "REFUND", of: provider.Refunded})
	partly := provider.Purchase{
		Name: "partly-refunded", Is: "she pays, and gets a part back, and then another part",
		Effects: []string{provider.Paid, provider.Refunded, provider.Refunded},
		Back:    func(w provider.Wish) int64 { return 2 * partOf(w) },
		Notices: func(w provider.Wish) []provider.Notice {
			return notices(w, append(paid[:len(paid):len(paid)],
				told{code: "REFUND", of: provider.Refunded, back: partOf(w)}, told{"REFUND", "", provider.Refunded, partOf(w), "#2"}))
		},
	}
	return &provider.Webhooks{
		Purchases: []provider.Purchase{
			purchase(provider.Paid, "she pays, and the money is captured", []string{provider.Paid}, paid...),
			purchase(string(observe.StatusRefused), "her bank says no", nil, told{code: "AUTHORISATION", reason: "Refused"}),
			purchase("abandoned", "she goes away, and the payment is closed", nil, told{code: "OFFER_CLOSED"}),
			cancelled,
			purchase("capture-refused", "a capture cannot be made", nil, told{code: "CAPTURE", reason: "Insufficient balance on payment"}),
			refunded, partly, back("capture-failed", "her money is captured, and the card's scheme rejects that later", told{code: "CAPTURE_FAILED", of: provider.Refunded}),
		},
		Sign: func(r *http.Request, body []byte, _ time.Time, secrets ...string) []byte {
			r.Header.Set("Content-Type", "application/json; charset=utf-8")
			signed, err := sign(body, keyOf(secrets[len(secrets)-1]))
			if err != nil {
				panic(fmt.Sprintf("adyen: a notice to sign: %v", err)) // only those made below
			}
			return signed
		},
		IDs: func(w provider.Wish) map[string]string {
			return map[string]string{"psp_reference": noticePSP(w, "AUTHORISATION")}
		},
		Secret: "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
	}
}

// told is an event, why it tells of a failure, and the effect that it belongs to.
type told struct {
	code, reason, of string
	back             int64  // how much of the money it moves; 0: all
	again            string // "#2" for the second of its name
}

// partOf is what one of two refunds gives back.
func partOf(w provider.Wish) int64 { return max(1, w.Amount/4) }

func notices(w provider.Wish, list []told) (made []provider.Notice) {
	for n, one := range list {
		i := item{psp: noticePSP(w, one.code+one.again), reference: w.Reference, code: one.code, reason: one.reason, method: "visa",
			amount: money{w.Currency, cmp.Or(one.back, w.Amount)}, success: one.reason == "", at: w.At.Add(time.Duration(n) * time.Second)}
		if one.code != "AUTHORISATION" && one.code != "OFFER_CLOSED" {
			i.original = noticePSP(w, "AUTHORISATION")
		}
		made = append(made, provider.Notice{Name: one.code + one.again, Of: one.of, Body: i.body(noticeAccount)})
	}
	return made
}

func noticePSP(w provider.Wish, code string) string {
	d := sha256.Sum256([]byte(w.Reference + " " + code))
	b := make([]byte, 16)
	for i := range b {
		b[i] = letters[int(d[i])%len(letters)]
	}
	return string(b)
}
