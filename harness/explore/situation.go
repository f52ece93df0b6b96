package explore

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// situation is how everything stands at a moment of a run, as far as anybody can see it:
// the shop's books, which the world reads, and from the history the ledgers, what the
// provider and the carrier were asked to write, the screens, what the customers did, what
// their pages called, which messages are under way and which processes run. What a process
// keeps in its memory alone is not seen.
type situation struct {
	facts    map[string]fact // by what they are about
	underWay map[*history.Call]fact
	asked    map[*history.Call]string // the request's body
}

// fact is something that is true since a time. Where it ages, it matters for how long.
type fact struct {
	is   uint64
	at   time.Duration
	ages bool
}

func (f fact) digest(about string, now time.Duration) uint64 {
	age := "for ever"
	if f.ages {
		age = (now - f.at).Round(ageGrain).String()
	}
	return add(f.is, about, age)
}

// statesOf are digests of the situation at each message that a tap told of, by the index
// of its event; none where the books could not be read.
func statesOf(r *judge.Run) map[int]uint64 {
	if len(r.BooksAt) == 0 {
		return nil
	}
	states := make(map[int]uint64, len(r.BooksAt))
	s := situation{facts: map[string]fact{}, underWay: map[*history.Call]fact{}, asked: map[*history.Call]string{}}
	for i := 0; i < len(r.History); {
		// Within an instant, the order of the history is one of names: all of it counts.
		_, after := r.Index().Instant(i)
		for j := i; j < after; j++ {
			s.learn(r, j)
		}
		for j := i; j < after; j++ {
			if books, known := r.BooksAt[judge.SightingOf(r.History[j])]; known {
				states[j] = s.digest(books, r.History[j].At)
			}
		}
		i = after
	}
	return states
}

// ageGrain is how finely ages are told apart: below it lies what the ways of a run add by
// themselves.
const ageGrain = 10 * time.Millisecond

// digest is one of the situation at a moment.
func (s situation) digest(books uint64, now time.Duration) uint64 {
	h := books
	for about, f := range s.facts {
		h += f.digest(about, now) // a sum knows no order
	}
	for _, f := range s.underWay {
		h += f.digest("under way", now)
	}
	return h
}

// learn takes note of what an event of the run tells.
func (s situation) learn(r *judge.Run, i int) {
	e := r.History[i]
	switch e.Kind {
	case observe.Money, observe.Parcel:
		entry := fmt.Sprint(e.Entry.Op, " ", e.Entry.Reference, " ", e.Entry.Amount, " ", e.Entry.Currency)
		s.count("ledger of "+e.Actor, e.At, false, entry)
		s.put("last entry of "+e.Entry.Reference, e.At, true, entry)
	case observe.Screen:
		s.put("screen of "+e.Actor+e.View.Tab, e.At, true, payload(e))
	case observe.Action:
		s.count("acts of "+e.Actor, e.At, true, payload(e))
	case observe.Process:
		s.count("stages of "+e.Life.Process, e.At, false, string(e.Life.What))
	case observe.Injected:
		// Some change what no message shows, such as the tokens that are still good. The
		// others show in everything else.
		one := dealt(r, e)
		if one.Fault.IsProvider() {
			s.count("tokens", e.At, true, string(e.Effect.What))
		}
		s.breaks(one, e)
	case observe.Sent, observe.Arrived, observe.Answered, observe.Received, observe.Failed:
		s.hear(r, i)
	}
}

// dealt is the injection of whose fate an event tells; of a run without its schedule, none.
func dealt(r *judge.Run, e observe.Event) (i injection.Injection) {
	if n := e.Effect.Injection; n < len(r.Schedule) {
		i = r.Schedule[n]
	}
	return i
}

// breaks takes note of what an injection breaks and no message tells: the connection, since
// a caller may send once more by itself what it lost on one that it had used before; and a
// call, where its caller is the shop, which tells nothing.
func (s situation) breaks(i injection.Injection, e observe.Event) {
	breaking := []fault.Kind{fault.Close, fault.Reset, fault.Truncate, fault.Stall, fault.Hang}
	if i.Fault.IsTransport() || slices.Contains(breaking, i.Fault.Kind) {
		s.put(connection(e.Effect.Hop), e.At, false, "broken")
	}
	if e.Effect.What != observe.Fired || i.Fault.Duration > 0 || i.For > 0 {
		return
	}
	for call := range s.underWay {
		if call.Name == e.Effect.Call {
			delete(s.underWay, call)
		}
	}
}

