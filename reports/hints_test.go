package reports_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
)

// told gives what the page of a run says of its causes, and of what is different.
func told(t *testing.T, run *judge.Run, baseline ...*judge.Run) (hints, diff string) {
	t.Helper()
	a := about()
	a.Baseline = baseline
	return spoken(build(t, []*judge.Run{run}, a))
}

// toldBeside is the same of a complaint that stands beside another run.
func toldBeside(t *testing.T, complaint, other *judge.Run) (hints, diff string) {
	t.Helper()
	_, page, _ := strings.Cut(build(t, []*judge.Run{complaint, other}, about()), `<article class="story reproduced"`)
	return spoken(page)
}

// keptOf is a run of the same story in which nothing but a click happened.
func keptOf(run *judge.Run) *judge.Run {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	other := r.run(run.Story, "kept", nil)
	other.Rulings = []judge.Ruling{{Promise: "charged-once", Verdict: judge.Kept}}
	return other
}

func spoken(page string) (hints, diff string) {
	section := func(from string) string {
		_, rest, found := strings.Cut(page, from)
		if !found {
			return ""
		}
		inner, _, _ := strings.Cut(rest, "</section>")
		return strings.ReplaceAll(strings.ReplaceAll(words(inner), "\u00a0", " "), "\n", " ")
	}
	return section(`<section class="hints"`), section("What is different from")
}

