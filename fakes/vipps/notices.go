package vipps

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// noticeMSN is the merchant that lone notices tell of: Kind's preset.
const noticeMSN = "123456"

// Webhooks is what a handler of them has to know. The notices of a payment have no id:
// reference, name and pspReference together name one. They arrive in order, says the
// provider's page of questions, and one that is refused holds up the later ones. While a
// registration is replaced, the old and the new one are told the same, each signed with
// its own secret.
func Webhooks() *provider.Webhooks {
	paid := []step{{what: wasCreated, of: provider.Paid}, {what: wasAuthorized, of: provider.Paid}, {what: wasCaptured, of: provider.Paid}}
	purchase := func(name, is string, effects []string, steps ...step) provider.Purchase {
		return provider.Purchase{Name: name, Is: is, Effects: effects, Notices: func(w provider.Wish) []provider.Notice { return notices(w, steps) }}
	}
	refunded := purchase(provider.Refunded, "she pays, and gets all of it back", []string{provider.Paid, provider.Refunded},
		append(paid[:len(paid):len(paid)], step{what: wasRefunded, of: provider.Refunded})...)
	refunded.Back = func(w provider.Wish) int64 { return w.Amount }
	partly := provider.Purchase{
		Name: "partly-refunded", Is: "she pays, and gets a part back, and then another part",
		Effects: []string{provider.Paid, provider.Refunded, provider.Refunded},
		Back:    func(w provider.Wish) int64 { return 2 * partOf(w) },
		Notices: func(w provider.Wish) []provider.Notice {
			return notices(w, append(paid[:len(paid):len(paid)],
				step{what: wasRefunded, of: provider.Refunded, back: partOf(w)}, step{wasRefunded, provider.Refunded, partOf(w), "#2"}))
		},
	}
	return &provider.Webhooks{
		Purchases: []provider.Purchase{
			purchase(provider.Paid, "she approves, and the money is taken", []string{provider.Paid}, paid...),
			purchase(string(observe.StatusRefused), "she declines", nil, step{what: wasCreated}, step{what: wasAborted}),
			purchase(string(observe.MoneyExpired), "she does nothing", nil, step{what: wasCreated}, step{what: wasExpired}),
			refunded, partly,
		},
		Sign: func(r *http.Request, body []byte, at time.Time, secrets ...string) []byte {
			r.Header.Set("Content-Type", contract.PlainJSON)
			Sign(r.Header, r.URL, body, secrets[len(secrets)-1], at)
			return body
		},
		Ordered: true,
		Forgeries: map[string]provider.Forgery{
			"rehashed": {Is: "with the right hash of a body that nobody signed", Forge: func(r *http.Request, body []byte, at time.Time, secret string) {
				Sign(r.Header, r.URL, []byte("{}"), secret, at)
				sum := sha256.Sum256(body)
				r.Header.Set("x-ms-content-sha256", base64.StdEncoding.EncodeToString(sum[:]))
			}},
		},
		IDs: func(w provider.Wish) map[string]string {
			return map[string]string{"psp_reference": pspReference(w, wasCreated, "")}
		},
		Secret: "A0AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6F",
	}
}

// step is one thing that happens in a purchase, and the effect that it belongs to.
type step struct {
	what  happening
	of    string
	back  int64  // how much of the money it moves; 0: all
	again string // "#2" for the second of its name
}

// partOf is what one of two refunds gives back.
func partOf(w provider.Wish) int64 { return max(1, w.Amount/4) }

func notices(w provider.Wish, steps []step) (list []provider.Notice) {
	for i, s := range steps {
		body, err := json.Marshal(webhookBody{
			MSN: noticeMSN, Reference: w.Reference, PSPReference: pspReference(w, s.what, s.again), Name: s.what.name,
			Amount: amount{w.Currency, cmp.Or(s.back, w.Amount)}, Timestamp: timestamp(w.At.Add(time.Duration(i) * time.Second)), Success: true,
		})
		if err != nil {
			panic(fmt.Sprintf("vipps: a notice's body: %v", err)) // only plain fields
		}
		list = append(list, provider.Notice{Name: s.what.name + s.again, Of: s.of, Body: body})
	}
	return list
}

func pspReference(w provider.Wish, what happening, again string) string {
	d := sha256.Sum256([]byte(w.Reference + " " + what.name + again))
	return fmt.Sprintf("%x-%x-%x-%x-%x", d[:4], d[4:6], d[6:8], d[8:10], d[10:16])
}
