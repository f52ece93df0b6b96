package explore

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Message is the n-th message of its kind on its hop: what an injection can hit. The n-th
// payment, about which a customer decides, is one without a method and a path.
type Message struct {
	Hop observe.Hop `json:"hop"`
	// Operation is what it is for, where a route says so.
	Operation observe.Operation `json:"op,omitempty"`
	Method    string            `json:"method"`
	Path      string            `json:"path"` // a template such as "/orders/{id}"
	N         int               `json:"n"`    // from 1 among those of the same operation, or else of the same hop, method and path; 0: sent again at the end
	// Fields are the top-level fields of its JSON answer, sorted; none where no
	// answer was seen, or no such one.
	Fields []string `json:"fields,omitempty"`
	// Asks are the fields of its request that say of what value and currency it is.
	Asks []ask `json:"asks,omitempty"`
	// Body says that an answer came, and was not empty.
	Body bool `json:"body,omitempty"`
	// Repeats says that another of its kind comes later, or may: a page that hears nothing
	// sends the submit again.
	Repeats bool `json:"repeats,omitempty"`
	// Token says that its request carries an access token of the provider's.
	Token bool `json:"token,omitempty"`
}

// Kind is the message without its number: "customer>checkout PUT /orders/{id}".
func (m Message) Kind() string {
	if m.isPayment() {
		return string(m.Hop) + " " + string(m.Operation)
	}
	return string(m.Hop) + " " + m.Method + " " + m.Path
}

func (m Message) String() string {
	if m.N == 0 {
		return m.Kind() + " after the story"
	}
	return m.Kind() + " #" + strconv.Itoa(m.N)
}

// slot is what an injection's trigger picks the message by: all messages of one operation
// are counted together, however they are spelled.
func (m Message) slot() string {
	if m.isPayment() || m.Operation == "" {
		return m.String()
	}
	return string(m.Operation) + " #" + strconv.Itoa(m.N)
}

// whole is all that the message has: two that are the same have the same candidates.
func (m Message) whole() string {
	words := append([]string{m.String(), string(m.Operation), strconv.FormatBool(m.Body), strconv.FormatBool(m.Repeats), strconv.FormatBool(m.Token)}, m.Fields...)
	for _, a := range m.Asks {
		words = append(words, "", a.Name, a.Value)
	}
	return strings.Join(words, "\x00")
}

// messagesOf lists the messages that the taps counted, in the order in which they
// were first seen, and when each was under way.
func messagesOf(r *judge.Run) (list []Message, spans map[string]span) {
	spans = map[string]span{}
	count := map[injection.MessageTrigger]int{} // as the injector counts
	states := statesOf(r)
	tokens := len(r.Routes.Of(observe.Authenticate)) > 0
	for _, counted := range r.Index().Messages() {
		e := r.History[counted.Request]
		if e.Message.Copy { // the injector counts none
			continue
		}
		m := Message{
			Hop: counted.Call.Hop, Operation: e.Message.Operation,
			Method: e.Message.Method, Path: r.Index().PathTemplate(e.Message.Path),
			Asks:  asksOf(e.Message),
			Token: tokens && counted.Call.Hop == observe.ProviderHop && e.Message.Operation != observe.Authenticate,
		}
		count[m.Trigger()]++
		m.N = count[m.Trigger()]
		underWay := span{Seen: e.At, SeenIn: states[counted.Request]}
		if counted.Answer >= 0 {
			answer := r.History[counted.Answer]
			m.Body, m.Fields = answer.Message.Body != "", fieldsOf(answer.Message.Body)
			underWay.Answered, underWay.AnsweredIn = answer.At, states[counted.Answer]
		}
		spans[m.slot()] = underWay
		list = append(list, m)
	}
	for i, m := range list {
		list[i].Repeats = m.writes() && (m.Operation == observe.Submit || m.N < count[m.Trigger()])
	}
	return append(list, paymentsOf(r, spans)...), spans
}

