package worldtest

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// Case is a purchase with one thing that goes wrong.
type Case struct {
	Name      string
	Hop       harness.Hop // of the message that is hit
	Method    string
	Path      string
	Injection harness.Injection
	// Unprovable says why nobody can see in messages that the injection took effect, or "".
	Unprovable string

	routes observe.Routes
}

// message is one kind of message of a purchase.
type message struct {
	name   string
	is     observe.Operation
	before observe.Operation // when a toxic on its requests is put in place; "": when the script starts
	// Fields of the JSON answer and of the request; "" where that has none.
	field, asks string
	// How many bytes its request and its answer have in their bodies, about.
	request, answer int

	observe.Route // how the shop spells it
	routes        observe.Routes
}

// putBefore puts a toxic on requests in place before the request goes by: where the tap stands
// at the far end, it sees a request too late for that.
func (m message) putBefore(s harness.Injection) harness.Injection {
	if m.before == "" {
		return s
	}
	r := m.routes.Of(m.before)[0]
	return s.AtMessage(r.Method, r.Path, 1)
}

func (m message) putWhenItComes(s harness.Injection) harness.Injection {
	return s.AtMessage(m.Method, m.Path, 1)
}

var messages = []message{
	{name: "page", is: observe.OpenPage, answer: 5000},
	{name: "submit", is: observe.Submit, before: observe.OpenPage, field: "status", request: 90, answer: 160},
	{name: "payment", is: observe.CreatePayment, before: observe.CreatePayment, field: "reference", asks: "/amount/value", request: 250, answer: 120},
	{name: "capture", is: observe.Capture, before: observe.Capture, field: "state", request: 60, answer: 300},
	{name: "parcel", is: observe.BookParcel, before: observe.BookParcel, field: "id", request: 50, answer: 80},
	{name: "webhook", is: observe.PaymentWebhook, request: 300},
}

// Cases lists every fault on every message that it can hit, at a shop that spells its
// operations so.
func Cases(routes observe.Routes) (list []Case) {
	for _, m := range messages {
		m.Route, m.routes = routes.Of(m.is)[0], routes
		list = append(list, m.transport()...)
		list = append(list, m.injections()...)
		list = append(list, m.kills()...)
	}
	return list
}

func (m message) add(list *[]Case, name string, s harness.Injection, unprovable string) {
	*list = append(*list, Case{
		Name: m.name + "/" + name, Hop: m.Hop, Method: m.Method, Path: m.Path, Injection: s, Unprovable: unprovable, routes: m.routes,
	})
}

// transport are the faults of bytes, on requests and on answers.
func (m message) transport() (list []Case) {
	for _, d := range []harness.Direction{harness.Upstream, harness.Downstream} {
		put, bytes := m.putBefore, m.request
		if d == harness.Downstream {
			put, bytes = m.putWhenItComes, m.answer
		}
		for _, f := range []struct {
			fault harness.Fault
			slows time.Duration // by which it holds up so many bytes, where that is its proof
			proof bool
		}{
			{harness.Latency(14 * time.Second), 0, true},
			{harness.Bandwidth(1), time.Duration(bytes) * time.Second / 1024, false},
			{harness.Silence(5 * time.Second), 0, true},
			{harness.ResetPeer(3 * time.Second), 0, true},
			{harness.SlowClose(5 * time.Second), 0, false},
			{harness.Slicer(20, 100*time.Millisecond), time.Duration(bytes/20) * 100 * time.Millisecond, false},
			{harness.LimitData(10), 0, true},
		} {
			unprovable := ""
			switch {
			case f.fault.Kind == fault.SlowClose:
				unprovable = "a farewell is no message"
			case !f.proof && f.slows < 400*time.Millisecond:
				unprovable = "its body is too short for the delay to be told from a busy machine's"
			}
			m.add(&list, fmt.Sprintf("%s-%s", f.fault.Kind, d), put(harness.Toxic(m.Hop, d, f.fault)), unprovable)
		}
	}
	m.add(&list, "down", m.putBefore(harness.Down(m.Hop)), "")
	return list
}

// injections are the faults of one message, before it arrives and after it was
// answered.
func (m message) injections() (list []Case) {
	on := harness.OnPath(m.Hop, m.Method, m.Path).Nth(1)
	for phase, on := range map[string]harness.MessageTrigger{"request": on, "answer": on.Answered()} {
		m.add(&list, "hang-"+phase, on.Hangs(), "")
		m.add(&list, "close-"+phase, on.Closes(), "")
		m.add(&list, "reset-"+phase, on.Resets(), "")
		m.add(&list, "delay-"+phase, on.Delays(4*time.Second), "")
		m.add(&list, "duplicate-"+phase, on.Duplicates(), "")
		if phase == "request" {
			m.add(&list, "duplicate-later", on.DuplicatesAfter(100*time.Millisecond), "")
		}
		m.add(&list, "answer-503-"+phase, on.Answers(503), "")
	}
	if m.answer > 0 {
		m.add(&list, "truncate", on.Truncates(), "")
	}
	for _, part := range []struct {
		of, field string
		on        harness.MessageTrigger
	}{{"", m.field, on.Answered()}, {"-request", m.asks, on}} {
		if part.field != "" {
			m.add(&list, "rename"+part.of, part.on.Renames(part.field, "renamed"), "")
			m.add(&list, "drop"+part.of, part.on.Drops(part.field), "")
			m.add(&list, "retype"+part.of, part.on.Retypes(part.field), "")
		}
	}
	return list
}

// kills are the shop's deaths before the callee has the message, and after it
// has done its work.
func (m message) kills() (list []Case) {
	on := harness.OnPath(m.Hop, m.Method, m.Path).Nth(1)
	m.add(&list, "kill-before", on.Kills("checkout"), "")
	m.add(&list, "kill-after", on.Answered().Kills("checkout"), "")
	return list
}

// OnlyOn says what only one world can stage, and why.
var OnlyOn = []struct {
	World, What, Why string
	Fault            harness.Fault // the zero one where it is no fault
}{
	{"wire", "a paused shop", "goroutines cannot be stopped as SIGSTOP stops a process", harness.Fault{Kind: fault.Pause, Process: "checkout"}},
	{"wire", "a real browser", "it lives in real time", harness.Fault{}},
	{"wire", "PostgreSQL", "a bubble's clock stands still while somebody waits for a real socket", harness.Fault{}},
	{"virtual", "hours", "on the wire they would take hours, or minutes at the divided clock", harness.Fault{}},
}
