package reports_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/reports"
)

const price = 49900

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// reel takes down a history by hand.
type reel struct {
	history judge.History
	seqs    map[string]int
	now     time.Duration
	calls   int
}

func newReel() *reel { return &reel{seqs: map[string]int{}} }

// at turns to a second of the story.
func (r *reel) at(seconds float64) *reel {
	r.now = time.Duration(seconds * float64(time.Second))
	return r
}

// in lets so many milliseconds pass.
func (r *reel) in(ms int) *reel {
	r.now += time.Duration(ms) * time.Millisecond
	return r
}

func (r *reel) see(e observe.Event) {
	r.seqs[e.Actor]++
	e.At, e.Seq = r.now, r.seqs[e.Actor]
	r.history = append(r.history, e)
}

func (r *reel) opens() {
	r.see(observe.Event{Actor: "ana", Kind: observe.Action, Act: &observe.Act{Does: "opens", Basket: "b-ana"}})
	r.in(80).screen("ready", "Pay NOK 499.00")
}

func (r *reel) clicks() {
	r.see(observe.Event{Actor: "ana", Kind: observe.Action, Act: &observe.Act{
		Does: "clicks", Basket: "b-ana", Order: "b-ana-1", Amount: price, Money: "NOK"}})
}

func (r *reel) screen(says observe.Status, text string) {
	r.see(observe.Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: says, Text: text, Basket: "b-ana"}})
}

func (r *reel) message(actor string, kind observe.Kind, hop observe.Hop, call, method, path string, status int, body string) {
	r.see(observe.Event{Actor: actor, Kind: kind, Message: &observe.Message{
		Hop: hop, Call: call, Method: method, Path: path, Status: status, Body: body,
		Header: map[string]string{"Content-Type": "application/json", "Authorization": redact.Mask},
	}})
}

// asks lets the customer's request arrive at the checkout, and names the call.
func (r *reel) asks(method, path, body string) string {
	r.calls++
	call := fmt.Sprintf("ana-%d", r.calls)
	r.message("ana", observe.Sent, observe.CustomerHop, call, method, path, 0, body)
	r.in(4).message("customer>checkout", observe.Arrived, observe.CustomerHop, call, method, path, 0, body)
	return call
}

func (r *reel) answers(call, method, path string, status int, body string) {
	r.message("customer>checkout", observe.Answered, observe.CustomerHop, call, method, path, status, body)
}

func (r *reel) hears(call, method, path string, status int, body string) {
	r.message("ana", observe.Received, observe.CustomerHop, call, method, path, status, body)
}

func (r *reel) fails(call, method, path string, why observe.Class) {
	r.see(observe.Event{Actor: "ana", Kind: observe.Failed, Message: &observe.Message{
		Hop: observe.CustomerHop, Call: call, Method: method, Path: path, Error: why}})
}

// service is a call of the checkout to one of the fakes; what the fake does
// in it, do tells.
func (r *reel) service(hop observe.Hop, fake, method, path, body string, status int, do func()) {
	r.calls++
	call := fmt.Sprintf("%s#%d", hop, r.calls)
	r.message(string(hop), observe.Sent, hop, call, method, path, 0, body)
	r.in(3).message(fake, observe.Arrived, hop, call, method, path, 0, body)
	if do != nil {
		do()
	}
	answer := fmt.Sprintf(`{"reference":"b-ana-1","amount":{"value":%d,"currency":"NOK"},"state":"ok"}`, price)
	r.in(2).message(fake, observe.Answered, hop, call, method, path, status, answer)
	r.in(3).message(string(hop), observe.Received, hop, call, method, path, status, answer)
}

func (r *reel) money(op observe.EntryOp, reference, key string) {
	r.see(observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{
		Op: op, Reference: reference, Key: key, Amount: price, Currency: "NOK"}})
}

func (r *reel) parcel(op observe.EntryOp, reference string) {
	r.see(observe.Event{Actor: "shipping", Kind: observe.Parcel, Entry: &observe.Entry{Op: op, Reference: reference, Key: reference}})
}

func (r *reel) order(reference string, state observe.Status) {
	r.see(observe.Event{Actor: "customer>checkout", Kind: observe.Order, Entry: &observe.Entry{
		Op: "told", Reference: reference, State: state, Basket: "b-ana"}})
}

func (r *reel) injection(i int, what observe.Fate, text, call string, hop observe.Hop) {
	r.see(observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{
		Injection: i, What: what, Text: text, Call: call, Hop: hop}})
}