// causes are histories with one cause each, and what a rule says of it, with
// its evidence.
func causes() map[string]struct {
	run  *judge.Run
	says string
} {
	type cause = struct {
		run  *judge.Run
		says string
	}
	const order, pay = "/orders/b-ana-1", "/epayment/v1/payments"
	begun := func() *reel {
		r := newReel()
		r.opens()
		r.at(1).clicks()
		return r
	}
	list := map[string]cause{}
	add := func(name, says string, r *reel, s ...injection.Injection) {
		list[name] = cause{r.run("a-cause", "kept", s), says}
	}

	keys := begun()
	for i, key := range []string{"key-a", "key-b"} {
		keys.see(observe.Event{Actor: "checkout>provider", Kind: observe.Sent, Message: &observe.Message{Hop: observe.ProviderHop,
			Call: "p-" + key, Method: "POST", Path: pay + "/r/capture", Body: "{}", Header: map[string]string{"Idempotency-Key": key}}})
		keys.in(10 * (i + 1))
	}
	add("a new key", "The retry of POST /epayment/v1/payments/r/capture made a new idempotency key: key-a, then key-b. The callee cannot know that it is the same request. Evidence: e4 , e5", keys)

	workers := begun()
	asked := func(key string) observe.Message {
		return observe.Message{Hop: observe.ShippingHop, Call: "s-" + key, Method: "POST", Path: "/shipments", Body: "{}", Header: map[string]string{"Idempotency-Key": key}}
	}
	for _, key := range []string{"key-a", "key-b"} {
		m := asked(key)
		workers.see(observe.Event{Actor: "checkout>carrier", Kind: observe.Sent, Message: &m})
	}
	answer := asked("key-a")
	answer.Status, answer.Header = 201, nil
	workers.in(10).see(observe.Event{Actor: "checkout>carrier", Kind: observe.Received, Message: &answer})
	hedged := begun() // by one that is tired of waiting, and keeps its connection
	for _, key := range []string{"key-a", "key-b"} {
		m := asked(key)
		hedged.in(30_000).see(observe.Event{Actor: "checkout>carrier", Kind: observe.Sent, Message: &m})
	}
	hedged.in(10_000).see(observe.Event{Actor: "checkout>carrier", Kind: observe.Received, Message: &answer})
	add("a retry while the first is under way", "The retry of POST /shipments made a new idempotency key: key-a, then key-b. The callee cannot know that it is the same request. Evidence: e4 , e5", hedged)
	add("two workers", "The checkout sent POST /shipments twice at the same time, each under an idempotency key of its own: key-a, then key-b. Two workers or threads did the same work: let one of them claim it first, such as by a row lock or a unique key, or derive the key from what is done. Evidence: e4 , e5", workers)

	for name, c := range map[string]struct{ key, says string }{
		"again under its key": {"key-a", "under the same idempotency key, after no answer and 503 Service Unavailable: the callee can tell that it is the same request."},
		"again without a key": {"", "without an idempotency key, after no answer and 503 Service Unavailable: to the callee each is a request of its own."},
	} {
		tries := begun()
		for i, status := range []int{0, 503, 200} {
			m := observe.Message{Hop: observe.ProviderHop, Operation: observe.CreatePayment, Call: "p-" + string(rune('1'+i)), Method: "POST", Path: pay, Body: "{}", Header: map[string]string{"Idempotency-Key": c.key}}
			tries.see(observe.Event{Actor: "checkout>provider", Kind: observe.Sent, Message: &m})
			if answer := m; status > 0 {
				answer.Status, answer.Header = status, nil
				tries.see(observe.Event{Actor: "checkout>provider", Kind: observe.Received, Message: &answer})
			}
			tries.in(10 * (i + 1))
		}
		add(name, "The checkout, or the client in it, sent POST /epayment/v1/payments again 2 times "+c.says+" Evidence: e4 , e5 , e7", tries)
	}

	twice := begun()
	for _, key := range []string{"key-a", "key-b"} {
		twice.in(5).money("captured", "b-ana-1", key)
	}
	add("two payments", "The provider captured 2 payments for b-ana, each under a key of its own (key-a, then key-b): to it they are different purchases. Evidence: e4 , e5", twice)

	over := begun()
	over.in(5).money("cancelled", "b-ana-1", "")
	over.in(5).money("captured", "b-ana-1", "key-a")
	add("captured after the end", "b-ana-1 was captured after it was over: cancelled NOK 499.00 · b-ana-1. Evidence: e4 , e5", over)

	orders := begun()
	orders.in(5).order("b-ana-1", "checking")
	orders.in(5).order("b-ana-2", "checking")
	add("two orders", "The shop made 2 orders of one basket, b-ana. Evidence: e4 , e5", orders)

	again := begun()
	for range 2 {
		again.in(5).asks("PUT", order, "{}")
	}
	add("the same order again", "The same order was submitted 2 times (PUT /orders/b-ana-1), after 1 click. Evidence: e5 , e7", again)

	itself := begun()
	call := itself.asks("POST", order, "{}")
	itself.in(50).message("customer>checkout", observe.Arrived, observe.CustomerHop, call, "POST", order, 0, "{}")
	add("sent by itself", "One call of customer, POST /orders/b-ana-1, was 2 messages on the wire: an HTTP client or browser sent it again by itself. Evidence: e4 , e5 , e6", itself)

	killed := begun()
	killed.message("checkout>provider", observe.Sent, observe.ProviderHop, "p-1", "POST", pay, 0, "{}")
	killed.in(3).message("provider", observe.Arrived, observe.ProviderHop, "p-1", "POST", pay, 0, "{}")
	killed.in(1).money("created", "b-ana-1", "key-a")
	killed.in(1).process("killed")
	add("killed in between", "The checkout was killed between its call POST /epayment/v1/payments and the record of it, when the other side had it and the shop had not yet recorded the answer. Evidence: e4 , e5 , e6 , e7", killed)

	lost := begun()
	call = lost.asks("PUT", order, "{}")
	lost.in(5).answers(call, "PUT", order, 202, "{}")
	lost.in(5).fails(call, "PUT", order, observe.Ended)
	add("lost after the commit", "Checkout answered 202 Accepted to PUT /orders/b-ana-1, and ana never got it (no answer (eof)): what was done stayed done, and the caller could not know. Evidence: e6 , e7", lost)

	late := begun()
	call = late.asks("PUT", order, "{}")
	late.at(31).fails(call, "PUT", order, observe.TimedOut)
	late.at(40).answers(call, "PUT", order, 202, "{}")
	add("a late answer", "Ana gave up waiting for PUT /orders/b-ana-1 at 31.0 s; the answer (202 Accepted) came 9.0 s later. Evidence: e6 , e7", late)

	stopped := begun()
	stopped.see(observe.Event{Actor: "ana", Kind: observe.Note, Text: observe.ScriptStopped + "TypeError: pay is not a function (/checkout/b-ana, line 12)"})
	add("the page's script stopped", "The page's script stopped, and what it was to do next did not come: TypeError: pay is not a function (/checkout/b-ana, line 12). Evidence: e4", stopped)

	drift := begun()
	drift.see(observe.Event{Actor: "customer>checkout", Kind: observe.Drift, Message: &observe.Message{
		Hop: observe.CustomerHop, Call: "ana-9", Method: "PUT", Path: order, Missing: []string{"status"}}})
	add("a field is gone", "The page reads status from the answer to PUT /orders/b-ana-1, and the answer does not have it: a field was renamed, dropped or retyped. Evidence: e4", drift)

	const hook = `{"name":"CAPTURED","reference":"b-ana-1"}`
	gone := begun()
	gone.message("provider", observe.Sent, observe.WebhookHop, "w-1", "POST", "/webhooks", 0, hook)
	add("a webhook is lost", "A webhook was lost: “CAPTURED” of b-ana-1 never arrived at the shop. Evidence: e4", gone)

	answered := begun()
	answered.message("provider", observe.Sent, observe.WebhookHop, "w-1", "POST", "/webhooks", 0, hook)
	answered.in(5).message("checkout", observe.Answered, observe.WebhookHop, "w-1", "POST", "/webhooks", 200, "{}")
	answered.injection(0, "fired", "", "w-1", observe.WebhookHop)
	answered.process("killed")
	add("killed after its answer", "The shop was killed when it had answered “CAPTURED” of b-ana-1 with 200: nobody tells it again what it had not written down. Evidence: e5",
		answered, injection.OnPath(observe.WebhookHop, "POST", "/webhooks").KillsAfter("checkout"))

	doubled := begun()
	for _, name := range []string{"w-1", "w-2"} {
		doubled.in(5).message("provider>checkout", observe.Arrived, observe.WebhookHop, name, "POST", "/webhooks", 0, hook)
	}
	add("a webhook again", "The same webhook came 2 times: “CAPTURED” of b-ana-1. Evidence: e4 , e5", doubled)

	storm := begun()
	storm.message("checkout>provider", observe.Sent, observe.ProviderHop, "p-1", "POST", pay, 0, "{}")
	storm.in(5).message("checkout>provider", observe.Received, observe.ProviderHop, "p-1", "POST", pay, 429, "{}")
	add("too many calls", "The provider refused 1 of the shop’s 1 call as too many (429). Evidence: e5", storm)

	other := begun()
	other.in(5).see(observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{Op: "captured", Reference: "b-ana-1", Amount: 100, Currency: "NOK"}})
	add("another amount", "The page showed NOK 499.00 when ana clicked, and NOK 1.00 were captured. Evidence: e3 , e4", other)

	held := begun()
	held.in(5).money("authorized", "b-ana-1", "")
	add("still reserved", "The payment b-ana-1 was authorized at 1.0 s, and the shop neither captured nor cancelled it. Evidence: e4", held)

	early := begun()
	early.injection(0, "installed", slow.String(), "", observe.CustomerHop)
	early.at(3).injection(0, "healed", "", "", observe.CustomerHop)
	add("an injection that missed", "was installed, no observable effect (0 of 1); what came on customer>checkout meanwhile: nothing. Evidence: e4 , e5", early, slow)
	return list
}

