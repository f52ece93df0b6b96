package target

import "cmp"

// A shop's account with the provider, where its description says no other: a
// service that runs already is set to it, or says its own. Nothing here is a real
// one's.
const (
	Merchant        = "123456"
	ClientID        = "b7a9f8f0-client"
	ClientSecret    = "canary-client-secret"
	SubscriptionKey = "canary-subscription-key"
)

// Account is a shop's account with the provider.
type Account struct{ Merchant, ClientID, ClientSecret, SubscriptionKey string }

// TheAccount is the one that nobody has to describe.
func TheAccount() Account { return (&Target{}).Account() }

// Account is the shop's account.
func (t *Target) Account() Account {
	p := t.Payments
	return Account{
		cmp.Or(p.Merchant, Merchant), cmp.Or(p.ClientID, ClientID),
		cmp.Or(p.ClientSecret, ClientSecret), cmp.Or(p.SubscriptionKey, SubscriptionKey),
	}
}