func (r *reel) process(what observe.Stage) {
	r.see(observe.Event{Actor: "stage", Kind: observe.Process, Life: &observe.Life{Process: "checkout", PID: 4711, What: what}})
}

// pays lets the checkout take the money for an order, asking the provider for
// the customer's approval every two seconds.
func (r *reel) pays(reference, key string, polls int) {
	r.in(20).service(observe.ProviderHop, "provider", "POST", "/epayment/v1/payments", `{"reference":"`+reference+`"}`, 201, func() {
		r.in(1).money("created", reference, key)
	})
	for range polls {
		r.in(2000).service(observe.ProviderHop, "provider", "GET", "/epayment/v1/payments/"+reference, "", 200, nil)
	}
	r.in(400).money("authorized", reference, "")
	r.in(600).service(observe.ProviderHop, "provider", "POST", "/epayment/v1/payments/"+reference+"/capture", `{}`, 200, func() {
		r.in(1).money("captured", reference, key)
	})
	r.in(30).service(observe.ShippingHop, "shipping", "PUT", "/parcels/"+reference, `{"to":"Ana"}`, 201, func() {
		r.in(1).parcel("booked", reference)
	})
}

func (r *reel) run(id, expects string, s injection.Schedule) *judge.Run {
	run := &judge.Run{
		ID: id + "/virtual/" + expects, Story: id, World: "virtual", Clock: 1, Seed: 7, Expects: expects,
		Labels: []string{"case"}, Schedule: s, Patience: 30 * time.Second, Began: noon, Took: 14 * time.Millisecond,
		Plot:    "Ana clicks submit and waits.",
		Replay:  "UNHAPPY_WORLD=virtual UNHAPPY_SEED=7 go test ./scenarios -count=1 -ginkgo.focus=" + id,
		History: r.history,
	}
	run.Judge(judge.StandardPromises())
	return run
}

var slow = injection.Toxic(observe.CustomerHop, fault.Downstream, injection.Latency(90*time.Second)).Lasting(50 * time.Second)

// keptRun: the answer is late, Ana is told all the same.
func keptRun() *judge.Run {
	r := newReel()
	latency := injection.Toxic(observe.ProviderHop, fault.Downstream, injection.Latency(5*time.Second)).Lasting(9 * time.Second)
	r.injection(0, "installed", latency.String(), "", observe.ProviderHop)
	r.at(0.2).opens()
	r.at(1).clicks()
	r.in(5).screen("waiting", "One moment …")
	call := r.in(5).asks("PUT", "/orders/b-ana-1", `{"basket":"b-ana","amount":49900}`)
	r.in(6).answers(call, "PUT", "/orders/b-ana-1", 202, `{"state":"waiting"}`)
	r.in(4).hears(call, "PUT", "/orders/b-ana-1", 202, `{"state":"waiting"}`)
	hop, path := observe.ProviderHop, "/epayment/v1/payments"
	r.message(string(hop), observe.Sent, hop, "p-1", "POST", path, 0, `{}`)
	r.in(2).message("provider", observe.Arrived, hop, "p-1", "POST", path, 0, `{}`)
	r.in(1).money("created", "b-ana-1", "key-a")
	r.in(1).message("provider", observe.Answered, hop, "p-1", "POST", path, 201, `{}`)
	r.in(5000).message(string(hop), observe.Received, hop, "p-1", "POST", path, 201, `{}`)
	r.at(9).injection(0, "healed", "", "", observe.ProviderHop)
	for range 6 {
		poll := r.in(1000).asks("GET", "/orders/b-ana-1", "")
		r.in(2).answers(poll, "GET", "/orders/b-ana-1", 200, `{"state":"waiting"}`)
		r.order("b-ana-1", "waiting")
		r.in(2).hears(poll, "GET", "/orders/b-ana-1", 200, `{"state":"waiting"}`)
	}
	r.pays("b-ana-1", "key-a", 0)
	poll := r.in(1000).asks("GET", "/orders/b-ana-1", "")
	r.in(2).answers(poll, "GET", "/orders/b-ana-1", 200, `{"state":"shipped"}`)
	r.order("b-ana-1", "shipped")
	r.in(2).hears(poll, "GET", "/orders/b-ana-1", 200, `{"state":"shipped"}`)
	r.in(2).screen("shipped", "Your parcel is on its way.")
	return r.run("customer-1-slow-provider", "kept", injection.Schedule{latency})
}

