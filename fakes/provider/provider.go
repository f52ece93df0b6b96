// Package provider is what a payment provider has to be so that shops can be tested
// with it: one package with its API, its words and its ledger. A composer keeps the
// providers it knows in a Catalog and makes one for each enactment; nothing outside
// of a provider's package knows how that provider spells anything.
package provider

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Provider is a payment provider during one enactment. It is safe for concurrent
// use. Its handler answers the shop; whatever it writes into its ledger it tells
// Config.See as an event of kind observe.Money, before it answers.
type Provider interface {
	http.Handler
	// Facts are what the shop is configured with: all of Kind.Account, and
	// WebhookSecret where it sends webhooks.
	Facts() map[string]string
	// NextDue is when it next acts by itself: a webhook to be sent again, a payment
	// that expires. While it acts, that is a time which is not in the future.
	NextDue() (at time.Time, any bool)
	// Close ends what it does by itself, and returns when nothing of it runs.
	Close()
}

// WebhookSecret is the fact with which a shop checks who sent a webhook.
const WebhookSecret = "webhook_secret"

// Fact is one thing that a shop has to know of its account with a provider.
type Fact struct {
	Name   string // "client_id": a description calls it ${payments.client_id}
	Is     string // what it is, for people
	Preset string // its value where a description says no other; never a real one
	Secret bool   // no record may have it
	// Check says what is wrong with another value; nil: nothing can be.
	Check func(value string) error
}

// Kind is one payment provider, of which any number can be made.
type Kind struct {
	// Hops are what it has besides observe.ProviderHop, such as a vault on a host of
	// its own: "checkout>vault", and what answers there. The shop is told where that
	// is as ${vault.url}.
	Hops    map[observe.Hop]func(Provider) http.Handler
	Hosts   []string       // under which the real one is reached
	Routes  observe.Routes // how it spells its operations
	Account []Fact
	// Banks are what a bank can be made to do at any price, by Config.Bank.
	Banks []observe.Bank
	// Prices are amounts, in minor units, that make a bank do what a story asks for and
	// Banks has not, as providers' test environments have them.
	Prices map[observe.Bank]int64
	// Headers are those of its API that hold no secret, by their canonical names: a
	// record keeps their values.
	Headers []string
	// ForgetTokens ends all access tokens that it issued so far; nil: it issues none.
	ForgetTokens func(Provider)
	// Fail lets the next n requests that would change something fail with 409, 429, 500 or
	// 503, in the provider's own words; nil: it has none for that.
	Fail func(p Provider, n, status int)
	New  func(Config) (Provider, error)
	// Pages are what customers reach on observe.PayingHop; nil: it has none. See Answer.
	Pages func(Provider) http.Handler
	// CardCodes are the codes by which banks decline cards there, where a customer may try
	// another one for the same payment; nil: she may not.
	CardCodes []string
	// ScriptHosts are those that customers' browsers reach for a script of the provider's
	// that pages of the shop load; Pages answers there. Nil: it has none.
	ScriptHosts []string
	// Authenticates says that customers' banks may want them to authenticate a payment: see
	// Config.Authenticates.
	Authenticates bool
	// Webhooks is what handlers of its webhooks have to know; nil: they cannot be tested
	// alone.
	Webhooks *Webhooks
}

// Config is what an enactment asks of its provider. Transport, Rand and See must be
// given.
type Config struct {
	// Account is the value of each of Kind.Account, by name: see Kind.Filled.
	Account map[string]string
	// WebhookURL is where the shop takes webhooks; empty: it takes none.
	WebhookURL string
	// WebhookSecret is what webhooks are signed with, where the shop cannot be told
	// a new secret; empty: one of this enactment.
	WebhookSecret string
	// Lasts says that the shop runs on from one enactment to the next: what one
	// Provider of a Kind issued, such as an access token, the next one honours.
	Lasts bool

	ApproveAfter time.Duration // how long a customer takes to approve, in story time; negative: for ever
	Declines     int           // how many payments, from the first on, customers decline
	// Authenticates says that the bank of each customer wants her to authenticate what she
	// pays by herself (3-D Secure).
	Authenticates bool
	// Bank is what the customer's bank does, one of Kind.Banks; empty: it agrees at once.
	Bank observe.Bank
	// Decides says what the customer does about a payment, by its reference, in place of
	// approving it after ApproveAfter. The provider asks once, when it makes the payment
	// and before it answers the shop, and may hold locks meanwhile. Nil: nothing else.
	Decides func(payment string) Decision
	Speed   int // divides every time of the provider's own rules

	Transport http.RoundTripper // delivers webhooks
	// Rand is read once, by New: all ids derive from it and from the names of things.
	Rand io.Reader
	See  observe.Observer
}

// Decision is what a customer does about a payment, from the moment on when she would
// have approved it. The zero one is to approve it then.
type Decision struct {
	Declines bool // she says no
	// CardDeclined is the code by which her card is declined; she pays with another one then.
	// Only a provider that has Kind.CardCodes is told of it.
	CardDeclined string
	Never        bool          // she says nothing
	Late         time.Duration // how much later she says yes, in story time; she cannot where the payment is over by then
	// Took tells that the moment has come and the payment waits for her, so that the
	// decision makes a difference: it is called once, when the ledger has what follows from
	// it at once, and with no lock held. Nil where there is no decision.
	Took func()
}

// Catalog are the providers that a composer knows.
type Catalog struct {
	Kinds   map[string]Kind // by the name that a description says
	Default string          // where it says none
}

// Find is the kind of that name, or the default one where the name is empty.
func (c Catalog) Find(name string) (Kind, error) {
	kind, known := c.Kinds[cmp.Or(name, c.Default)]
	if !known {
		return Kind{}, fmt.Errorf("unknown provider %q: want %s", name, strings.Join(c.Names(), " or "))
	}
	return kind, nil
}

// Names are those of all kinds, sorted.
func (c Catalog) Names() []string { return slices.Sorted(maps.Keys(c.Kinds)) }

// Filled are all facts of an account of which a description sets some: the rest have
// their presets.
func (k Kind) Filled(account map[string]string) map[string]string {
	facts := map[string]string{}
	for _, f := range k.Account {
		facts[f.Name] = cmp.Or(account[f.Name], f.Preset)
	}
	return facts
}

// Secrets are the facts' values that no record may have.
func (k Kind) Secrets(facts map[string]string) (list []string) {
	for _, f := range k.Account {
		if f.Secret {
			list = append(list, facts[f.Name])
		}
	}
	return append(list, facts[WebhookSecret])
}