func fieldsOf(body string) []string {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &object) != nil {
		return nil
	}
	fields := slices.Sorted(maps.Keys(object))
	return slices.DeleteFunc(fields, func(f string) bool { return f == "" || strings.ContainsAny(f, " ,:\t\n") })
}

// writes says whether the message changes something at its callee, as far as its
// operation or its method tells.
func (m Message) writes() bool {
	switch m.Operation {
	case observe.OpenPage, observe.OrderStatus, observe.Authenticate, observe.GetPayment:
		return false
	case "":
		return !m.gets()
	}
	return slices.Contains(observe.Hops(), m.Hop) || !m.gets() // of further hops, nobody knows more
}

func (m Message) gets() bool { return m.Method == http.MethodGet || m.Method == http.MethodHead }

// attempt is an injection that an exploration may try, and how soon.
type attempt struct {
	injection.Injection
	turn fault.Turn
}

// injections are all that can hit the message, the weaker ones first: before the callee
// has it, before the caller has its answer, what happens to the answer, and the hop that
// it goes on.
func (m Message) injections(processes []string) (list []attempt) {
	if m.isPayment() {
		return m.decisions()
	}
	on := m.Trigger().Nth(m.N)
	for _, phase := range []fault.Phase{fault.Arrives, fault.Answered} {
		list = append(list, tries(on, fault.Spot{Of: fault.AMessage, Phase: phase})...)
		for _, p := range processes {
			list = append(list, tries(on, fault.Spot{Of: fault.AProcess, Phase: phase, Name: p})...)
		}
	}
	if m.Hop.Caller() == observe.CustomerHop.Caller() {
		list = append(list, tries(on, fault.Spot{Of: fault.AScreen, Phase: fault.Answered})...)
	}
	if m.Repeats {
		list = append(list, tries(on, fault.Spot{Of: fault.ARepeat, Phase: fault.Arrives})...)
	}
	if m.Token {
		list = append(list, tries(on, fault.Spot{Of: fault.AToken, Phase: fault.Arrives})...)
	}
	for _, a := range m.changes(on) { // what becomes of all such answers tells more
		list = append(list, attempt{a.Injection, a.turn + 1})
	}
	for _, a := range m.Asks {
		list = append(list, tries(on, a.spot(fault.AValue))...)
		if m.Operation == observe.Submit {
			list = append(list, tries(on, a.spot(fault.ACopy))...)
		}
	}
	if m.Body {
		list = append(list, tries(on, fault.Spot{Of: fault.ABody, Phase: fault.Answered})...)
	}
	return append(list, tries(on, fault.Spot{Of: fault.AHop, Phase: fault.Arrives})...)
}

// changes are what can become of the fields of the message's answer.
func (m Message) changes(on injection.MessageTrigger) (list []attempt) {
	for _, field := range m.Fields {
		list = append(list, tries(on, fault.Spot{Of: fault.AField, Phase: fault.Answered, Name: field})...)
	}
	return list
}

// tries are what each kind of fault has to try on a spot of the message.
func tries(on injection.MessageTrigger, spot fault.Spot) (list []attempt) {
	if spot.Phase == fault.Answered {
		on = on.Answered()
	}
	for _, kind := range fault.Kinds() {
		if kind.Tries == nil {
			continue
		}
		for _, try := range kind.Tries(spot) {
			list = append(list, attempt{on.Does(try.Fault).Lasting(try.For), try.Turn})
		}
	}
	return list
}

// Trigger picks the messages of the kind: by their operation, where they have one.
func (m Message) Trigger() injection.MessageTrigger {
	if m.Operation != "" {
		return injection.On(m.Operation)
	}
	return injection.OnPath(m.Hop, m.Method, m.Path)
}

// drifts are the injections that change every message of a kind, as an update of
// the callee does, though only a later one than the first may have the field.
func (m Message) drifts() []attempt { return m.changes(m.Trigger()) }
