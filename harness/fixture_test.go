package harness_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
)

// The words in which the tests of this package write down a history by hand:
//
//	run(
//		at(0, clicks(49900)),
//		at(1, authorized("b-ana-1", 49900), captured("b-ana-1", 49900)),
//		at(2, booked("b-ana-1"), told("b-ana-1", "shipped"), screen("shipped")),
//	)
//
// Everything happens to Ana, who wants the basket "b-ana"; see by for others.

type moment []Event

// at is what everybody saw at a second of the story.
func at(second float64, events ...Event) moment {
	for i := range events {
		events[i].At = time.Duration(second * float64(time.Second))
	}
	return events
}

func run(moments ...moment) *Run {
	r := &Run{ID: "x/wire/kept", Story: "x", World: "wire", Clock: 1, Expects: "kept", Patience: 30 * time.Second}
	seqs := map[string]int{}
	for _, m := range moments {
		for _, e := range m {
			seqs[e.Actor]++
			e.Seq = seqs[e.Actor]
			r.History = append(r.History, e)
		}
	}
	return r
}

// dueOf is a click of which the provider is to take another amount than the page
// showed.
func dueOf(e Event, due int64) Event {
	e.Act.Due = due
	return e
}

// noCarrier is a run in which nobody was told where the goods are.
func noCarrier(r *Run) *Run {
	r.NoCarrier = true
	return r
}

// by lets somebody else than Ana do or see it, with a basket of her own.
func inTab(tab string, e Event) Event {
	e.Act.Tab = tab
	return e
}

func by(name string, e Event) Event {
	e.Actor = name
	if e.Act != nil {
		e.Act.Basket = "b-" + name
	}
	if e.View != nil {
		e.View.Basket = "b-" + name
	}
	return e
}

func does(what observe.Verb) Event {
	return Event{Actor: "ana", Kind: observe.Action, Act: &observe.Act{Does: what, Basket: "b-ana"}}
}

func clicks(amount int64) Event {
	e := does("clicks")
	e.Act.Amount, e.Act.Money = amount, "NOK"
	return e
}

func screen(says observe.Status) Event {
	return Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: says, Basket: "b-ana"}}
}

func told(reference string, state observe.Status) Event {
	return Event{Actor: "checkout", Kind: observe.Order, Entry: &observe.Entry{
		Op: "told", Reference: reference, State: state, Basket: "b-ana",
	}}
}

func money(op observe.EntryOp, reference string, amount int64) Event {
	return Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{
		Op: op, Reference: reference, Amount: amount, Currency: "NOK",
	}}
}

func authorized(reference string, amount int64) Event { return money("authorized", reference, amount) }
func captured(reference string, amount int64) Event   { return money("captured", reference, amount) }
func refunded(reference string, amount int64) Event   { return money("refunded", reference, amount) }
func released(reference string, amount int64) Event   { return money("cancelled", reference, amount) }

func parcel(op observe.EntryOp, reference string) Event {
	return Event{Actor: "carrier", Kind: observe.Parcel, Entry: &observe.Entry{Op: op, Reference: reference}}
}

func booked(reference string) Event { return parcel("booked", reference) }

func message(kind observe.Kind, actor string, hop Hop, call string) Event {
	return Event{Actor: actor, Kind: kind, Message: &observe.Message{
		Hop: string(hop), Call: call, Method: "PUT", Path: "/orders/b-ana-1",
	}}
}

// The two ends of the customer's hop.
func sent(call string) Event { return message(observe.Sent, "ana", CustomerHop, call) }
func arrived(call string) Event {
	return message(observe.Arrived, "customer>checkout", CustomerHop, call)
}
func answered(call string) Event {
	return message(observe.Answered, "customer>checkout", CustomerHop, call)
}
func received(call string) Event { return message(observe.Received, "ana", CustomerHop, call) }
func failed(call string, class observe.Class) Event {
	e := message(observe.Failed, "ana", CustomerHop, call)
	e.Message.Error = class
	return e
}

func injected(injection int, what observe.Fate) Event {
	return Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{Injection: injection, What: what}}
}

// bought is the happy path up to its last second, 4.
func bought() []moment {
	return []moment{
		at(0, screen("ready"), clicks(49900), screen("waiting")),
		at(1, told("b-ana-1", "pending"), authorized("b-ana-1", 49900)),
		at(2, captured("b-ana-1", 49900)),
		at(3, booked("b-ana-1"), told("b-ana-1", "shipped")),
		at(4, screen("shipped")),
	}
}

// happy is a whole story in which all went well, and what is added to it.
func happy(more ...moment) *Run { return run(append(bought(), more...)...) }

// judged is the ruling of one standard promise on the run.
func judged(r *Run, promise string) Ruling {
	r.Judge(StandardPromises())
	if ruling := r.Ruling(promise); ruling != nil {
		return *ruling
	}
	panic("there is no promise " + promise)
}

func note(actor, text string) Event { return Event{Actor: actor, Kind: observe.Note, Text: text} }
