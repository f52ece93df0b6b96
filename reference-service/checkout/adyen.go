package checkout

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// This file and adyen_told.go are all that the checkout knows of Adyen Checkout, version 71,
// as docs.adyen.com describes it.
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

func (p *adyenAPI) call(ctx context.Context, path, key, body string) (answer, error) {
	return p.caller.call(ctx, http.MethodPost, p.cfg.PaymentsURL+path,
		http.Header{"X-Api-Key": {p.cfg.Account.APIKey}, "Idempotency-Key": {key}}, body)
}