func connection(h observe.Hop) string { return "connection of " + string(h) }

// hear takes note of a message. What a fake was asked to write, and how it answered, it
// remembers for good, and the same once more changes nothing; a page and the provider's
// webhooks go by how often they tried, and when.
func (s situation) hear(r *judge.Run, i int) {
	e := r.History[i]
	m, call := e.Message, r.Index().CallOf(i)
	about := string(m.Hop) + " " + m.Method + " " + m.Path
	said := fmt.Sprint(m.Status, " ", m.Error, " ", m.Body)
	if _, known := s.underWay[call]; !known && (e.Kind == observe.Sent || e.Kind == observe.Arrived) {
		s.underWay[call] = fact{add(0, about, m.Body), e.At, true}
		s.asked[call] = m.Body
	}
	if e.ByTap() && m.Error == "" && (e.Kind == observe.Answered || e.Kind == observe.Received) {
		s.put(connection(m.Hop), e.At, false, "open")
	}
	if overAtCaller(r, call, e.At) {
		delete(s.underWay, call)
	}
	switch callee := m.Hop.Callee(); {
	case m.Hop == observe.WebhookHop: // the provider sends each until it hears that it was taken
		s.count("notice "+s.asked[call]+" to "+e.Actor, e.At, m.Status/100 != 2, string(e.Kind), strconv.Itoa(m.Status), string(m.Error))
	case !e.ByTap():
		if e.Kind == observe.Received || e.Kind == observe.Failed {
			s.put(e.Actor+" heard of "+about, e.At, true, said)
		}
	case callee != observe.CustomerHop.Callee(): // the shop called
		if (Message{Hop: m.Hop, Operation: m.Operation, Method: m.Method}).writes() {
			s.put(about+" "+said, e.At, false, said)
		}
	case e.Kind == observe.Answered || e.Kind == observe.Received:
		s.put("answer to "+about, e.At, true, said)
	default:
		s.put("last "+about, e.At, true, m.Body)
		if (Message{Hop: m.Hop, Operation: m.Operation, Method: m.Method}).writes() {
			s.count("calls of "+about, e.At, false, m.Body)
		}
	}
}

// overAtCaller says whether the caller has heard by now what came of its call.
func overAtCaller(r *judge.Run, c *history.Call, now time.Duration) bool {
	return slices.ContainsFunc(slices.Concat(c.Received, c.Failed), func(i int) bool { return r.History[i].At <= now })
}

// put takes note of a fact in place of what was known of the same.
func (s situation) put(about string, at time.Duration, ages bool, words ...string) {
	s.facts[about] = fact{add(0, words...), at, ages}
}

// count takes note of one more of many facts, whose order matters.
func (s situation) count(about string, at time.Duration, ages bool, words ...string) {
	s.facts[about] = fact{add(s.facts[about].is, words...), at, ages}
}

// overAt is when the last of what the injections did was over: they healed, the calls that
// they hit were answered or given up, copies had come, and who was killed was back.
func overAt(r *judge.Run) (over time.Duration) {
	for _, c := range r.Index().Calls() {
		if len(c.Hits) > 0 {
			for _, i := range c.Sightings() {
				over = max(over, r.History[i].At)
			}
		}
	}
	for _, e := range r.History {
		switch {
		case e.Kind == observe.Injected:
			// What hit a message, and was over with it, heals at the script's end.
			one := dealt(r, e)
			if e.Effect.What != observe.Healed || one.For > 0 || one.Fault.Spec().Dealt != fault.ByTap {
				over = max(over, e.At+one.Fault.Duration)
			}
		case e.Kind == observe.Process && e.Life.What != observe.ProcessStopped, e.Message != nil && e.Message.Copy:
			over = max(over, e.At)
		}
	}
	return over
}

// lastTrigger is when the message came, or was answered, that set off the last of a run's
// injections. Of an answer that the injection let nobody see, it is when that was dealt.
func lastTrigger(r *judge.Run) (last time.Duration) {
	for _, e := range r.History {
		if e.Kind != observe.Injected || e.Effect.What == observe.Healed || e.Effect.Call == "" {
			continue
		}
		phase := dealt(r, e).Trigger.Phase
		for _, m := range r.Index().Messages() {
			switch request := r.History[m.Request]; {
			case request.Message.Call != e.Effect.Call || request.Message.Copy:
			case phase != fault.Answered:
				last = max(last, request.At)
			case m.Answer >= 0:
				last = max(last, r.History[m.Answer].At)
			default:
				last = max(last, e.At)
			}
		}
	}
	return last
}
