// Package judgetest writes the history of a run by hand, so that the test of a promise
// says in a few lines what everybody saw:
//
//	run := RunOf(
//		At(0, Clicks(49900)),
//		At(1, Authorized("b-ana-1", 49900), Captured("b-ana-1", 49900)),
//		At(2, Booked("b-ana-1"), Told("b-ana-1", observe.StatusShipped), Screen(observe.StatusShipped)),
//	)
//
// Everything happens to Ana, who wants the basket "b-ana"; see By for others. Amounts
// are in øre.
package judgetest

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Moment is what everybody saw at one time of the story.
type Moment []observe.Event

// At is what everybody saw at a second of the story.
func At(second float64, events ...observe.Event) Moment {
	for i := range events {
		events[i].At = time.Duration(second * float64(time.Second))
	}
	return events
}

// RunOf is a run in which that was seen, and that nobody judged yet.
func RunOf(moments ...Moment) *judge.Run {
	r := &judge.Run{ID: "x/wire/kept", Story: "x", World: "wire", Clock: 1, Expects: "kept", Patience: 30 * time.Second}
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

// Bought is a purchase in which all goes well, up to its last second, 4.
func Bought() []Moment {
	return []Moment{
		At(0, Screen(observe.StatusReady), Clicks(49900), Screen(observe.StatusWaiting)),
		At(1, Told("b-ana-1", "pending"), Authorized("b-ana-1", 49900)),
		At(2, Captured("b-ana-1", 49900)),
		At(3, Booked("b-ana-1"), Told("b-ana-1", observe.StatusShipped)),
		At(4, Screen(observe.StatusShipped)),
	}
}

// Happy is a run in which all went well, and what is added to it.
func Happy(more ...Moment) *judge.Run { return RunOf(append(Bought(), more...)...) }

// Judged is the ruling of one standard promise on the run.
func Judged(r *judge.Run, promise string) judge.Ruling {
	r.Judge(judge.StandardPromises())
	if ruling := r.Ruling(promise); ruling != nil {
		return *ruling
	}
	panic("there is no promise " + promise)
}

// NoCarrier is the run where nobody was told where the goods are.
func NoCarrier(r *judge.Run) *judge.Run {
	r.NoCarrier = true
	return r
}

// By lets somebody other than Ana do or see it, with a basket of her own.
func By(name string, e observe.Event) observe.Event {
	e.Actor = name
	if e.Act != nil {
		e.Act.Basket = "b-" + name
	}
	if e.View != nil {
		e.View.Basket = "b-" + name
	}
	return e
}

// InTab lets it be done in that tab.
func InTab(tab string, e observe.Event) observe.Event {
	e.Act.Tab = tab
	return e
}

// Does is what Ana does.
func Does(what observe.Verb) observe.Event {
	return observe.Event{Actor: "ana", Kind: observe.Action, Act: &observe.Act{Does: what, Basket: "b-ana"}}
}

// Clicks is her click on a page that shows the amount.
func Clicks(amount int64) observe.Event {
	e := Does(observe.Clicks)
	e.Act.Amount, e.Act.Money = amount, "NOK"
	return e
}

// DueOf is a click of which the provider is to take another amount than the page
// showed.
func DueOf(e observe.Event, due int64) observe.Event {
	e.Act.Due = &due
	return e
}

// Screen is what her screen says.
func Screen(says observe.Status) observe.Event {
	return observe.Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: says, Basket: "b-ana"}}
}

// Told is an answer in which the shop tells the state of an order.
func Told(reference string, state observe.Status) observe.Event {
	return observe.Event{Actor: "checkout", Kind: observe.Order, Entry: &observe.Entry{
		Op: observe.OrderTold, Reference: reference, State: state, Basket: "b-ana",
	}}
}

// Money is an entry of the provider's ledger.
func Money(op observe.EntryOp, reference string, amount int64) observe.Event {
	return observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{
		Op: op, Reference: reference, Amount: amount, Currency: "NOK",
	}}
}

// Authorized reserves money.
func Authorized(reference string, amount int64) observe.Event {
	return Money(observe.MoneyAuthorized, reference, amount)
}

// Captured charges it.
func Captured(reference string, amount int64) observe.Event {
	return Money(observe.MoneyCaptured, reference, amount)
}

// Refunded pays it back.
func Refunded(reference string, amount int64) observe.Event {
	return Money(observe.MoneyRefunded, reference, amount)
}

// Released gives up what was reserved.
func Released(reference string, amount int64) observe.Event {
	return Money(observe.MoneyCancelled, reference, amount)
}

// Parcel is an entry of the carrier's ledger.
func Parcel(op observe.EntryOp, reference string) observe.Event {
	return observe.Event{Actor: "carrier", Kind: observe.Parcel, Entry: &observe.Entry{Op: op, Reference: reference}}
}

// Booked is a parcel that the carrier took on.
func Booked(reference string) observe.Event { return Parcel(observe.ParcelBooked, reference) }

// Message is what one end of a hop saw of a call to PUT /orders/b-ana-1.
func Message(kind observe.Kind, actor string, hop observe.Hop, call string) observe.Event {
	return observe.Event{Actor: actor, Kind: kind, Message: &observe.Message{
		Hop: hop, Call: call, Method: "PUT", Path: "/orders/b-ana-1",
	}}
}

func atCustomer(kind observe.Kind, call string) observe.Event {
	return Message(kind, "ana", observe.CustomerHop, call)
}

func atShop(kind observe.Kind, call string) observe.Event {
	return Message(kind, string(observe.CustomerHop), observe.CustomerHop, call)
}

// Sent is a request of hers that leaves.
func Sent(call string) observe.Event { return atCustomer(observe.Sent, call) }

// Arrived is a request of hers that reaches the shop.
func Arrived(call string) observe.Event { return atShop(observe.Arrived, call) }

// Answered is an answer that leaves the shop.
func Answered(call string) observe.Event { return atShop(observe.Answered, call) }

// Received is an answer that reaches her.
func Received(call string) observe.Event { return atCustomer(observe.Received, call) }

// Failed is a call of hers that ends without an answer.
func Failed(call string, class observe.Class) observe.Event {
	e := atCustomer(observe.Failed, call)
	e.Message.Error = class
	return e
}

// Injected is the fate of an injection, by its place in the schedule.
func Injected(injection int, what observe.Fate) observe.Event {
	return observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{Injection: injection, What: what}}
}

// Note is a remark.
func Note(actor, text string) observe.Event {
	return observe.Event{Actor: actor, Kind: observe.Note, Text: text}
}
