package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Provider is the payment provider that this checkout deals with, and WebhookPath
// where it takes its webhooks.
const (
	Provider    = "vipps"
	WebhookPath = "/webhooks/vipps"
)

// AccountSettings are the settings of the environment that say what the checkout has
// to know of its account with the provider.
func AccountSettings(account map[string]string) []string {
	return []string{
		"CHECKOUT_PAYMENTS_MSN=" + account["merchant"],
		"CHECKOUT_PAYMENTS_CLIENT_ID=" + account["client_id"],
		"CHECKOUT_PAYMENTS_CLIENT_SECRET=" + account["client_secret"],
		"CHECKOUT_PAYMENTS_SUBSCRIPTION_KEY=" + account["subscription_key"],
		"CHECKOUT_WEBHOOK_SECRET=" + account["webhook_secret"],
	}
}

// provider speaks Vipps MobilePay ePayment, version 1, as its published
// OpenAPI document describes it.
type provider struct {
	cfg    Config
	caller *caller
	token  chan token // holds the one token; whoever takes it out may renew it
}

type token struct {
	text  string
	until time.Time
}

func newProvider(cfg Config, c *caller) *provider {
	p := &provider{cfg: cfg, caller: c, token: make(chan token, 1)}
	p.token <- token{}
	return p
}

// payment is what the provider knows of one payment. State stays AUTHORIZED
// after capture, refund and cancel; the aggregate tells.
type payment struct {
	Reference string `json:"reference"`
	State     string `json:"state"`
	Amount    *money `json:"amount"`
	Aggregate *struct {
		Authorized *money `json:"authorizedAmount"`
		Cancelled  *money `json:"cancelledAmount"`
		Captured   *money `json:"capturedAmount"`
		Refunded   *money `json:"refundedAmount"`
	} `json:"aggregate"`
}

func (p payment) captured() int64 { return p.Aggregate.Captured.Value }
func (p payment) kept() int64     { return p.captured() - p.Aggregate.Refunded.Value }

// reserved is what the provider still holds of the customer's money for us.
func (p payment) reserved() int64 {
	if p.State != "AUTHORIZED" {
		return 0
	}
	return p.Aggregate.Authorized.Value - p.captured() - p.Aggregate.Cancelled.Value
}

// readPayment checks that an answer speaks of the payment we mean and says all
// that we rely on. Anything less is as good as no answer.
func (s *Service) readPayment(a answer, reference string, price money) (payment, error) {
	var p payment
	if err := a.decode(&p); err != nil {
		return payment{}, err
	}
	g := p.Aggregate
	if g == nil || g.Authorized == nil || g.Cancelled == nil || g.Captured == nil || g.Refunded == nil || p.Amount == nil {
		return payment{}, fmt.Errorf("the provider's answer lacks an amount: %v", a)
	}
	switch p.State {
	case "CREATED", "AUTHORIZED", "ABORTED", "EXPIRED", "TERMINATED":
	default:
		return payment{}, fmt.Errorf("the provider tells an unknown state %q", trimmed(p.State))
	}
	if p.Reference != reference {
		return payment{}, fmt.Errorf("the provider speaks of the payment %q instead of %q", trimmed(p.Reference), reference)
	}
	if s.has(amountCheck) && *p.Amount != price {
		return payment{}, fmt.Errorf("the payment %s is of %v instead of %v", reference, *p.Amount, price)
	}
	return p, nil
}

func paymentPath(reference string) string {
	return "/epayment/v1/payments/" + url.PathEscape(reference)
}

// look reads a payment. The second answer says whether there is one; an error
// means that nothing is known.
func (s *Service) look(ctx context.Context, reference string, price money) (payment, bool, error) {
	a, err := s.provider.call(ctx, http.MethodGet, paymentPath(reference), "", "")
	switch {
	case err != nil:
		return payment{}, false, err
	case a.status == http.StatusNotFound:
		return payment{}, false, nil
	case a.status != http.StatusOK:
		return payment{}, false, fmt.Errorf("read the payment %s: %v", reference, a)
	}
	p, err := s.readPayment(a, reference, price)
	return p, err == nil, err
}

// call makes one call with a valid token.
func (p *provider) call(ctx context.Context, method, path, key, body string) (answer, error) {
	t, err := p.authorize(ctx)
	if err != nil {
		return answer{}, err
	}
	h := http.Header{
		"Authorization":               {"Bearer " + t.text},
		"Ocp-Apim-Subscription-Key":   {p.cfg.PaymentsSubscriptionKey},
		"Merchant-Serial-Number":      {p.cfg.PaymentsMSN},
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
func (p *provider) authorize(ctx context.Context) (token, error) {
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

func (p *provider) renew(ctx context.Context) (token, error) {
	now := time.Now()
	a, err := p.caller.call(ctx, http.MethodPost, p.cfg.PaymentsURL+"/accesstoken/get", http.Header{
		"Client_id":                 {p.cfg.PaymentsClientID},
		"Client_secret":             {p.cfg.PaymentsClientSecret},
		"Ocp-Apim-Subscription-Key": {p.cfg.PaymentsSubscriptionKey},
		"Merchant-Serial-Number":    {p.cfg.PaymentsMSN},
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
func (p *provider) forget(refused token) {
	select {
	case t := <-p.token:
		if t.text == refused.text {
			t = token{}
		}
		p.token <- t
	default: // it is being renewed right now
	}
}
