package compose

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/fakes/shipping"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// approveAfter is how long a customer takes to approve a payment in her app,
// where the story does not say.
const approveAfter = 3 * time.Second

// Partners are those with whom a shop deals in one enactment, with ledgers that
// nobody else writes.
type Partners struct {
	Provider provider.Provider
	Carrier  *shipping.Carrier
	Callees  []environment.Callee // what the shop calls: the provider, the carrier, and what the provider brings
	Facts    map[string]string    // with which the shop is told of the provider
	Pages    http.Handler         // the provider's to its customers; nil: it has none
	// ForgetTokens ends the provider's access tokens; nil: it issues none.
	ForgetTokens func()
}

// Partner makes the partners of a setup. Of asked, the shop says its account, how it
// takes webhooks, and whether it outlives the enactment.
func Partner(s environment.Setup, kind provider.Kind, asked provider.Config) (*Partners, error) {
	asked.Account = kind.Filled(asked.Account)
	asked.ApproveAfter = orElse(s.Shop.ApproveAfter, approveAfter)
	asked.Declines, asked.Speed = s.Shop.Declines, int(s.Clock)
	if s.Shop.PaysAtProvider {
		asked.ApproveAfter = environment.Never // she says yes on the page
	}
	if slices.Contains(kind.Banks, s.Shop.Bank) {
		asked.Bank = s.Shop.Bank
	}
	asked.Decides = func(payment string) provider.Decision {
		d := s.Decides(payment)
		if d.Kind == fault.AnotherCard {
			if len(kind.CardCodes) == 0 {
				return provider.Decision{} // which has no effect
			}
			return provider.Decision{CardDeclined: provider.NoFunds, Took: d.Took}
		}
		return provider.Decision{Declines: d.Kind == fault.Decline, Never: d.Kind == fault.Abandon, Late: d.Duration, Took: d.Took}
	}
	asked.Transport, asked.Rand, asked.See = s.Webhooks, random(s, "provider"), s.See
	payments, err := kind.New(asked)
	if err != nil {
		return nil, err
	}
	carrier, err := shipping.New(shipping.Config{Speed: int(s.Clock), Rand: random(s, "carrier"), See: s.See})
	if err != nil {
		payments.Close()
		return nil, err
	}
	p := &Partners{Provider: payments, Carrier: carrier, Facts: payments.Facts()}
	p.Callees = []environment.Callee{{Hop: observe.ProviderHop, Handler: payments}, {Hop: observe.ShippingHop, Handler: carrier}}
	if kind.ForgetTokens != nil {
		p.ForgetTokens = func() { kind.ForgetTokens(payments) }
	}
	if kind.Pages != nil {
		p.Pages = kind.Pages(payments)
	}
	for _, hop := range slices.Sorted(maps.Keys(kind.Hops)) {
		p.Callees = append(p.Callees, environment.Callee{Hop: hop, Handler: kind.Hops[hop](payments)})
	}
	s.AddSecrets(kind.Secrets(p.Facts)...)
	s.KeepHeaders(kind.Headers...)
	return p, nil
}

// Close ends what they would do by itself.
func (p *Partners) Close() {
	p.Carrier.Close()
	p.Provider.Close()
}

// random is a source of randomness of its own for each who needs one.
func random(s environment.Setup, who string) *rand.ChaCha8 {
	var seed [32]byte
	copy(seed[:], fmt.Sprintf("%d/%s/%s", s.Seed, who, s.Story))
	return rand.NewChaCha8(seed)
}