// twiceHistory: the front end gives up, sends again, and Ana pays twice.
func twiceHistory() *reel {
	r := newReel()
	r.injection(0, "installed", slow.String(), "", observe.CustomerHop)
	r.at(0.2).opens()
	r.at(1).clicks()
	r.in(5).screen("waiting", "One moment …")
	first := r.in(5).asks("POST", "/orders", `{"basket":"b-ana"}`)
	r.pays("b-ana-1", "key-a", 5)
	r.order("b-ana-1", "shipped")
	r.in(3).answers(first, "POST", "/orders", 201, `{"id":"b-ana-1"}`)
	r.at(46.01).fails(first, "POST", "/orders", observe.TimedOut)
	r.in(2).screen("checking", "That took too long. Trying again …")
	second := r.in(3).asks("POST", "/orders", `{"basket":"b-ana"}`)
	r.at(50).injection(0, "healed", "", "", observe.CustomerHop)
	r.pays("b-ana-2", "key-b", 4)
	r.order("b-ana-2", "shipped")
	r.in(3).answers(second, "POST", "/orders", 201, `{"id":"b-ana-2"}`)
	r.in(4).hears(second, "POST", "/orders", 201, `{"id":"b-ana-2"}`)
	r.in(6).screen("shipped", "Your parcel is on its way.")
	return r
}

func brokenRun() *judge.Run {
	run := twiceHistory().run("customer-2-charged-twice", "kept", injection.Schedule{slow})
	run.Plot = "Ana clicks submit and waits. Her front end sends the order again, and she is charged twice."
	run.Clock = 100
	run.World, run.ID = "wire", "customer-2-charged-twice/wire-100/kept"
	return run
}

// unprovenRun: all is well, and the injection never took effect.
func unprovenRun() *judge.Run {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	r.in(5).screen("waiting", "One moment …")
	call := r.asks("PUT", "/orders/b-ana-1", `{}`)
	r.pays("b-ana-1", "key-a", 1)
	r.order("b-ana-1", "shipped")
	r.in(3).answers(call, "PUT", "/orders/b-ana-1", 200, `{}`)
	r.in(3).hears(call, "PUT", "/orders/b-ana-1", 200, `{}`)
	r.in(3).screen("shipped", "Your parcel is on its way.")
	return r.run("customer-3-lost-capture", "kept", injection.Schedule{
		injection.OnPath(observe.ProviderHop, "POST", "/epayment/v1/payments/{id}/capture").Nth(2).Closes()})
}

// unfinishedRun: the checkout was killed, and so was the record's writer.
func unfinishedRun() *judge.Run {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	r.in(5).screen("waiting", "One moment …")
	call := r.asks("PUT", "/orders/b-ana-1", `{}`)
	kill := injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Nth(1).Kills("checkout").Lasting(3 * time.Second)
	r.in(2).process("killed")
	r.injection(0, "fired", kill.String(), call, observe.CustomerHop)
	r.in(4).fails(call, "PUT", "/orders/b-ana-1", observe.Ended)
	r.at(4).process("started")
	r.in(23).process("ready")
	run := r.run("customer-4-crash", "kept", injection.Schedule{kill})
	run.Failure = "the run was cut off: its record has no end"
	run.Rulings = []judge.Ruling{{Promise: "staged", Verdict: judge.Unfinished, Because: run.Failure}}
	return run
}

// complaintRun came true to the letter; missedRun did not.
func complaintRun() *judge.Run {
	run := twiceHistory().run("customer-2-charged-twice", "complaint", injection.Schedule{slow})
	run.Without = []string{"order-identity"}
	return run
}

func missedRun() *judge.Run {
	run := unprovenRun()
	run.ID, run.Story, run.Expects = "customer-5-double-click/virtual/complaint", "customer-5-double-click", "complaint"
	run.Schedule, run.Without = nil, []string{"button-lock"}
	run.Mismatch = "orders: want 2, got 1; charges: want 2, got 1"
	run.Judge(judge.StandardPromises())
	return run
}

// another is the same under another name: a story of its own.
func another(run *judge.Run) *judge.Run {
	run.Story += "-again"
	run.ID = strings.Replace(run.ID, "/", "-again/", 1)
	return run
}

func allRuns() []*judge.Run {
	return []*judge.Run{keptRun(), complaintRun(), unprovenRun(), brokenRun(), unfinishedRun(), missedRun()}
}

func about() reports.About {
	return reports.About{
		Title: "Checkout stories", Commit: "4f2a9c1", At: noon,
		Skipped: []reports.Skip{{Name: "customer-2-charged-twice in the browser", Reason: "no Chromium was found"}},
	}
}
