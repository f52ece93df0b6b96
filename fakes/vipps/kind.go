package vipps

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Hosts are the names under which the test environment is reached.
func Hosts() []string { return []string{"apitest.vipps.no"} }

// Kind is Vipps MobilePay, for a composer.
func Kind() provider.Kind {
	lasting := new(Tokens)
	return provider.Kind{
		Hosts: Hosts(), Routes: Routes(),
		Account: []provider.Fact{
			{Name: "merchant", Is: "the shop's serial number with the provider", Preset: "123456", Check: checkMSN},
			{Name: "client_id", Is: "its name there", Preset: "b7a9f8f0-client"},
			{Name: "client_secret", Is: "its password there", Preset: "canary-client-secret", Secret: true},
			{Name: "subscription_key", Is: "its subscription there", Preset: "canary-subscription-key", Secret: true},
		},
		Prices: map[observe.Bank]int64{observe.SilentBank: amountUnknown},
		Headers: []string{
			"Merchant-Serial-Number", "Vipps-System-Name", "Vipps-System-Version", "Vipps-System-Plugin-Name", "Vipps-System-Plugin-Version",
			"X-Ms-Content-Sha256", "X-Ms-Date",
		},
		Pages:        func(p provider.Provider) http.Handler { return p.(*Provider).Pages() },
		ForgetTokens: func(p provider.Provider) { p.(*Provider).ForgetTokens() },
		CardCodes:    slices.Clone(cardCodes),
		New:          func(c provider.Config) (provider.Provider, error) { return dealt(c, lasting) },
		Webhooks:     Webhooks(),
	}
}

// dealt is a Provider for a composer; tokens are those of shops that last.
func dealt(c provider.Config, lasting *Tokens) (provider.Provider, error) {
	cfg := Config{
		MSN: c.Account["merchant"], ClientID: c.Account["client_id"],
		ClientSecret: c.Account["client_secret"], SubscriptionKey: c.Account["subscription_key"],
		ApproveAfter: c.ApproveAfter, Declines: c.Declines, Decides: c.Decides, Speed: c.Speed,
		Transport: c.Transport, Rand: c.Rand, See: c.See, WebhookSecret: c.WebhookSecret,
	}
	if c.Lasts {
		cfg.Tokens = lasting
	}
	p, err := New(cfg)
	if err != nil {
		return nil, err
	}
	if c.WebhookURL != "" {
		if _, _, err := p.RegisterWebhook(c.WebhookURL); err != nil {
			p.Close()
			return nil, err
		}
	}
	return p, nil
}

func checkMSN(value string) error {
	if !msnForm.MatchString(value) {
		return fmt.Errorf("invalid serial number %q: want 4 to 6 digits", value)
	}
	return nil
}

// Facts are what the shop is configured with; see provider.Provider.
func (p *Provider) Facts() map[string]string {
	facts := map[string]string{
		"merchant": p.cfg.MSN, "client_id": p.cfg.ClientID,
		"client_secret": p.cfg.ClientSecret, "subscription_key": p.cfg.SubscriptionKey,
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.hooks) > 0 {
		facts[provider.WebhookSecret] = p.hooks[0].secret
	}
	return facts
}
