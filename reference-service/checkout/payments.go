package checkout

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// payments is a payment provider's API, as far as the checkout needs it. What its
// answers come to in the end is decided elsewhere, and for all providers alike.
//
// A payment is asked for under a reference of ours. From its creation on it is known by
// what named says, which is the same or the provider's own id.
type payments interface {
	// createRequest freezes the request for a payment.
	createRequest(o order, reference string) string
	// request freezes the body of what changes a payment by an amount: capture or refund.
	request(kind Kind, amount money) string

	create(ctx context.Context, key, body string) (answer, error)
	// named is the reference of the payment that an accepted create made.
	named(a answer, reference string) (string, error)
	// landing is where the answer to an accepted create sends the customer, or "".
	landing(a answer) string
	// read asks for a payment that may be there: its answer's status is 200 or 404.
	read(ctx context.Context, reference string) (answer, error)
	// change asks for a capture, a cancel or a refund. An accepted one is answered with the
	// payment.
	change(ctx context.Context, kind Kind, reference, key, body string) (answer, error)
	// cancelUnapproved asks for a cancel that only concerns a payment which its customer
	// has not approved.
	cancelUnapproved(ctx context.Context, reference, key string) (answer, error)

	// taken reads the answer to create, and changed the one to a change.
	taken(a answer) reply
	changed(a answer) reply
	// payment reads what an answer says of a payment. Anything less than all that we rely
	// on is an error.
	payment(a answer, reference string) (payment, error)

	// signed verifies that the provider signed the webhook, just now.
	signed(r *http.Request, body []byte, now time.Time) error
	// notice reads a webhook.
	notice(body []byte) (notice, error)
}

// providerKind is one payment provider that the checkout can be paid by.
type providerKind struct {
	title      string
	currencies []string // in which it takes money, the usual one first
	settings   []setting
	// account are the settings that say what the checkout has to know of its account.
	account func(facts map[string]string) []string
	// tellsLater says that nobody can ask how a payment stands: a change is answered before
	// it is made, and only webhooks tell what came of it. See answer.later.
	tellsLater bool
	new        func(Config, *caller, inbox) payments
}

// maxAmount is what every provider takes in one payment, in minor units.
const maxAmount = 65_000_000

// Account is the shop's account with its provider: of each, what its settings are.
type Account struct {
	MSN, ClientID, ClientSecret, SubscriptionKey string
	SecretKey                                    string
	APIKey, MerchantAccount                      string
}

// DefaultProvider is whom the checkout is paid by where CHECKOUT_PAYMENTS says no other.
const DefaultProvider = "vipps"

var providers = sync.OnceValue(func() map[string]providerKind {
	return map[string]providerKind{"vipps": vippsKind(), "stripe": stripeKind(), "adyen": adyenKind()}
})

// Providers are the names of all providers that the checkout can be paid by, sorted.
func Providers() []string { return slices.Sorted(maps.Keys(providers())) }

// WebhookPath is where a provider's webhooks are taken.
func WebhookPath(provider string) string { return "/webhooks/" + provider }

// AccountSettings are the settings of the environment that say by whom the checkout is
// paid, and what it has to know of its account there.
func AccountSettings(provider string, facts map[string]string) []string {
	return append(providers()[provider].account(facts),
		"CHECKOUT_PAYMENTS="+provider, "CHECKOUT_WEBHOOK_SECRET="+facts["webhook_secret"])
}

// providerSettings are those of the provider that an environment chooses.
func providerSettings(chosen string) ([]setting, error) {
	kind, known := providers()[chosen]
	if !known {
		return nil, fmt.Errorf("CHECKOUT_PAYMENTS is %q: valid are %s", chosen, strings.Join(Providers(), ", "))
	}
	return slices.Concat([]setting{
		{"CHECKOUT_PAYMENTS", DefaultProvider, "payment provider: " + strings.Join(Providers(), ", "), true,
			text(func(c *Config) *string { return &c.Payments })},
		{"CHECKOUT_PAYMENTS_URL", "", "URL of the payment provider (" + kind.title + ")", true,
			address(func(c *Config) *string { return &c.PaymentsURL })},
	}, kind.settings, []setting{
		{"CHECKOUT_CURRENCY", kind.currencies[0], strings.Join(kind.currencies, ", "), true,
			oneOf(func(c *Config) *string { return &c.Currency }, kind.currencies...)},
	}), nil
}
