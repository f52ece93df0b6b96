package explore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// stateOf is the state in which a capture comes, 10 s after the story began, of books with a
// digest and after some events.
func stateOf(books uint64, before ...observe.Event) uint64 {
	return stateAfter(injection.On(observe.CreatePayment).Closes(), books, before...)
}

// stateAfter is stateOf in a run with the injection.
func stateAfter(one injection.Injection, books uint64, before ...observe.Event) uint64 {
	capture := observe.Event{Actor: string(observe.ProviderHop), Seq: 9, At: 10 * time.Second, Kind: observe.Sent, Message: &observe.Message{
		Hop: observe.ProviderHop, Call: "checkout>provider#9", N: 9, Method: "POST", Path: "/payments/1/capture", Operation: observe.Capture,
	}}
	r := &judge.Run{History: append(before, capture), Schedule: injection.Schedule{one}}
	if books != 0 {
		r.BooksAt = map[judge.Sighting]uint64{judge.SightingOf(capture): books}
	}
	_, spans := messagesOf(r)
	return spans["Capture #1"].SeenIn
}

// Each of these is another state than that in which nothing of it is there, and than the
// same with another of its kind; less than a hundredth of a second makes none.
func TestWhatMakesAnotherState(t *testing.T) {
	at := func(seconds float64, e observe.Event) observe.Event {
		e.At, e.Seq = time.Duration(seconds*float64(time.Second)), 1
		return e
	}
	notice := func(status int) observe.Event {
		return observe.Event{Actor: "provider", Kind: observe.Received, Message: &observe.Message{Hop: observe.WebhookHop, Call: "n", Method: "POST", Path: "/webhooks", Status: status}}
	}
	screen := func(says observe.Status) observe.Event {
		return observe.Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: says}}
	}
	money := func(op observe.EntryOp) observe.Event {
		return observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{Op: op, Reference: "b-ana-1", Amount: 49900, Currency: "NOK"}}
	}
	wrote := func(status int) observe.Event {
		return observe.Event{Actor: string(observe.ProviderHop), Kind: observe.Received, Message: &observe.Message{Hop: observe.ProviderHop, Call: "w", N: 1, Method: "POST", Path: "/payments", Status: status}}
	}
	broken := observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{What: observe.Fired, Call: "x", Hop: observe.ProviderHop}}
	const books, others = 1, 2
	none := stateOf(books)
	require.NotZero(t, none)
	require.NotEqual(t, none, stateOf(others), "the shop's books")
	require.Zero(t, stateOf(0), "nobody could read them")
	for name, row := range map[string]struct {
		is, other observe.Event
		ages      bool
	}{
		"a screen":            {screen("checking"), screen("error"), true},
		"an entry":            {money(observe.MoneyCreated), money(observe.MoneyAborted), true},
		"a notice to be sent": {notice(503), notice(200), true},
		"what a fake wrote":   {wrote(201), wrote(409), false},
		"a broken connection": {broken, wrote(201), false},
	} {
		t.Run(name, func(t *testing.T) {
			state := stateOf(books, at(5, row.is))
			require.NotEqual(t, none, state)
			require.NotEqual(t, state, stateOf(books, at(5, row.other)))
			require.Equal(t, state, stateOf(books, at(5.002, row.is)))
			require.Equal(t, row.ages, state != stateOf(books, at(7, row.is)))
		})
	}
	t.Run("a notice to be sent, and a later one that was taken", func(t *testing.T) {
		sent := func(seconds float64, call, body string, status int) []observe.Event {
			first, heard := at(seconds, notice(0)), at(seconds+0.01, notice(status))
			first.Kind, first.Message.Body = observe.Sent, body
			first.Message.Call, heard.Message.Call = call, call
			return []observe.Event{first, heard}
		}
		state := func(status int) uint64 {
			return stateOf(books, append(sent(5, "n1", "authorized", status), sent(6, "n2", "captured", 200)...)...)
		}
		require.NotEqual(t, state(200), state(503), "the provider sends the first one again")
	})
	t.Run("the same request once more", func(t *testing.T) {
		again := at(6, wrote(201))
		again.Message.N, again.Message.Call, again.Seq = 2, "w2", 2
		require.Equal(t, stateOf(books, at(5, wrote(201))), stateOf(books, at(5, wrote(201)), again), "a provider knows it by its key")
	})
}

// A connection that a fault ended or holds makes another state, and one that was only slow does not.
func TestWhichFaultsBreakAConnection(t *testing.T) {
	const books = 1
	on := injection.On(observe.CreatePayment)
	fired := observe.Event{
		Actor: "stage", Kind: observe.Injected, At: 5 * time.Second, Seq: 1,
		Effect: &observe.Effect{What: observe.Fired, Call: "x", Hop: observe.ProviderHop},
	}
	for _, one := range []injection.Injection{on.Closes(), on.Resets(), on.Hangs(), on.Truncates(), on.Stalls()} {
		require.NotEqual(t, stateAfter(one, books), stateAfter(one, books, fired), one.String())
	}
	for _, one := range []injection.Injection{on.Delays(time.Second), on.Duplicates()} {
		require.Equal(t, stateAfter(one, books), stateAfter(one, books, fired), one.String())
	}
}

// An answer that stalls is over when its time is, and not when it began.
func TestAStallIsOverWhenItsTimeIs(t *testing.T) {
	effect := func(what observe.Fate, at time.Duration) observe.Event {
		return observe.Event{Actor: "stage", Kind: observe.Injected, At: at, Effect: &observe.Effect{What: what, Hop: observe.ProviderHop}}
	}
	stall := injection.On(observe.Capture).Nth(1).Stalls().Lasting(100 * time.Second)
	r := &judge.Run{Schedule: injection.Schedule{stall}, History: []observe.Event{
		effect(observe.Fired, 5*time.Second), effect(observe.Healed, 105*time.Second),
	}}
	require.Equal(t, 105*time.Second, overAt(r))
}

// Runs are compared from the last trigger on, though the answer that was it reached nobody.
func TestTheLastTriggerMayBeAnAnswerThatNobodySaw(t *testing.T) {
	notice := func(kind observe.Kind, seconds, seq int) observe.Event {
		return observe.Event{Actor: string(observe.WebhookHop), Seq: seq, At: time.Duration(seconds) * time.Second, Kind: kind, Message: &observe.Message{
			Hop: observe.WebhookHop, Call: "n", N: 1, Method: "POST", Path: "/webhooks", Operation: observe.PaymentWebhook,
		}}
	}
	cut := observe.Event{Actor: string(observe.WebhookHop), Seq: 2, At: 2 * time.Second, Kind: observe.Injected, Effect: &observe.Effect{What: observe.Fired, Call: "n", Hop: observe.WebhookHop}}
	for name, row := range map[string]struct {
		trigger injection.MessageTrigger
		answer  observe.Kind
		want    time.Duration
	}{
		"the request":         {injection.On(observe.PaymentWebhook).Nth(1), observe.Answered, 1 * time.Second},
		"its answer":          {injection.On(observe.PaymentWebhook).Nth(1).Answered(), observe.Answered, 3 * time.Second},
		"one that nobody saw": {injection.On(observe.PaymentWebhook).Nth(1).Answered(), observe.Failed, 2 * time.Second},
	} {
		r := &judge.Run{History: []observe.Event{notice(observe.Arrived, 1, 1), cut, notice(row.answer, 3, 3)}, Schedule: injection.Schedule{row.trigger.Closes()}}
		require.Equal(t, row.want, lastTrigger(r), name)
	}
}
