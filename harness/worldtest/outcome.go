package worldtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Outcome is what a case came to, as far as worlds must agree on it.
type Outcome struct {
	Verdict    judge.Verdict
	Failures   []string       // what the callers of the hit message saw: "ana timeout"
	Messages   []string       // on the wire: "checkout>shipping POST /shipments × 2"
	Ledgers    []string       // entries of the provider and the carrier: "captured 49900"
	Screen     observe.Status // the last one
	TookEffect bool
	Took       time.Duration // the first hit call, until its caller knew
}

// Story is the purchase of a case; the injection heals after the given time.
func (c Case) Story(heals time.Duration) harness.Story {
	return harness.Story{
		ID:         "world-" + strings.NewReplacer("/", "-", "_", "-").Replace(c.Name),
		Plot:       "Ana buys, and " + c.Name + " goes wrong.",
		Injections: injection.Schedule{c.Injection.Lasting(heals)},
		Script: func(s *harness.Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold(3 * time.Minute)
			s.Waits(30 * time.Second) // so that the injection heals in its own time, and not with the script
		},
	}
}

// Boil boils a run of the case down to its outcome.
func (c Case) Boil(r *judge.Run) Outcome {
	o := Outcome{Verdict: c.verdict(r), TookEffect: c.Unprovable != "" || len(r.Effects(0)) > 0, Took: c.took(r)}
	counts := map[string]int{}
	for _, e := range r.History {
		switch e.Kind {
		case observe.Failed:
			if c.isInjected(e) {
				o.Failures = append(o.Failures, e.Actor+" "+string(c.saw(e.Message.Error)))
			}
		case observe.Sent, observe.Arrived:
			if e.Message.N > 0 && c.counts(e.Message) {
				counts[fmt.Sprintf("%s %s %s", e.Message.Hop, e.Message.Method, c.template(e.Message))]++
			}
		case observe.Money, observe.Parcel:
			o.Ledgers = append(o.Ledgers, fmt.Sprintf("%s %d", e.Entry.Op, e.Entry.Amount))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		o.Messages = append(o.Messages, fmt.Sprintf("%s × %d", name, counts[name]))
	}
	o.Screen = r.FinalBook("b-ana").Screen
	return o
}

// verdict is the run's, without its ruling on an injection that cannot be proven.
func (c Case) verdict(r *judge.Run) judge.Verdict {
	v := judge.Kept
	for _, ruling := range r.Rulings {
		if c.Unprovable == "" || ruling.Promise != "every-injection-took-effect" {
			v = judge.Worse(v, ruling.Verdict)
		}
	}
	return v
}

// saw is the class of a failure. Anyone who writes on a connection that a proxy has
// just closed reads its end, or the reset that his own bytes called for: on real
// sockets it is for chance to say which of them comes first.
func (c Case) saw(class observe.Class) observe.Class {
	if c.Injection.Fault.Kind == fault.Down && class == observe.Reset {
		return observe.Ended
	}
	return class
}

func (c Case) isInjected(e observe.Event) bool {
	return e.Message != nil && e.Message.Hop == c.Hop && e.Message.Method == c.Method &&
		observe.MatchPath(c.Path, e.Message.Path)
}

// took is from the first sending of the hit message, at its caller's end,
// until the caller knew what happened to it.
func (c Case) took(r *judge.Run) time.Duration {
	for _, call := range r.Index().Calls() {
		ends := slices.Concat(call.Received, call.Failed)
		if len(call.Sent) > 0 && len(ends) > 0 && c.isInjected(r.History[call.Sent[0]]) {
			return r.History[slices.Min(ends)].At - r.History[call.Sent[0]].At
		}
	}
	return 0
}

// counts says whether a message is one that both worlds must see as often.
func (c Case) counts(m *observe.Message) bool {
	// The provider tells of a capture within 50 ms, and the shop books a parcel
	// in the same moment: whether the webhook finds a shop that is killed then,
	// and is sent again and again, is a matter of microseconds.
	killed := c.Injection.Fault.IsProcess() && m.Hop == observe.WebhookHop
	return !c.isPoll(m) && !killed
}

// isPoll says whether somebody merely looked how things stand. How often that
// happens depends on when exactly things came to pass, which is what a tolerance
// is for; looks change nothing.
func (c Case) isPoll(m *observe.Message) bool {
	switch c.route(m).Operation {
	case observe.Authenticate:
		return true
	case observe.OpenPage:
		return false
	}
	return m.Method == "GET"
}

// route is how the shop spells what the message is for; the zero Route is for what it
// does not spell.
func (c Case) route(m *observe.Message) observe.Route {
	for _, r := range c.routes {
		if r.Hop == m.Hop && r.Method == m.Method && observe.MatchPath(r.Path, m.Path) {
			return r
		}
	}
	return observe.Route{}
}

// template writes a message's path without what is different in every story.
func (c Case) template(m *observe.Message) string {
	if path := c.route(m).Path; path != "" {
		return path
	}
	path, _, _ := strings.Cut(m.Path, "?")
	return path
}

// Differences says in which of its parts the outcome is not another's. The call that
// was hit may have taken so much less there, and any longer: how busy a machine is,
// is no difference between worlds.
func (o Outcome) Differences(other Outcome, tolerance time.Duration) (list []string) {
	compare := func(what string, a, b any) {
		if fmt.Sprint(a) != fmt.Sprint(b) {
			list = append(list, fmt.Sprintf("%s: %v or %v", what, a, b))
		}
	}
	compare("verdict", o.Verdict, other.Verdict)
	compare("failures", o.Failures, other.Failures)
	compare("messages", o.Messages, other.Messages)
	compare("ledgers", o.Ledgers, other.Ledgers)
	compare("screen", o.Screen, other.Screen)
	compare("the injection took effect", o.TookEffect, other.TookEffect)
	if o.Took-other.Took > tolerance {
		list = append(list, fmt.Sprintf("the hit call took: %v or %v", o.Took, other.Took))
	}
	return list
}
