package adyen

import (
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Operations that other providers may lack.
const (
	PaymentDetails  observe.Operation = "PaymentDetails"
	CancelReference observe.Operation = "CancelByReference"
)

// pagePath is where a customer's browser is sent to pay.
const pagePath = "/checkoutshopper/checkoutPaymentRedirect"

// Routes are how the provider spells its operations. Where it sends webhooks, the shop
// says.
func Routes() observe.Routes {
	list := make(observe.Routes, 0, len(operations)+2)
	for _, op := range operations {
		list = append(list, observe.Route{Operation: op.is, Hop: observe.ProviderHop, Method: http.MethodPost, Path: op.path})
	}
	return append(list,
		observe.Route{Operation: observe.PayAtProvider, Hop: observe.PayingHop, Method: http.MethodGet, Path: pagePath},
		observe.Route{Operation: observe.ApproveAtProvider, Hop: observe.PayingHop, Method: http.MethodPost, Path: pagePath})
}

// Kind is Adyen Checkout, for a composer.
func Kind() provider.Kind {
	return provider.Kind{
		Hosts: []string{"checkout-test.adyen.com"}, Routes: Routes(),
		Account: []provider.Fact{
			{Name: "api_key", Is: "the shop's API key, which begins with test_ here", Preset: "test_canary0api0key", Secret: true, Check: CheckAPIKey},
			{Name: "merchant_account", Is: "the shop's merchant account", Preset: "UnhappyPathECOM", Check: checkMerchant},
		},
		Banks:   []observe.Bank{observe.RejectingBank},
		Prices:  map[observe.Bank]int64{observe.SilentBank: silentAmount},
		Headers: []string{"Pspreference", "Transient-Error"},
		Pages:   func(p provider.Provider) http.Handler { return p.(*Provider).Pages() },
		New:     dealt, Webhooks: Webhooks(),
	}
}

// dealt is a Provider for a composer.
func dealt(c provider.Config) (provider.Provider, error) {
	fails := 0
	if c.Bank == observe.RejectingBank {
		fails = 1
	}
	p, err := New(Config{
		APIKey: c.Account["api_key"], MerchantAccount: c.Account["merchant_account"], HMACKey: c.WebhookSecret, WebhookURL: c.WebhookURL,
		ApproveAfter: c.ApproveAfter, Declines: c.Declines, FailCaptures: fails, Decides: c.Decides, Speed: c.Speed,
		Transport: c.Transport, Rand: c.Rand, See: c.See,
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Facts are what the shop is configured with; see provider.Provider.
func (p *Provider) Facts() map[string]string {
	facts := map[string]string{"api_key": p.cfg.APIKey, "merchant_account": p.cfg.MerchantAccount}
	if p.hook != nil {
		facts[provider.WebhookSecret] = p.cfg.HMACKey
	}
	return facts
}

var (
	keyShape      = regexp.MustCompile(`^test_\w{8,}$`)
	merchantShape = regexp.MustCompile(`^\w{3,80}$`)
)

// CheckAPIKey says what is wrong with a key. A real key of Adyen's does not tell whether
// it is for tests, so the fake takes such only as no account can have.
func CheckAPIKey(key string) error {
	if !keyShape.MatchString(key) {
		return errors.New("invalid API key: want one that no real account has, test_ and 8 or more letters, digits or _")
	}
	return nil
}

func checkMerchant(name string) error {
	if !merchantShape.MatchString(name) {
		return errors.New("invalid merchant account: want 3 to 80 letters, digits or _")
	}
	return nil
}

// checkHMACKey says what is wrong with the key of webhooks.
func checkHMACKey(text string) error {
	if key, err := hex.DecodeString(text); err != nil || len(key) != 32 {
		return errors.New("invalid HMAC key: want 64 hexadecimal digits")
	}
	return nil
}

// IsPage says whether a path is that of the page where a customer pays.
func IsPage(path string) bool { return path == pagePath }
