package harness

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Setup is what a world offers to those who take part in a story.
type Setup struct {
	Story   Story
	Options Options
	See     Observer
	// AddSecrets says which secrets no record may have.
	AddSecrets func(secrets ...string)
	// KeepHeaders says which headers hold no secret, by their canonical names.
	KeepHeaders func(names ...string)
	// ShopURL is where customers reach the shop, through a proxy and a tap.
	ShopURL string
	// WebhookURL is where the provider reaches the shop, likewise, without a path.
	WebhookURL string
	// Redact takes the secrets out of a text that is truncated afterwards.
	Redact func(string) string
	// Webhooks carries the provider's webhooks.
	Webhooks http.RoundTripper
	// Dialer gives the one of that name his way into the world's network.
	Dialer func(who string) func(ctx context.Context, network, address string) (net.Conn, error)
}

// Parts is who takes part, beside the shop.
type Parts struct {
	// Callees are the services that the shop calls, each on a hop of its own.
	Callees []Callee
	// Tab gives a customer a page.
	Tab func(customer, tab string) (Tab, error)
	// Reads is what the front end reads from which answer; see tap.Config.
	Reads map[string][]string
	// IsLook says which of the customers' messages ask how an order stands and
	// change nothing: such a look is no movement while its answer stays the same.
	// Nil: every GET.
	IsLook func(observe.Message) bool
	// Told finds what the shop tells of an order in something that was seen.
	Told func(Event) (observe.Entry, bool)
	// Due is when somebody outside of the shop will next do something of his own
	// accord: a webhook to be sent again, a payment that runs out. Nil: never.
	Due func() (time.Time, bool)
	// Quiet is for how long nothing moves before the shop is at rest: longer
	// than its longest time-out, lease and back-off, in story time.
	Quiet time.Duration
	// Close takes down what the cast has built. Nil: nothing.
	Close func() error
}

// Callee is a service that the shop calls.
type Callee struct {
	Hop     Hop
	Handler http.Handler
	Port    int // where the shop finds it on this machine; zero: wherever there is room
}

// Looks says whether a message is a customer's look: see IsLook.
func (t Parts) Looks(m observe.Message) bool {
	switch {
	case Hop(m.Hop) != CustomerHop:
		return false
	case t.IsLook != nil:
		return t.IsLook(m)
	}
	return m.Method == http.MethodGet
}

// HearTheShop records what the shop tells of its orders, in whatever was seen, and
// knows looks after them from other messages.
func (t Parts) HearTheShop(r *Recorder) {
	r.Looks(t.Looks)
	r.Hook(func(e Event) {
		if entry, told := t.Told(e); told {
			heard := entry
			r.See(Event{Actor: "checkout", Kind: observe.Order, Entry: &heard})
		}
	})
}

// Quiescence is what a world looks at to know whether it has come to rest.
type Quiescence struct {
	Recorder *Recorder
	Clock    Clock
	Parts    Parts
	InFlight func() int // messages under way
}

// restPoll bounds how long the end of a silence may be overlooked.
const restPoll = 5 * time.Millisecond

// Await waits until nothing moved for the quiet time, no message is under way,
// and nobody outside has anything left to do. A page that looks and is told the
// same as before moves nothing.
func (s Quiescence) Await(ctx context.Context) error {
	quiet := s.Clock.Real(s.Parts.Quiet)
	for {
		wait := max(restPoll, quiet-s.Recorder.Silence())
		due, pending := s.due()
		switch {
		case pending:
			wait = max(restPoll, time.Until(due))
		case s.Recorder.Silence() >= quiet && s.InFlight() == 0:
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("the world did not come to rest: %s", s.unrest(due, pending))
		}
	}
}

// unrest says why the world is not at rest.
func (s Quiescence) unrest(due time.Time, pending bool) string {
	silence := s.Recorder.Silence()
	last := fmt.Sprintf("the last thing that moved was %s, %s before",
		s.Recorder.LastMoved(), FormatDuration(s.Clock.Story(silence)))
	switch {
	case pending:
		return fmt.Sprintf("the provider still has something to do %s from now, and the harness gave up",
			FormatDuration(s.Clock.Story(time.Until(due))))
	case silence >= s.Clock.Real(s.Parts.Quiet):
		return fmt.Sprintf("%s still had no answer when the harness gave up; %s", messages(s.InFlight()), last)
	}
	return fmt.Sprintf("it never stood still for %s before the harness gave up, with %s under way; %s",
		FormatDuration(s.Parts.Quiet), messages(s.InFlight()), last)
}

// Patience is for how long, in story time, a world may take to come to rest: so
// long, and in any case long enough to see it at rest.
func (t Parts) Patience(atLeast time.Duration) time.Duration { return max(atLeast, 2*t.Quiet) }

func (s Quiescence) due() (time.Time, bool) {
	if s.Parts.Due == nil {
		return time.Time{}, false
	}
	return s.Parts.Due()
}
