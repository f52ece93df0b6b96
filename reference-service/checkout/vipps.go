package checkout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// This file is all that the checkout knows of Vipps MobilePay ePayment, version 1, as its
// published OpenAPI document describes it.

func vippsKind() providerKind {
	return providerKind{
		title:      "Vipps MobilePay ePayment",
		currencies: []string{"NOK", "DKK", "EUR"},
		settings: []setting{
			{"CHECKOUT_PAYMENTS_MSN", "", "merchant serial number, 4 to 6 digits", true,
				merchant},
			{"CHECKOUT_PAYMENTS_CLIENT_ID", "", "client id at the provider", true,
				text(func(c *Config) *string { return &c.Account.ClientID })},
			{"CHECKOUT_PAYMENTS_CLIENT_SECRET", "", "client secret at the provider", true,
				text(func(c *Config) *string { return &c.Account.ClientSecret })},
			{"CHECKOUT_PAYMENTS_SUBSCRIPTION_KEY", "", "subscription key at the provider", true,
				text(func(c *Config) *string { return &c.Account.SubscriptionKey })},
		},
		account: func(facts map[string]string) []string {
			return []string{
				"CHECKOUT_PAYMENTS_MSN=" + facts["merchant"],
				"CHECKOUT_PAYMENTS_CLIENT_ID=" + facts["client_id"],
				"CHECKOUT_PAYMENTS_CLIENT_SECRET=" + facts["client_secret"],
				"CHECKOUT_PAYMENTS_SUBSCRIPTION_KEY=" + facts["subscription_key"],
			}
		},
		new: func(cfg Config, c *caller, _ inbox) payments { return newVipps(cfg, c) },
	}
}

func merchant(c *Config, value string) error {
	if n, err := strconv.ParseUint(value, 10, 32); err != nil || len(value) < 4 || n > 999_999 {
		return fmt.Errorf("%q: valid are 4 to 6 digits", value)
	}
	c.Account.MSN = value
	return nil
}

// vippsAPI speaks to the provider.
type vippsAPI struct {
	cfg    Config
	caller *caller
	token  chan token // holds the one token; anyone who takes it out may renew it
}

type token struct {
	text  string
	until time.Time
}

func newVipps(cfg Config, c *caller) *vippsAPI {
	p := &vippsAPI{cfg: cfg, caller: c, token: make(chan token, 1)}
	p.token <- token{}
	return p
}

func (p *vippsAPI) payment(a answer, reference string) (payment, error) {
	var got struct {
		Reference string `json:"reference"`
		State     string `json:"state"`
		Landing   string `json:"redirectUrl"`
		Amount    *money `json:"amount"`
		Aggregate *struct {
			Authorized *money `json:"authorizedAmount"`
			Cancelled  *money `json:"cancelledAmount"`
			Captured   *money `json:"capturedAmount"`
			Refunded   *money `json:"refundedAmount"`
		} `json:"aggregate"`
	}
	if err := a.decode(&got); err != nil {
		return payment{}, err
	}
	g := got.Aggregate
	if g == nil || g.Authorized == nil || g.Cancelled == nil || g.Captured == nil || g.Refunded == nil || got.Amount == nil {
		return payment{}, fmt.Errorf("the provider's answer lacks an amount: %v", a)
	}
	switch got.State {
	case "CREATED", "AUTHORIZED", "ABORTED", "EXPIRED", "TERMINATED":
	default:
		return payment{}, fmt.Errorf("the provider tells an unknown state %q", trimmed(got.State))
	}
	if got.Reference != reference {
		return payment{}, fmt.Errorf("the provider speaks of the payment %q instead of %q", trimmed(got.Reference), reference)
	}
	return payment{
		Reference: got.Reference, State: got.State, Amount: *got.Amount, Landing: got.Landing,
		Aggregate: sums{*g.Authorized, *g.Cancelled, *g.Captured, *g.Refunded},
	}, nil
}

// landing is where an answer to create sends the customer.
func (p *vippsAPI) landing(a answer) string {
	var got struct {
		Landing string `json:"redirectUrl"`
	}
	_ = a.decode(&got) // it was decoded before
	return got.Landing
}