func TestEachRuleSaysWhatItSawAndWhere(t *testing.T) {
	all := causes()
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			hints, _ := told(t, c.run)
			require.Contains(t, hints, c.says)
		})
	}
	plain, _ := told(t, keptRun())
	require.Empty(t, plain, "of a purchase in which nothing of the kind happens no rule says anything")
}

func TestWhatADoublingInjectionDidTheClientDidNot(t *testing.T) {
	run := causes()["sent by itself"].run
	call := run.History[3].Message.Call
	run.Schedule = injection.Schedule{injection.OnPath(observe.CustomerHop, "POST", "/orders/{id}").Nth(1).Duplicates()}
	run.History = append(run.History, observe.Event{At: 2 * time.Second, Actor: "stage", Seq: 1, Kind: observe.Injected,
		Effect: &observe.Effect{What: "fired", Call: call, Hop: observe.CustomerHop}})
	hints, _ := told(t, run)
	require.NotContains(t, hints, "by itself")
	require.Contains(t, hints, "submitted 2 times")
}

func TestABrokenRunSaysWhatIsDifferentFromAGoodOne(t *testing.T) {
	good := twiceHistory()
	good.history = good.history[:len(good.history)-30]
	before := good.run("customer-2-charged-twice", "kept", injection.Schedule{slow})
	before.World, before.Clock, before.Rulings = "wire", 100, []judge.Ruling{{Promise: "charged-once", Verdict: judge.Kept}}
	now := brokenRun()
	now.Without = []string{"order-identity"}
	_, diff := told(t, now, before)
	for _, want := range []string{
		"the last good run (customer-2-charged-twice/virtual/kept, seed 7)",
		"Safeguards switched off: then none, now order-identity.",
		"+ the provider captured NOK 499.00 under key 2: once instead of never e75",
	} {
		require.Contains(t, diff, want)
	}
	require.NotContains(t, diff, "under key 1", "what was the same is not told")
	_, none := told(t, brokenRun())
	require.Empty(t, none, "there is nothing to compare it with")

	_, demo := toldBeside(t, complaintRun(), keptOf(complaintRun()))
	require.Contains(t, demo, "the same story, kept, in this report")
	require.Contains(t, demo, "captured", "a complaint is compared with the story as it is kept, not with itself")

	worse := brokenRun()
	_, none = told(t, brokenRun(), worse)
	require.Empty(t, none, "it is compared with good runs alone")
}

