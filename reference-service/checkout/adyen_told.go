package checkout

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// This file reads what Adyen tells: its webhooks, and a payment from all of them.

// adyenWord is one thing that Adyen said: how a request for a payment was answered, or a
// webhook.
type adyenWord struct {
	Created *adyenCreated `json:"created,omitempty"`
	Items   []struct {
		Item adyenItem `json:"NotificationRequestItem"`
	} `json:"notificationItems,omitempty"`
}

type adyenCreated struct {
	Amount    money  `json:"amount"`
	Reference string `json:"reference"`
	Landing   string `json:"landing"`
}

// adyenItem is one thing that happened. PSP is the payment's, or the change's that Original
// was asked for.
type adyenItem struct {
	Data      map[string]string `json:"additionalData"`
	Amount    money             `json:"amount"`
	Code      string            `json:"eventCode"`
	Account   string            `json:"merchantAccountCode"`
	Reference string            `json:"merchantReference"`
	Original  string            `json:"originalReference"`
	PSP       string            `json:"pspReference"`
	Reason    string            `json:"reason"`
	Success   string            `json:"success"`
}

// adyenEvents are what happened to a payment, by the eventCode and whether it is a success.
// Others are no news of one.
var adyenEvents = map[[2]string]string{
	{"AUTHORISATION", "true"}: "AUTHORIZED", {"AUTHORISATION", "false"}: "ABORTED", {"OFFER_CLOSED", "true"}: "EXPIRED",
	{"CAPTURE", "true"}: "CAPTURED", {"CAPTURE", "false"}: "NOT CAPTURED", {"CAPTURE_FAILED", "true"}: "NOT CAPTURED",
	{"CANCELLATION", "true"}: "CANCELLED", {"CANCELLATION", "false"}: "NOT CANCELLED",
	{"TECHNICAL_CANCEL", "true"}: "CANCELLED", {"TECHNICAL_CANCEL", "false"}: "NOT CANCELLED",
	{"REFUND", "true"}: "REFUNDED", {"REFUND", "false"}: "NOT REFUNDED", {"REFUND_FAILED", "true"}: "NOT REFUNDED",
}

func (i adyenItem) event() string { return adyenEvents[[2]string{i.Code, i.Success}] }

func (p *adyenAPI) payment(a answer, reference string) (payment, error) {
	got, _, err := readWords(a, reference)
	return got, err
}

// readWords reads how a payment stands from all that was said of it, and its pspReference,
// or "". In which order it was said, and how often, changes nothing: what was not done
// outweighs that it was, for it is said later.
func readWords(a answer, reference string) (got payment, psp string, err error) {
	var words []adyenWord
	if err := a.decode(&words); err != nil {
		return payment{}, "", err
	}
	got = payment{Reference: reference, State: "CREATED", NotDone: map[string]string{}}
	happened := map[string]map[string]money{} // event → of which pspReference → amount
	for _, word := range words {
		if word.Created != nil {
			got.Amount, got.Landing = word.Created.Amount, word.Created.Landing
		}
		for _, one := range word.Items {
			event := one.Item.event()
			if strings.HasPrefix(event, "NOT ") {
				got.NotDone[one.Item.PSP] = cmp.Or(one.Item.Reason, event)
			}
			if happened[event] == nil {
				happened[event] = map[string]money{}
			}
			happened[event][one.Item.PSP] = one.Item.Amount
		}
	}
	for _, end := range []struct{ event, state string }{ // the last one is what counts
		{"EXPIRED", "EXPIRED"}, {"ABORTED", "ABORTED"}, {"CANCELLED", "TERMINATED"}, {"AUTHORIZED", "AUTHORIZED"},
	} {
		for of, amount := range happened[end.event] {
			got.State = end.state
			if end.event != "CANCELLED" { // which has a pspReference of its own
				psp, got.Amount = of, amount
			}
		}
	}
	sum := func(event string) money {
		total := money{Currency: got.Amount.Currency}
		for of, amount := range happened[event] {
			if _, not := got.NotDone[of]; !not {
				total.Value += amount.Value
			}
		}
		return total
	}
	if got.Amount.Currency == "" {
		return payment{}, "", fmt.Errorf("the provider has not said of what amount the payment %s is", reference)
	}
	got.Aggregate = sums{sum("AUTHORIZED"), money{0, got.Amount.Currency}, sum("CAPTURED"), sum("REFUNDED")}
	if len(happened["CANCELLED"]) > 0 {
		got.Aggregate.Cancelled = got.Aggregate.Authorized
	}
	return got, psp, nil
}

// signed reads additionalData.hmacSignature: the HMAC-SHA256, in Base64, of eight fields. No
// time is signed: a webhook is as good tomorrow as today, and the inbox knows it again.
func (p *adyenAPI) signed(_ *http.Request, body []byte, _ time.Time) error {
	i, err := onlyItem(body)
	if err != nil {
		return err
	}
	key, err := hex.DecodeString(p.cfg.WebhookSecret)
	if err != nil {
		return errors.New("the key that webhooks are signed with is not hexadecimal")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.Join([]string{
		i.PSP, i.Original, i.Account, i.Reference, strconv.FormatInt(i.Amount.Value, 10), i.Amount.Currency, i.Code, i.Success,
	}, ":")))
	if !hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), []byte(i.Data["hmacSignature"])) {
		return errors.New("the webhook's signature is not the provider's")
	}
	return nil
}

func onlyItem(body []byte) (adyenItem, error) {
	var word adyenWord
	if err := json.Unmarshal(body, &word); err != nil || len(word.Items) != 1 {
		return adyenItem{}, errors.New("the webhook is not the JSON document with one item that is expected here")
	}
	return word.Items[0].Item, nil
}

func (p *adyenAPI) notice(body []byte) (notice, error) {
	i, err := onlyItem(body)
	if err != nil {
		return notice{}, badRequest("%v", err)
	}
	n := notice{Reference: i.Reference, Name: i.event(), ID: i.PSP}
	if n.Name == "" {
		return notice{}, nil
	}
	if n.Reference == "" || n.ID == "" || len(n.event()) > 300 || strings.ContainsRune(n.event(), 0) {
		return notice{}, badRequest("the webhook lacks its pspReference or its payment")
	}
	return n, nil
}