func (p *vippsAPI) createRequest(o order, reference string) string {
	type method struct {
		Type string `json:"type"`
	}
	return frozen(struct {
		Amount             money  `json:"amount"`
		PaymentMethod      method `json:"paymentMethod"`
		Reference          string `json:"reference"`
		UserFlow           string `json:"userFlow"`
		ReturnURL          string `json:"returnUrl"`
		PaymentDescription string `json:"paymentDescription"`
	}{o.price, method{"WALLET"}, reference, "WEB_REDIRECT", p.cfg.returnURL(o),
		"Order " + o.id})
}

func (p *vippsAPI) request(_ Kind, amount money) string {
	return frozen(struct {
		ModificationAmount money `json:"modificationAmount"`
	}{amount})
}

func paymentPath(reference string) string {
	return "/epayment/v1/payments/" + url.PathEscape(reference)
}

func (p *vippsAPI) create(ctx context.Context, key, body string) (answer, error) {
	return p.call(ctx, http.MethodPost, "/epayment/v1/payments", key, body)
}

func (p *vippsAPI) read(ctx context.Context, reference string) (answer, error) {
	return p.call(ctx, http.MethodGet, paymentPath(reference), "", "")
}

func (p *vippsAPI) named(a answer, reference string) (string, error) {
	var got struct {
		Reference string `json:"reference"`
	}
	if err := a.decode(&got); err != nil {
		return "", err
	}
	if got.Reference != reference {
		return "", fmt.Errorf("the provider created the payment %q", trimmed(got.Reference))
	}
	return reference, nil
}

func (p *vippsAPI) change(ctx context.Context, kind Kind, reference, key, body string) (answer, error) {
	verb := string(kind)
	if kind == Void {
		verb = "cancel"
	}
	return p.call(ctx, http.MethodPost, paymentPath(reference)+"/"+verb, key, body)
}

func (p *vippsAPI) cancelUnapproved(ctx context.Context, reference, key string) (answer, error) {
	return p.change(ctx, Void, reference, key, `{"cancelTransactionOnly":true}`)
}

// Two of the provider's codes are documented as “try
// again with the same key”.
func (p *vippsAPI) taken(a answer) reply {
	r := a.taken()
	if r == refused && (a.hasCode("6160") || a.hasCode("6280")) {
		return unclear
	}
	return r
}

// With these codes a conflict is a refusal, and
// else it means “in progress”.
func (p *vippsAPI) changed(a answer) reply {
	if a.status == http.StatusConflict && (a.hasCode("4010") || a.hasCode("4020") || a.hasCode("4150")) {
		return refused
	}
	return p.taken(a)
}

// hasCode looks for one of the provider's error codes in a problem document.
func (a answer) hasCode(code string) bool {
	var problem struct {
		ExtraDetails []struct{ Name, Reason string }
	}
	if json.Unmarshal(a.body, &problem) != nil {
		return false
	}
	for _, detail := range problem.ExtraDetails {
		if detail.Name == "ErrorCode" && detail.Reason == code {
			return true
		}
	}
	return false
}

// call makes one call with a valid token.
func (p *vippsAPI) call(ctx context.Context, method, path, key, body string) (answer, error) {
	t, err := p.authorize(ctx)
	if err != nil {
		return answer{}, err
	}
	h := http.Header{
		"Authorization":               {"Bearer " + t.text},
		"Ocp-Apim-Subscription-Key":   {p.cfg.Account.SubscriptionKey},
		"Merchant-Serial-Number":      {p.cfg.Account.MSN},
		"Vipps-System-Name":           {"unhappypath"},
		"Vipps-System-Version":        {"1"},
		"Vipps-System-Plugin-Name":    {"reference-service"},
		"Vipps-System-Plugin-Version": {"1"},
	}
	if key != "" {
		h.Set("Idempotency-Key", key)
	}
	a, err := p.caller.call(ctx, method, p.cfg.PaymentsURL+path, h, body)
	if err == nil && a.status == http.StatusUnauthorized {
		p.forget(t)
	}
	return a, err
}

