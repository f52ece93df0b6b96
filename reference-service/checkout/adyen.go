package checkout

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// This file is all that the checkout knows of Adyen Checkout, version 71, as docs.adyen.com
// describes it.
//
// Nobody can ask Adyen how a payment stands. What the checkout knows of one is what Adyen
// said: the answer to its creation, which is kept in the inbox like a webhook, and the
// webhooks. A capture, a cancel or a refund is answered "received", and a webhook tells what
// came of it.

func adyenKind() providerKind {
	return providerKind{
		title:      "Adyen Checkout",
		currencies: []string{"NOK", "DKK", "EUR", "USD", "GBP"},
		settings: []setting{
			{"CHECKOUT_PAYMENTS_API_KEY", "", "API key that no real account has, test_…", true, apiKey},
			{"CHECKOUT_PAYMENTS_MERCHANT_ACCOUNT", "", "merchant account", true,
				text(func(c *Config) *string { return &c.Account.MerchantAccount })},
		},
		account: func(facts map[string]string) []string {
			return []string{
				"CHECKOUT_PAYMENTS_API_KEY=" + facts["api_key"],
				"CHECKOUT_PAYMENTS_MERCHANT_ACCOUNT=" + facts["merchant_account"],
			}
		},
		tellsLater: true,
		new:        func(cfg Config, c *caller, said inbox) payments { return &adyenAPI{cfg, c, said} },
	}
}

var noRealKey = regexp.MustCompile(`^test_\w+$`)

// apiKey takes no key with which a mistake costs money: a real one does not say whether it
// is for tests.
func apiKey(c *Config, value string) error {
	if !noRealKey.MatchString(value) {
		return errors.New("a key that may be a real one: valid is one that begins with test_")
	}
	c.Account.APIKey = value
	return nil
}

// adyenAPI speaks to Adyen. A payment goes by our reference; the pspReference, under which
// it is changed, comes with the first webhook.
type adyenAPI struct {
	cfg    Config
	caller *caller
	said   inbox
}

const adyenPayments = "/v71/payments"

func (p *adyenAPI) createRequest(o order, reference string) string {
	return frozen(map[string]any{
		"amount": o.price, "merchantAccount": p.cfg.Account.MerchantAccount, "reference": reference,
		"paymentMethod": map[string]string{"type": "mobilepay"}, "returnUrl": p.cfg.returnURL(o),
		"metadata": map[string]string{"order": o.id},
	})
}

// adyenChange is the body of a capture, a cancel or a refund.
type adyenChange struct {
	Amount           *money `json:"amount,omitempty"`
	MerchantAccount  string `json:"merchantAccount"`
	Reference        string `json:"reference"`
	PaymentReference string `json:"paymentReference,omitempty"` // where it is not asked for by the pspReference
}

func (p *adyenAPI) request(_ Kind, amount money) string {
	return frozen(struct {
		Amount money `json:"amount"`
	}{amount})
}

// create keeps what an accepted request was answered, before anybody relies on it.
func (p *adyenAPI) create(ctx context.Context, key, body string) (answer, error) {
	a, err := p.call(ctx, adyenPayments, key, body)
	if err != nil || p.taken(a) != accepted {
		return a, err
	}
	landing, err := p.page(a)
	if err != nil {
		return answer{}, err
	}
	var made adyenCreated
	if err := json.Unmarshal([]byte(body), &made); err != nil {
		return answer{}, fmt.Errorf("read our own request: %w", err)
	}
	made.Landing = landing
	_, err = p.said.keep(ctx, p.said.db, made.Reference+"/CREATED/"+key, made.Reference, frozen(adyenWord{Created: &made}), time.Now())
	return a, err
}

// page is where an answer sends the customer.
func (p *adyenAPI) page(a answer) (string, error) {
	var got struct {
		Result string `json:"resultCode"`
		Action struct {
			URL string `json:"url"`
		} `json:"action"`
	}
	if err := a.decode(&got); err != nil {
		return "", err
	}
	if got.Result == "" {
		return "", fmt.Errorf("the provider's answer does not say how the payment stands: %v", a)
	}
	return got.Action.URL, nil
}

func (p *adyenAPI) named(_ answer, reference string) (string, error) { return reference, nil }

func (p *adyenAPI) landing(a answer) string {
	landing, _ := p.page(a) // it was read before
	return landing
}

// read looks into the inbox: a list of all that Adyen said of the payment.
func (p *adyenAPI) read(ctx context.Context, reference string) (answer, error) {
	said, err := p.said.of(ctx, reference)
	if err != nil || len(said) == 0 {
		return answer{status: http.StatusNotFound}, err
	}
	return answer{status: http.StatusOK, json: true, body: []byte("[" + strings.Join(said, ",") + "]")}, nil
}

func (p *adyenAPI) change(ctx context.Context, kind Kind, reference, key, body string) (answer, error) {
	a, err := p.read(ctx, reference)
	if err != nil {
		return answer{}, err
	}
	psp := ""
	if a.status == http.StatusOK {
		_, psp, err = readWords(a, reference)
	}
	asked := adyenChange{MerchantAccount: p.cfg.Account.MerchantAccount, Reference: reference}
	if body != "" {
		err = cmp.Or(err, json.Unmarshal([]byte(body), &asked))
	}
	path := adyenPayments + "/" + url.PathEscape(psp) + map[Kind]string{Capture: "/captures", Void: "/cancels", Refund: "/refunds"}[kind]
	switch {
	case err != nil:
		return answer{}, err
	case psp == "" && kind == Void: // and another request than the one by the pspReference
		path, key, asked.PaymentReference = "/v71/cancels", key+"-r", reference
	case psp == "":
		return answer{}, fmt.Errorf("the payment %s cannot be changed: the provider has not named it yet", reference)
	}
	a, err = p.call(ctx, path, key, frozen(asked))
	if err != nil || p.changed(a) != accepted {
		return a, err
	}
	var got struct {
		PSP    string `json:"pspReference"`
		Status string `json:"status"`
	}
	if err := a.decode(&got); err != nil {
		return answer{}, err
	}
	if got.PSP == "" || got.Status != "received" {
		return answer{}, fmt.Errorf("the provider does not say that it has received the request: %v", a)
	}
	a.later = got.PSP
	return a, nil
}

// A cancel concerns what the customer has not approved, and what she has.
func (p *adyenAPI) cancelUnapproved(ctx context.Context, reference, key string) (answer, error) {
	return p.change(ctx, Void, reference, key, "")
}

// The code 704 says that the same is under way.
func (p *adyenAPI) taken(a answer) reply {
	var problem struct {
		Code string `json:"errorCode"`
	}
	if r := a.taken(); r != refused || json.Unmarshal(a.body, &problem) != nil || problem.Code != "704" {
		return r
	}
	return unclear
}

func (p *adyenAPI) changed(a answer) reply { return p.taken(a) }

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

func (p *adyenAPI) call(ctx context.Context, path, key, body string) (answer, error) {
	return p.caller.call(ctx, http.MethodPost, p.cfg.PaymentsURL+path,
		http.Header{"X-Api-Key": {p.cfg.Account.APIKey}, "Idempotency-Key": {key}}, body)
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
