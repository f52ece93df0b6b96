package explore

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// Message is the n-th message of its kind on its hop: what a injection can hit.
type Message struct {
	Hop harness.Hop `json:"hop"`
	// Operation is what it is for, where a route says so.
	Operation harness.Operation `json:"op,omitempty"`
	Method    string            `json:"method"`
	Path      string            `json:"path"` // a template such as "/orders/{id}"
	N         int               `json:"n"`    // from 1 among those of the same hop, method and path
	// Fields are the top-level fields of its JSON answer, sorted; none where no
	// answer was seen, or no such one.
	Fields []string `json:"fields,omitempty"`
	// Body says that an answer came, and was not empty.
	Body bool `json:"body,omitempty"`
}

// Kind is the message without its number: "customer>checkout PUT /orders/{id}".
func (m Message) Kind() string { return fmt.Sprintf("%s %s %s", m.Hop, m.Method, m.Path) }

func (m Message) String() string { return fmt.Sprintf("%s #%d", m.Kind(), m.N) }

// messagesOf lists the messages that the taps counted, in the order in which
// they were first seen, and when each was under way.
func messagesOf(r *harness.Run) ([]Message, map[string]span) {
	type place struct {
		hop string
		n   int
	}
	var list []Message
	at := map[place]int{}
	spans := map[string]span{}
	count := map[string]int{}
	for _, e := range r.History {
		m := e.Message
		if m == nil || m.N == 0 || m.Copy || e.Actor != m.Hop { // the injector counts no copy
			continue
		}
		key := place{m.Hop, m.N}
		i, known := at[key]
		if !known {
			i = len(list)
			at[key] = i
			message := Message{Hop: harness.Hop(m.Hop), Operation: m.Operation, Method: m.Method, Path: r.PathTemplate(m.Path)}
			count[message.Kind()]++
			message.N = count[message.Kind()]
			list = append(list, message)
			spans[message.String()] = span{Seen: e.At}
		}
		if e.Kind == observe.Answered || e.Kind == observe.Received {
			list[i].Body = m.Body != ""
			spans[list[i].String()] = span{spans[list[i].String()].Seen, e.At}
			list[i].Fields = fieldsOf(m.Body)
		}
	}
	return list, spans
}

func fieldsOf(body string) []string {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &object) != nil {
		return nil
	}
	fields := slices.Sorted(maps.Keys(object))
	return slices.DeleteFunc(fields, func(f string) bool { return f == "" || strings.ContainsAny(f, " ,:\t\n") })
}

// How long injections take. They lie on either side of a client's patience, a
// service's time-out, and the lease or lock of whoever works in the background.
var (
	delays  = []time.Duration{200 * time.Millisecond, 12 * time.Second, 35 * time.Second, 100 * time.Second}
	absence = []time.Duration{2 * time.Second, 60 * time.Second} // of a killed process
	spell   = 30 * time.Second                                   // of a toxic
	silence = 100 * time.Second                                  // of a message that hangs
)

// inNobodysName is what a gateway answers in a callee's place, whether that has
// done its work or not. A refusal such as a firewall's 403 is said only of what
// did not get through: after the work is done it would be a lie, and a shop may
// go by what the provider tells it.
var inNobodysName = []int{503, 500, 429}

// injections are all that can hit the message, the weaker ones first: what comes
// late before what is doubled, what is changed before what is lost, and a death
// last.
func (m Message) injections(processes []string) []harness.Injection {
	on := m.Trigger().Nth(m.N)
	list := m.moment(on, append(inNobodysName, 403), processes)
	list = append(list, m.moment(on.Answered(), inNobodysName, processes)...)
	list = append(list, m.changes(on.Answered())...)
	return append(list, m.toxics()...)
}

// Trigger picks the messages of the kind: by their operation, where they have one.
func (m Message) Trigger() harness.MessageTrigger {
	if m.Operation != "" {
		return harness.On(m.Operation)
	}
	return harness.OnPath(m.Hop, m.Method, m.Path)
}

// moment are the injections at one moment of the message: before the callee has
// it, or before the caller has its answer.
func (m Message) moment(on harness.MessageTrigger, statuses []int, processes []string) (list []harness.Injection) {
	for _, d := range delays {
		list = append(list, on.Delays(d))
	}
	list = append(list, on.Duplicates())
	for _, status := range statuses {
		list = append(list, on.Answers(status))
	}
	list = append(list, on.Closes(), on.Resets(), on.Hangs().Lasting(silence))
	for _, p := range processes {
		for _, d := range absence {
			list = append(list, on.Kills(p).Lasting(d))
		}
	}
	return list
}

// changes are what can become of the message's answer on its way.
func (m Message) changes(on harness.MessageTrigger) (list []harness.Injection) {
	for _, field := range m.Fields {
		list = append(list,
			on.Renames(field, field+"_v2"),
			on.Drops(field), on.Retypes(field))
	}
	if m.Body {
		list = append(list, on.Truncates())
	}
	return list
}

// toxics bend the bytes of the hop from the message on.
func (m Message) toxics() (list []harness.Injection) {
	on := m.Trigger().Nth(m.N)
	for _, s := range []harness.Injection{
		on.Toxic(harness.Upstream, harness.Latency(14*time.Second)),
		on.Toxic(harness.Downstream, harness.Latency(14*time.Second)),
		on.Toxic(harness.Downstream, harness.LimitData(10)),
		on.Toxic(harness.Downstream, harness.ResetPeer(0)),
		on.Toxic(harness.Downstream, harness.Silence(0)),
		on.Down(),
	} {
		list = append(list, s.Lasting(spell))
	}
	return list
}

// drifts are the injections that change every message of a kind, as an update of
// the callee does. They are known by the first message of the kind.
func (m Message) drifts() (list []harness.Injection) {
	if m.N != 1 {
		return nil
	}
	return slices.DeleteFunc(m.changes(m.Trigger().Answered()), func(s harness.Injection) bool {
		return s.Fault.Kind == harness.TruncateFault
	})
}
