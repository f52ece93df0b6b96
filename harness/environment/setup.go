package environment

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Brief is what there is to know of an enactment before its environment is built.
type Brief struct {
	Story    string // its id
	World    string
	Database string
	Clock    units.Clock
	Seed     uint64
	Without  []string // safeguards switched off
	// Routes are how the shop, its provider and its carrier spell operations.
	Routes     observe.Routes
	Browser    bool               // the customers sit at a real browser
	Shop       Shop               // what is special about the shop
	Injections injection.Schedule // what will go wrong
	Books      bool               // digests of the shop's books are asked for, at each message
	Early      *Early             // nil: the quiet time is waited for
}

// Build builds an environment for one enactment. What is seen there, the recorder is told.
type Build func(context.Context, Brief, *Recorder) (Environment, error)

// Setup is what a world offers to those who take part in a story.
type Setup struct {
	Brief
	See observe.Observer
	// AddSecrets says which secrets no record may have.
	AddSecrets func(secrets ...string)
	// KeepHeaders says which headers hold no secret, by their canonical names.
	KeepHeaders func(names ...string)
	// ShopURL is where customers reach the shop, through a proxy and a tap.
	ShopURL string
	// WebhookURL is where the provider reaches the shop, likewise, without a path.
	WebhookURL string
	// PagesURL is where customers reach the provider's pages, through a proxy and a tap; ""
	// where the story has none.
	PagesURL string
	// SafePages lets customers' browsers reach the provider's pages over TLS too, and
	// returns the host and port, through a proxy and a tap. Nil: this world has no browsers.
	SafePages func(*tls.Config) (address string, err error)
	// Redact takes the secrets out of a text that is truncated afterwards.
	Redact func(string) string
	// Decides says what the customer does about a payment that was asked for just now.
	Decides func(payment string) injection.Decision
	// Webhooks carries the provider's webhooks.
	Webhooks http.RoundTripper
	// Dialer is how a participant of that name dials in the world's network.
	Dialer func(who string) func(ctx context.Context, network, address string) (net.Conn, error)
}

// Parts is who takes part, beside the shop.
type Parts struct {
	// Callees are the services that the shop calls, each on a hop of its own.
	Callees []Callee
	// Pages are the provider's to its customers. Nil: it has none.
	Pages http.Handler
	// Tab gives a customer a page.
	Tab func(customer, tab string) (Tab, error)
	// Reads is what the front end reads from which answer; see tap.Config.
	Reads map[string][]string
	// IsLook says which of the customers' messages ask how an order stands and
	// change nothing: such a look is no movement while its answer stays the same.
	// Nil: every GET.
	IsLook func(observe.Message) bool
	// Told finds what the shop tells of an order in something that was seen.
	Told func(observe.Event) (observe.Entry, bool)
	// Due is when something outside the shop will next act by itself: a webhook to be sent again, a payment that runs out. Nil: never.
	Due func() (time.Time, bool)
	// ForgetTokens ends the access tokens that the provider issued. Nil: it issues none.
	ForgetTokens func()
	// Quiet is for how long nothing moves before the shop is at rest: longer
	// than its longest time-out, lease and back-off, in story time.
	Quiet time.Duration
	// Close takes down what the composer has built. Nil: nothing.
	Close func() error
}

// Callee is a service that the shop calls.
type Callee struct {
	Hop     observe.Hop
	Handler http.Handler
	Port    int    // where the shop finds it on this machine; zero: wherever there is room
	PortBy  string // the setting that says so, for an error
	// TLS is how its callers' connections are encrypted, up to the tap; nil: they are not.
	TLS *tls.Config
}

// MustPay says what is missing where a story's customers pay on the provider's page.
func (t Parts) MustPay() error {
	if t.Pages == nil {
		return errors.New("the story's customers pay on the provider's page, and this provider has none")
	}
	return nil
}

// Looks says whether a message is a customer's look: see IsLook.
func (t Parts) Looks(m observe.Message) bool {
	switch {
	case m.Hop != observe.CustomerHop:
		return false
	case t.IsLook != nil:
		return t.IsLook(m)
	}
	return m.Method == http.MethodGet
}

// Forget lets the provider forget its access tokens.
func (t Parts) Forget() error {
	if t.ForgetTokens == nil {
		return errors.New("no access token can expire: this provider issues none")
	}
	t.ForgetTokens()
	return nil
}

// HearTheShop records what the shop tells of its orders, in whatever was seen, and
// knows looks after them from other messages.
func (t Parts) HearTheShop(r *Recorder) {
	r.Looks(t.Looks)
	r.Hook(func(e observe.Event) {
		if entry, told := t.Told(e); told {
			heard := entry
			r.See(observe.Event{Actor: "checkout", Kind: observe.Order, Entry: &heard})
		}
	})
}

// Patience is for how long, in story time, a world may take to come to rest: so
// long, and in any case long enough to see it at rest.
func (t Parts) Patience(atLeast time.Duration) time.Duration { return max(atLeast, 2*t.Quiet) }

// ErrNotReady is why a world could not be built in which a process of the shop ended before
// it was ready, or was not ready in time.
var ErrNotReady = errors.New("not ready")