// authorize gives a valid token and renews it when it runs out. The channel
// makes it one renewal however many calls need it; those who wait for it leave
// when their own time is up.
func (p *vippsAPI) authorize(ctx context.Context) (token, error) {
	select {
	case t := <-p.token:
		if time.Now().Before(t.until) {
			p.token <- t
			return t, nil
		}
		t, err := p.renew(ctx)
		p.token <- t
		return t, err
	case <-ctx.Done():
		return token{}, ctx.Err()
	}
}

func (p *vippsAPI) renew(ctx context.Context) (token, error) {
	now := time.Now()
	a, err := p.caller.call(ctx, http.MethodPost, p.cfg.PaymentsURL+"/accesstoken/get", http.Header{
		"Client_id":                 {p.cfg.Account.ClientID},
		"Client_secret":             {p.cfg.Account.ClientSecret},
		"Ocp-Apim-Subscription-Key": {p.cfg.Account.SubscriptionKey},
		"Merchant-Serial-Number":    {p.cfg.Account.MSN},
	}, "")
	if err != nil {
		return token{}, fmt.Errorf("get an access token: %w", err)
	}
	if a.status != http.StatusOK {
		return token{}, fmt.Errorf("get an access token: status %d", a.status)
	}
	var got struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   json.RawMessage `json:"expires_in"` // seconds, as a number or as a string
	}
	if err := a.decode(&got); err != nil {
		return token{}, fmt.Errorf("get an access token: %w", err)
	}
	seconds, err := strconv.ParseFloat(strings.Trim(string(got.ExpiresIn), `"`), 64)
	if err != nil || !(seconds > 0) || got.AccessToken == "" {
		return token{}, fmt.Errorf("get an access token: the answer has no access_token or no expires_in")
	}
	lifetime := time.Duration(min(seconds, 1e8) * float64(time.Second))
	return token{got.AccessToken, now.Add(lifetime * 9 / 10)}, nil
}

// forget drops a token that the provider has refused, unless somebody has
// renewed it meanwhile.
func (p *vippsAPI) forget(refused token) {
	select {
	case t := <-p.token:
		if t.text == refused.text {
			t = token{}
		}
		p.token <- t
	default: // it is being renewed right now
	}
}

func (p *vippsAPI) notice(body []byte) (notice, error) {
	var wire struct {
		MSN          string `json:"msn"`
		Reference    string `json:"reference"`
		PSPReference string `json:"pspReference"`
		Name         string `json:"name"`
		Success      bool   `json:"success"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return notice{}, badRequest("the webhook is not the JSON document that is expected here")
	}
	n := notice{Reference: wire.Reference, Name: wire.Name, ID: wire.PSPReference}
	if n.Reference == "" || n.Name == "" || n.ID == "" ||
		len(n.event()) > 300 || strings.ContainsRune(n.event(), 0) {
		return notice{}, badRequest("the webhook lacks a reference, a name or a pspReference")
	}
	return n, nil
}

// The signature is for this host and path: a proxy in front must leave the Host header as
// it is.
func (p *vippsAPI) signed(r *http.Request, body []byte, now time.Time) error {
	date := r.Header.Get("X-Ms-Date")
	sent, err := http.ParseTime(date)
	if err != nil {
		return errors.New("the header x-ms-date holds no date")
	}
	// The header tells whole seconds.
	tolerance := p.cfg.WebhookTolerance
	if age := now.Sub(sent); age > tolerance+time.Second || age < -tolerance-time.Second {
		return errors.New("the webhook was not signed just now")
	}
	sum := sha256.Sum256(body)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	if !hmac.Equal([]byte(hash), []byte(r.Header.Get("X-Ms-Content-Sha256"))) {
		return errors.New("the header x-ms-content-sha256 is not the hash of the body")
	}
	want := "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" +
		signature(p.cfg.WebhookSecret, r.URL.RequestURI(), date, r.Host, hash)
	if !hmac.Equal([]byte(want), []byte(r.Header.Get("Authorization"))) {
		return errors.New("the webhook's signature is not the provider's")
	}
	return nil
}

func signature(secret, pathAndQuery, date, host, hash string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "POST\n%s\n%s;%s;%s", pathAndQuery, date, host, hash)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
