package cast

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/unhappypath/unhappypath/fakes/shipping"
	"github.com/unhappypath/unhappypath/fakes/vipps"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// A shop's account with the provider, where a description says no other. Nothing
// here is a real one's.
const (
	Merchant        = target.Merchant
	ClientID        = target.ClientID
	ClientSecret    = target.ClientSecret
	SubscriptionKey = target.SubscriptionKey
)

// approveAfter is how long a customer takes to approve a payment in her app,
// where the story does not say.
const approveAfter = 3 * time.Second

// Partners are those with whom a shop deals in one enactment, with ledgers that
// nobody else writes.
type Partners struct {
	Provider      *vipps.Provider
	Carrier       *shipping.Carrier
	WebhookSecret string
}

// Partner makes the partners of a scene. webhooks is the path at which the shop
// takes the provider's, or empty; secret is what they are signed with, or empty
// for one of this enactment. tokens are access tokens that outlive it, or nil.
func Partner(s harness.Scene, account target.Account, webhooks, secret string, tokens *vipps.Tokens) (*Partners, error) {
	provider, err := vipps.New(vipps.Config{
		MSN: account.Merchant, ClientID: account.ClientID, ClientSecret: account.ClientSecret, SubscriptionKey: account.SubscriptionKey,
		ApproveAfter: orElse(s.Story.Shop.ApproveAfter, approveAfter), Declines: s.Story.Shop.Declines, Speed: int(s.Options.Pace),
		Transport: s.Webhooks, Rand: random(s, "provider"), See: s.See, WebhookSecret: secret, Tokens: tokens,
	})
	if err != nil {
		return nil, err
	}
	carrier, err := shipping.New(shipping.Config{Speed: int(s.Options.Pace), Rand: random(s, "carrier"), See: s.See})
	if err != nil {
		provider.Close()
		return nil, err
	}
	p := &Partners{Provider: provider, Carrier: carrier}
	if webhooks != "" {
		if _, p.WebhookSecret, err = provider.RegisterWebhook(s.WebhookURL+webhooks, webhookEvents...); err != nil {
			p.Close()
			return nil, err
		}
	}
	s.Conceal(account.ClientSecret, account.SubscriptionKey, p.WebhookSecret)
	return p, nil
}

// Close ends what they would do of their own accord.
func (p *Partners) Close() {
	p.Carrier.Close()
	p.Provider.Close()
}

var webhookEvents = []string{
	"epayments.payment.created.v1", "epayments.payment.authorized.v1", "epayments.payment.aborted.v1",
	"epayments.payment.expired.v1", "epayments.payment.terminated.v1", "epayments.payment.captured.v1",
	"epayments.payment.cancelled.v1", "epayments.payment.refunded.v1",
}

// random is a source of randomness of its own for each who needs one.
func random(s harness.Scene, who string) *rand.ChaCha8 {
	var seed [32]byte
	copy(seed[:], fmt.Sprintf("%d/%s/%s", s.Options.Seed, who, s.Story.ID))
	return rand.NewChaCha8(seed)
}