func TestTheBaselineTellsWhatIsNewAndWhatIsFlaky(t *testing.T) {
	index := func(runs []*judge.Run, baseline ...*judge.Run) string {
		a := about()
		a.Baseline = baseline
		page, _, _ := strings.Cut(build(t, runs, a), "<article")
		return strings.ReplaceAll(words(page), "\n", " ")
	}
	kept := func(seed uint64, at time.Duration) *judge.Run {
		run := unprovenRun()
		run.Rulings = []judge.Ruling{{Promise: "charged-once", Verdict: judge.Kept}}
		run.Seed, run.Began = seed, noon.Add(at)
		return run
	}
	bad := func(at time.Duration) *judge.Run {
		run := unprovenRun()
		run.Began = noon.Add(at)
		return run
	}
	fresh := index([]*judge.Run{bad(0)}, kept(1, -time.Hour))
	require.Contains(t, fresh, "1 new failure since the last report")
	require.Contains(t, fresh, "UNPROVEN NEW customer-3")
	require.Contains(t, fresh, "Before: KEPT, UNPROVEN")
	require.NotContains(t, fresh, "flaky", "once is no flake")

	old := index([]*judge.Run{bad(0)}, kept(1, -2*time.Hour), bad(-time.Hour))
	require.Contains(t, old, "0 new failures since the last report")
	require.NotContains(t, old, "NEW")
	require.Contains(t, index([]*judge.Run{kept(1, 0)}, bad(-time.Hour)), "0 new failures since the last report, 1 mended")
	require.Contains(t, index([]*judge.Run{kept(1, 0)}, kept(1, -2*time.Hour), bad(-time.Hour)), "flaky 1/3", "to and fro")
	require.NotContains(t, index([]*judge.Run{bad(0)}), "new failure", "without a baseline nothing is said of it")

	rounds := index([]*judge.Run{kept(1, 0), bad(0), kept(3, 0)})
	require.Contains(t, rounds, "1 story 3 runs", "the rounds of a story are one line")
	require.Contains(t, rounds, "UNPROVEN flaky 1/3")
	require.Contains(t, rounds, "3 rounds")
	page := build(t, []*judge.Run{kept(1, 0), bad(0), kept(3, 0)}, reports.About{})
	require.Empty(t, strayLinks(page))
	require.Contains(t, words(page), "Rounds:")
	require.NotContains(t, index([]*judge.Run{kept(1, 0), kept(2, 0)}), "flaky")
}
