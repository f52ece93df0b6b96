package stripe

import (
	"fmt"
	"net/http"
	"regexp"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// silentAmount, in minor units of any currency, is one about which the bank says nothing
// for an hour. Stripe has no such amount: what is silent there is a method of payment.
const silentAmount = 20100

// Hosts are the names under which Stripe is reached: by shops, and by customers' browsers.
func Hosts() []string { return []string{"api.stripe.com", "js.stripe.com"} }

// Kind is Stripe, for a composer.
func Kind() provider.Kind {
	return provider.Kind{
		Hosts: Hosts(), Routes: Routes(),
		Account: []provider.Fact{
			{Name: "secret_key", Is: "the shop's secret key of the test mode", Preset: "sk_test_canary0secret0key", Secret: true, Check: CheckSecretKey},
			{Name: "publishable_key", Is: "the key of the test mode that its page has", Preset: "pk_test_of0the0page", Check: checkPublishableKey},
		},
		Prices:  map[observe.Bank]int64{observe.SilentBank: silentAmount},
		Headers: []string{"Stripe-Version", "Request-Id", "Idempotent-Replayed", "Original-Request", "Stripe-Should-Retry", "Stripe-Rate-Limited-Reason"},
		Pages:   func(p provider.Provider) http.Handler { return p.(*Provider).Pages() },
		Fail: func(p provider.Provider, n, status int) {
			p.(*Provider).Fail(n, map[int]Failure{409: KeyInUse, 429: RateLimited, 500: Broken, 503: Unavailable}[status])
		},
		CardCodes: cardCodes(), Authenticates: true,
		New: dealt, Webhooks: Webhooks(), ScriptHosts: Hosts(),
	}
}

// dealt is a Provider for a composer.
func dealt(c provider.Config) (provider.Provider, error) {
	p, err := New(Config{
		SecretKey: c.Account["secret_key"], PublishableKey: c.Account["publishable_key"],
		ApproveAfter: c.ApproveAfter, Declines: c.Declines, Authenticates: c.Authenticates, Decides: c.Decides, Speed: c.Speed,
		Transport: c.Transport, Rand: c.Rand, See: c.See, WebhookSecret: c.WebhookSecret,
	})
	if err != nil || c.WebhookURL == "" {
		return p, err
	}
	if _, _, err := p.RegisterWebhook(c.WebhookURL); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Facts are what the shop is configured with; see provider.Provider.
func (p *Provider) Facts() map[string]string {
	facts := map[string]string{"secret_key": p.cfg.SecretKey, "publishable_key": p.cfg.PublishableKey}
	p.mu.Lock()
	defer p.mu.Unlock()
	if all := p.endpoints.list; len(all) > 0 {
		facts[provider.WebhookSecret] = all[0].secrets[0].text
	}
	return facts
}

// LiveKeyError says that a key is one of the live mode, with which a mistake costs
// money. It never holds the key.
type LiveKeyError struct{ Prefix string } // such as "sk_live_"

func (e *LiveKeyError) Error() string {
	return fmt.Sprintf("a key of the live mode (%s…): want one of the test mode, such as sk_test_… or pk_test_…", e.Prefix)
}

// CheckNoLiveKey fails with a *LiveKeyError where a text has a key of the live mode
// anywhere in it.
func CheckNoLiveKey(text string) error {
	if prefix := observe.LiveKey(text); prefix != "" {
		return &LiveKeyError{Prefix: prefix}
	}
	return nil
}

var (
	secretShape      = regexp.MustCompile(`^(?:sk|rk)_test_[0-9A-Za-z_]{8,240}$`)
	publishableShape = regexp.MustCompile(`^pk_test_[0-9A-Za-z_]{4,240}$`)
)

// CheckSecretKey says what is wrong with a secret key: one of the live mode is a
// *LiveKeyError.
func CheckSecretKey(value string) error {
	if err := CheckNoLiveKey(value); err != nil {
		return err
	}
	if !secretShape.MatchString(value) {
		return fmt.Errorf("invalid secret key: want sk_test_ or rk_test_, and 8 letters and digits or more")
	}
	return nil
}

func checkPublishableKey(value string) error {
	if err := CheckNoLiveKey(value); err != nil {
		return err
	}
	if !publishableShape.MatchString(value) {
		return fmt.Errorf("invalid publishable key: want pk_test_, and 4 letters and digits or more")
	}
	return nil
}
