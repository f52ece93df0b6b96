package harness

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Scene is what a world offers to those who take part in a story.
type Scene struct {
	Story   Story
	Options Options
	See     Observer
	// Conceal names literal secrets that no record may have.
	Conceal func(secrets ...string)
	// ShopURL is where customers reach the shop, through a proxy and a tap.
	ShopURL string
	// WebhookURL is where the provider reaches the shop, likewise, without a path.
	WebhookURL string
	// Clean is a text without secrets, for those who cut it afterwards.
	Clean func(string) string
	// Webhooks carries the provider's webhooks.
	Webhooks http.RoundTripper
	// Dialer gives the one of that name his way into the world's network.
	Dialer func(who string) func(ctx context.Context, network, address string) (net.Conn, error)
}

// Troupe is who takes part, beside the shop.
type Troupe struct {
	Provider, Carrier http.Handler
	// Tab gives a customer a page.
	Tab func(customer, tab string) (Tab, error)
	// Reads is what the front end reads from which answer; see tap.Config.
	Reads map[string][]string
	// Apart tells apart the customers' messages that share a method and a path.
	Apart []Apart
	// Told finds what the shop tells of an order in something that was seen.
	Told func(Event) (observe.Entry, bool)
	// Due is when somebody outside of the shop will next do something of his own
	// accord: a webhook to be sent again, a payment that runs out. Nil: never.
	Due func() (time.Time, bool)
	// Quiet is for how long nothing is seen before the shop is at rest: longer
	// than its longest time-out, lease and back-off, in story time.
	Quiet time.Duration
	// Close takes down what the cast has built. Nil: nothing.
	Close func() error
}

// HearTheShop records what the shop tells of its orders, in whatever was seen.
func (t Troupe) HearTheShop(r *Recorder) {
	r.Hook(func(e Event) {
		if entry, told := t.Told(e); told {
			heard := entry
			r.See(Event{Actor: "checkout", Kind: observe.Order, Entry: &heard})
		}
	})
}

// Stillness is what a world looks at to know whether it has come to rest.
type Stillness struct {
	Recorder *Recorder
	Pace     Pace
	Troupe   Troupe
	InFlight func() int // messages under way
}

// restPoll bounds how long the end of a silence may be overlooked.
const restPoll = 5 * time.Millisecond

// Await waits until nothing was seen for the quiet time, no message is under
// way, and nobody outside has anything left to do.
func (s Stillness) Await(ctx context.Context) error {
	quiet := s.Pace.Real(s.Troupe.Quiet)
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
			if pending {
				return fmt.Errorf("the world did not come to rest: the provider still has something to do %s from now, and the harness gave up",
					Spell(s.Pace.Story(time.Until(due))))
			}
			if s.Recorder.Silence() >= quiet {
				return fmt.Errorf("the world did not come to rest: nothing moved for %s any more, and still %s had no answer when the harness gave up",
					Spell(s.Troupe.Quiet), messages(s.InFlight()))
			}
			return fmt.Errorf("the world did not come to rest: something moved every %s until the harness gave up, with %s under way",
				Spell(s.Troupe.Quiet), messages(s.InFlight()))
		}
	}
}

func (s Stillness) due() (time.Time, bool) {
	if s.Troupe.Due == nil {
		return time.Time{}, false
	}
	return s.Troupe.Due()
}
