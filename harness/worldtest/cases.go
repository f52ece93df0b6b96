package worldtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// Case is a purchase with one thing that goes wrong.
type Case struct {
	Name      string
	Hop       observe.Hop // of the message that is hit
	Method    string
	Path      string
	Injection injection.Injection
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
	token       bool // its request carries an access token
	repeats     bool // its caller sends it again
	// How many bytes its request and its answer have in their bodies, about.
	request, answer int

	observe.Route // how the shop spells it
	routes        observe.Routes
}

// putBefore puts a toxic on requests in place before the request goes by: where the tap stands
// at the far end, it sees a request too late for that.
func (m message) putBefore(s injection.Injection) injection.Injection {
	if m.before == "" {
		return s
	}
	r := m.routes.Of(m.before)[0]
	return s.AtMessage(r.Method, r.Path, 1)
}

func (m message) putWhenItComes(s injection.Injection) injection.Injection {
	return s.AtMessage(m.Method, m.Path, 1)
}

var messages = []message{
	{name: "page", is: observe.OpenPage, answer: 5000},
	{name: "submit", is: observe.Submit, before: observe.OpenPage, repeats: true, field: "status", request: 90, answer: 160},
	{name: "payment", is: observe.CreatePayment, before: observe.CreatePayment, token: true, field: "reference", asks: "/amount/value", request: 250, answer: 120},
	{name: "capture", is: observe.Capture, before: observe.Capture, token: true, field: "state", request: 60, answer: 300},
	{name: "parcel", is: observe.BookParcel, before: observe.BookParcel, field: "id", request: 50, answer: 85},
	{name: "webhook", is: observe.PaymentWebhook, request: 300},
}

// Cases lists every fault on every message that it can hit, at a shop that spells its
// operations so.
func Cases(routes observe.Routes) (list []Case) {
	for _, m := range messages {
		m.Route, m.routes = routes.Of(m.is)[0], routes
		for _, kind := range fault.Kinds() {
			list = append(list, m.cases(kind)...)
		}
	}
	return list
}

// cases are the rows of a kind of fault on the message.
func (m message) cases(kind fault.Spec) (list []Case) {
	if kind.Only != "" {
		return nil
	}
	on := injection.OnPath(m.Hop, m.Method, m.Path).Nth(1)
	names := map[string]int{}
	for _, spot := range m.spots() {
		for _, f := range kind.Rows(spot) {
			on, part := on, "request"
			if spot.Phase == fault.Answered {
				on, part = on.Answered(), "answer"
			}
			s := on.Does(f)
			switch kind.Dealt {
			case fault.ByProxy:
				part = string(f.Direction)
				s = m.installed(f)
			case fault.ByCustomer:
				part = ""
				s = injection.On(m.is).ResubmitsAfterRestarting(f.Process)
			case fault.ByDecision:
				part = ""
				s = injection.OnPayment(1).Does(f)
			}
			name := strings.TrimSuffix(string(kind.Kind)+"-"+part, "-")
			if names[name]++; names[name] > 1 {
				name = fmt.Sprintf("%s-%d", name, names[name])
			}
			list = append(list, Case{
				Name: m.name + "/" + name, Hop: m.Hop, Method: m.Method, Path: m.Path,
				Injection: s, Unprovable: m.unprovable(kind, f), routes: m.routes,
			})
		}
	}
	return list
}

// spots are the places of the message at which faults can hit.
func (m message) spots() (list []fault.Spot) {
	for _, phase := range []fault.Phase{fault.Arrives, fault.Answered} {
		list = append(list, fault.Spot{Of: fault.AMessage, Phase: phase}, fault.Spot{Of: fault.AProcess, Phase: phase, Name: "checkout"})
	}
	if m.asks != "" {
		list = append(list, fault.Spot{Of: fault.AField, Phase: fault.Arrives, Name: m.asks})
	}
	if m.field != "" {
		list = append(list, fault.Spot{Of: fault.AField, Phase: fault.Answered, Name: m.field})
	}
	if m.Hop == observe.CustomerHop {
		list = append(list, fault.Spot{Of: fault.AScreen, Phase: fault.Arrives}, fault.Spot{Of: fault.AScreen, Phase: fault.Answered})
	}
	if m.repeats {
		list = append(list, fault.Spot{Of: fault.ARepeat, Phase: fault.Arrives})
	}
	if m.token {
		list = append(list, fault.Spot{Of: fault.AToken, Phase: fault.Arrives})
	}
	if m.answer > 0 {
		list = append(list, fault.Spot{Of: fault.ABody, Phase: fault.Answered})
	}
	if m.is == observe.Submit {
		list = append(list, fault.Spot{Of: fault.AnEnd}, fault.Spot{Of: fault.AnEnd, Name: "checkout"})
	}
	if m.is == observe.CreatePayment {
		list = append(list, fault.Spot{Of: fault.APayment})
	}
	return append(list, fault.Spot{Of: fault.AHop, Phase: fault.Arrives})
}

// installed is a fault of bytes, put in place in time.
func (m message) installed(f fault.Fault) injection.Injection {
	s := injection.Injection{Hop: m.Hop, Fault: f}
	if f.Direction == fault.Downstream {
		return m.putWhenItComes(s)
	}
	return m.putBefore(s)
}

// unprovable says why nobody can see that the fault took effect on this message, or "".
func (m message) unprovable(kind fault.Spec, f fault.Fault) string {
	if kind.Proof.HoldsUp == nil {
		return kind.Proof.None
	}
	bytes := m.request
	if f.Direction == fault.Downstream {
		bytes = m.answer
	}
	if kind.Proof.HoldsUp(f, bytes) < 400*time.Millisecond {
		return "its body is too short for the delay to be told from a busy machine's"
	}
	return ""
}

// Only says what only one world can stage, and why.
type Only struct {
	World, What, Why string
	Fault            fault.Fault // the zero one where it is no fault
}

// OnlyOn lists what only one world can stage.
func OnlyOn() []Only {
	list := []Only{
		{"wire", "a real browser", "it lives in real time", fault.Fault{}},
		{"wire", "PostgreSQL", "a bubble's clock stands still while somebody waits for a real socket", fault.Fault{}},
		{"virtual", "hours", "on the wire they would take hours, or minutes at the divided clock", fault.Fault{}},
	}
	for _, kind := range fault.Kinds() {
		if kind.Only != "" {
			for _, f := range kind.Rows(fault.Spot{Of: fault.AProcess, Name: "checkout"}) {
				list = append(list, Only{kind.Only, kind.Does, kind.Why, f})
			}
		}
	}
	return list
}
