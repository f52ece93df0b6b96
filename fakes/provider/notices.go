package provider

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Webhooks is what a handler of webhooks has to know of a provider, and nothing else of
// it: which notices a purchase brings, and how one is signed. All functions are pure.
type Webhooks struct {
	// Purchases are the courses that a payment may take, from its beginning.
	Purchases []Purchase
	// Sign puts the headers on a request that prove who sent the body, at that time, and
	// returns the body to send: body itself, or one that has the proof in it. Of several
	// secrets, as during a rotation, the last is the one that the handler knows.
	Sign func(r *http.Request, body []byte, at time.Time, secrets ...string) []byte
	// Tolerance is how old a signature may be; 0: the provider says nothing of it.
	Tolerance time.Duration
	// Ordered says that a payment's notices arrive in order: one that is refused holds
	// up the later ones of its payment.
	Ordered bool
	// Forgeries are further ways to forge a notice, by name, beside those that Sign
	// makes.
	Forgeries map[string]Forgery
	// IDs are the names under which the provider knows the things of a purchase, such as
	// its payment: a shop may have to be told before the notices come.
	IDs func(Wish) map[string]string
	// Secret is one as the provider makes them, for an example.
	Secret string
}

// Wish is the purchase that notices tell of.
type Wish struct {
	Reference string            // the shop's name for it
	Amount    int64             // in minor units
	Currency  string            // three capital letters
	At        time.Time         // when it began
	Metadata  map[string]string // what the shop gave the provider to keep; nil: the usual
}

// Forgery is a way to forge a notice. Forge changes a request that was signed with the
// secret.
type Forgery struct {
	Is    string // how it comes, for people: "with an old signature under a new time"
	Forge func(r *http.Request, body []byte, at time.Time, secret string)
}

// The effects that a handler may have.
const (
	Paid     = string(observe.StatusPaid)
	Refunded = string(observe.StatusRefunded)
	Disputed = "disputed"
)

var effects = []string{Paid, Refunded, Disputed}

// RefundedAmount is how much money a handler has booked as given back, in minor units.
const RefundedAmount = "refunded_amount"

// Purchase is one course of a payment.
type Purchase struct {
	Name string // "refunded"
	Is   string // what happens, for people
	// Effects are those that a right handler has when all notices have come. One that is
	// twice in the list it has twice.
	Effects []string
	// May are those that a right handler may have once: some act when money is held, and
	// some when it is taken.
	May []string
	// Back is how much she gets back; nil: nothing.
	Back    func(Wish) int64
	Notices func(Wish) []Notice // in the order in which things happen
}

// Due is how often a right handler has an effect.
func (p Purchase) Due(effect string) (n int) {
	for _, e := range p.Effects {
		if e == effect {
			n++
		}
	}
	return n
}

// Notice is one webhook: the provider sends it until it is taken, so it may come twice.
type Notice struct {
	// Name is the provider's name of the event, unique in the purchase and without white
	// space. The second of a name has #2 at its end.
	Name string
	// Of is the effect that it belongs to; "": a refusal's.
	Of string
	// Total says that it tells what all notices of its effect come to until then, so that
	// one which comes late may stand for several.
	Total bool
	Body  []byte
}

// Event is the provider's name of the event.
func (n Notice) Event() string {
	event, _, _ := strings.Cut(n.Name, "#")
	return event
}

// Check says all that is wrong with w. The test of a list of providers calls it of each.
func (w Webhooks) Check() error {
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if w.Sign == nil || w.IDs == nil || len(w.Secret) < shortestSecret {
		add("webhooks lack Sign, IDs or a Secret of %d characters or more", shortestSecret)
	}
	names := map[string]bool{}
	for _, p := range w.Purchases {
		if p.Name == "" || p.Is == "" || p.Notices == nil || names[p.Name] {
			add("the purchase %q lacks a name of its own, what it is, or notices", p.Name)
			continue
		}
		names[p.Name] = true
		for _, e := range slices.Concat(p.Effects, p.May) {
			if !slices.Contains(effects, e) {
				add("the purchase %q has the effect %q: want %s", p.Name, e, strings.Join(effects, ", "))
			}
		}
		one := p.Notices(Wish{Reference: "r-1", Amount: 49900, Currency: "NOK", At: time.Unix(1, 0)})
		seen := map[string]bool{}
		for _, n := range one {
			if n.Name == "" || strings.ContainsAny(n.Name, " ,+:\t\n") || seen[n.Name] || len(n.Body) == 0 {
				add("the notice %q of %q lacks a name of its own in one word, or a body", n.Name, p.Name)
			}
			seen[n.Name] = true
		}
		if p.Due(Refunded) > 0 && p.Back == nil {
			add("the purchase %q does not say how much comes back", p.Name)
		}
		if len(one) == 0 {
			add("the purchase %q has no notices", p.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.Forgeries)) {
		if f := w.Forgeries[name]; f.Forge == nil || f.Is == "" || name == "" || strings.ContainsAny(name, " ,+") {
			add("the forgery %q lacks a name in one word, what it is, or what it does", name)
		}
	}
	if !names[Paid] {
		add("no purchase is %s", Paid)
	}
	return errors.Join(wrong...)
}

// Find is the purchase of that name.
func (w Webhooks) Find(name string) (Purchase, error) {
	var names []string
	for _, p := range w.Purchases {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Purchase{}, fmt.Errorf("unknown purchase %q: want %s", name, strings.Join(names, " or "))
}
