package environment_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/environment"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/units"
)

// sighting is an event of a message on the customers' hop.
func sighting(kind observe.Kind, method, path, body string) observe.Event {
	m := observe.Message{Hop: observe.CustomerHop, N: 1, Method: method, Path: path}
	if kind == observe.Answered || kind == observe.Received {
		m.Status, m.Body = 200, body
	}
	return observe.Event{Actor: string(observe.CustomerHop), Kind: kind, Message: &m}
}

func look(path, body string) []observe.Event {
	return []observe.Event{
		sighting(observe.Arrived, "GET", path, ""), sighting(observe.Answered, "GET", path, body),
		{Actor: "checkout", Kind: observe.Order, Entry: &observe.Entry{Op: "told", Reference: "1", State: "working"}},
	}
}

func onHop(e observe.Event, hop observe.Hop) observe.Event {
	m := *e.Message
	m.Hop = hop
	e.Message = &m
	return e
}

func view(tab string, says observe.Status) observe.Event {
	return observe.Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: says, Tab: tab}}
}

// What was seen an hour ago, and then at once: does the second show a movement?
func TestWhatMovesAndWhatOnlyLooks(t *testing.T) {
	failed := func(class observe.Class) observe.Event {
		e := sighting(observe.Failed, "GET", "/orders/1", "")
		e.Message.Error = class
		return e
	}
	provider := func(kind observe.Kind) observe.Event {
		return onHop(sighting(kind, "GET", "/payments/1", "same"), observe.ProviderHop)
	}
	for name, row := range map[string]struct {
		before, now []observe.Event
		moves       bool
	}{
		"a look answered as before":      {look("/orders/1", "working"), look("/orders/1", "working"), false},
		"a look with news":               {look("/orders/1", "working"), look("/orders/1", "paid"), true},
		"a look that is under way":       {look("/orders/1", "working"), []observe.Event{sighting(observe.Arrived, "GET", "/orders/1", "")}, false},
		"a first look":                   {nil, look("/orders/1", "working"), true},
		"a look at something else":       {look("/orders/1", "working"), look("/orders/2", "working"), true},
		"another query, the same answer": {look("/orders?t=1", "working"), look("/orders?t=2", "working"), false},
		"two orders by turns": {
			append(look("/orders?id=1", "working"), look("/orders?id=2", "paid")...),
			append(look("/orders?id=1", "working"), look("/orders?id=2", "paid")...), false},
		"a shop that stays dead":     {[]observe.Event{failed(observe.Refused)}, []observe.Event{failed(observe.Refused)}, false},
		"a shop that died otherwise": {[]observe.Event{failed(observe.Refused)}, []observe.Event{failed(observe.Reset)}, true},
		"the same order again": {
			[]observe.Event{sighting(observe.Answered, "PUT", "/orders/1", "working")}, []observe.Event{sighting(observe.Answered, "PUT", "/orders/1", "working")}, true},
		// A shop that works only when its page looks is seen at work elsewhere.
		"the shop asks the provider": {[]observe.Event{provider(observe.Sent), provider(observe.Received)}, []observe.Event{provider(observe.Sent)}, true},
		"the provider answers":       {[]observe.Event{provider(observe.Received)}, []observe.Event{provider(observe.Received)}, true},
		"the same screen again":      {[]observe.Event{view("", "checking")}, []observe.Event{view("", "checking")}, false},
		"another screen":             {[]observe.Event{view("", "checking")}, []observe.Event{view("", "paid")}, true},
		"another tab's screen":       {[]observe.Event{view("", "checking")}, []observe.Event{view("2", "checking")}, true},
		"a note":                     {[]observe.Event{Note("ana", "x")}, []observe.Event{Note("ana", "x")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := NewRecorder(units.Wall, nil)
				r.Looks(Parts{}.Looks)
				r.Begin()
				for _, e := range row.before {
					r.See(e)
				}
				time.Sleep(time.Hour)
				for _, e := range row.now {
					r.See(e)
				}
				require.Equal(t, row.moves, r.Silence() == 0, "silent for %s", r.Silence())
			})
		})
	}
}

// Without a word on looks, everything moves; with one of the world's own, what it
// says; and nobody but customers looks.
func TestWhichMessagesAreLooks(t *testing.T) {
	post := func(m observe.Message) bool { return m.Method == "POST" }
	for name, row := range map[string]struct {
		parts Parts
		event observe.Event
		want  bool
	}{
		"a GET":             {Parts{}, sighting(observe.Arrived, "GET", "/", ""), true},
		"a POST":            {Parts{}, sighting(observe.Arrived, "POST", "/", ""), false},
		"the world's own":   {Parts{IsLook: post}, sighting(observe.Arrived, "POST", "/", ""), true},
		"and no other":      {Parts{IsLook: post}, sighting(observe.Arrived, "GET", "/", ""), false},
		"the shop's GET":    {Parts{}, onHop(sighting(observe.Sent, "GET", "/", ""), observe.ProviderHop), false},
		"a webhook, posted": {Parts{IsLook: post}, onHop(sighting(observe.Arrived, "POST", "/", ""), observe.WebhookHop), false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.want, row.parts.Looks(*row.event.Message)) })
	}
}

// A page that looks for ever keeps no world from resting; one whose looks bring
// news does, and the harness says what moved last.
func TestAPageThatLooksForEver(t *testing.T) {
	for name, row := range map[string]struct {
		answer func(n int) string
		work   observe.Event // beside each look
		want   string
	}{
		"and is told the same": {answer: func(int) string { return "working" }},
		"and has news": {answer: func(n int) string { return time.Duration(n).String() },
			want: "the world did not come to rest: it never stood still for 60.0 s before the harness gave up, with 0 messages under way; the last thing that moved was customer>checkout GET /orders/1 (answered with 200), 1.0 s before"},
		"while the shop works": {answer: func(int) string { return "working" },
			work: onHop(sighting(observe.Sent, "GET", "/payments/1", ""), observe.ProviderHop),
			want: "the last thing that moved was checkout>provider GET /payments/1 (sent), 1.0 s before"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := NewRecorder(units.Wall, nil)
				parts := Parts{Quiet: time.Minute, Told: func(observe.Event) (observe.Entry, bool) { return observe.Entry{}, false }}
				parts.HearTheShop(r)
				r.Begin()
				ctx, stop := context.WithTimeout(t.Context(), 15*time.Minute+time.Second)
				var page sync.WaitGroup
				defer page.Wait()
				defer stop()
				page.Go(func() {
					for n := 0; ctx.Err() == nil; n++ {
						for _, e := range look("/orders/1", row.answer(n)) {
							r.See(e)
						}
						if row.work.Message != nil {
							r.See(row.work)
						}
						time.Sleep(2 * time.Second)
					}
				})
				began := time.Now()
				err := Quiescence{Recorder: r, Clock: units.Wall, Parts: parts, InFlight: func() int { return 0 }}.Await(ctx)
				if row.want != "" {
					require.ErrorContains(t, err, row.want)
					return
				}
				require.NoError(t, err)
				require.Equal(t, time.Minute, time.Since(began))
			})
		})
	}
}

// A shop that asks the provider for ever is never at rest, but where the payment waits for a
// customer who decided nothing, or whose card was declined: when the patience with it is over, it is.
func TestAShopThatAsksForEverAfterAnOpenPayment(t *testing.T) {
	entry := func(op observe.EntryOp) observe.Event { return Money(op, "b-ana-1", 49900) }
	took := Injected(0, observe.Fired)
	took.Effect.Payment = "b-ana-1"
	same := func(int) string { return "open" }
	for name, row := range map[string]struct {
		before []observe.Event
		answer func(n int) string
		rests  bool
	}{
		"she leaves it open":   {[]observe.Event{entry(observe.MoneyCreated), took}, same, true},
		"and there is news":    {[]observe.Event{entry(observe.MoneyCreated), took}, func(n int) string { return time.Duration(n).String() }, false},
		"her card is declined": {[]observe.Event{entry(observe.MoneyCreated), entry(observe.MoneyDeclined)}, same, true},
		"and another one paid": {[]observe.Event{entry(observe.MoneyCreated), entry(observe.MoneyDeclined), entry(observe.MoneyCaptured)}, same, false},
		"she decided nothing":  {[]observe.Event{entry(observe.MoneyCreated)}, same, false},
		"it ran out":           {[]observe.Event{entry(observe.MoneyCreated), took, entry(observe.MoneyExpired)}, same, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := NewRecorder(units.Wall, nil)
				r.Looks(Parts{}.Looks)
				r.Begin()
				for _, e := range row.before {
					r.See(e)
				}
				const patience = 15 * time.Minute
				ctx, stop := context.WithTimeout(t.Context(), patience+time.Second)
				var shop sync.WaitGroup
				defer shop.Wait()
				defer stop()
				shop.Go(func() {
					for n := 0; ctx.Err() == nil; n++ {
						r.See(onHop(sighting(observe.Sent, "GET", "/payments/1", ""), observe.ProviderHop))
						r.See(onHop(sighting(observe.Received, "GET", "/payments/1", row.answer(n)), observe.ProviderHop))
						time.Sleep(2 * time.Second)
					}
				})
				began := time.Now()
				err := Quiescence{Recorder: r, Clock: units.Wall, Parts: Parts{Quiet: time.Minute}, InFlight: func() int { return 0 }}.Await(ctx)
				require.Equal(t, row.rests, err == nil, "%v", err)
				require.GreaterOrEqual(t, time.Since(began), patience, "until then, it may give up")
			})
		})
	}
}

// However long a shop may be quiet, there is time to see that it is.
func TestAWorldHasTimeToBeSeenAtRest(t *testing.T) {
	require.Equal(t, 15*time.Minute, Parts{Quiet: time.Minute}.Patience(15*time.Minute))
	require.Equal(t, time.Hour, Parts{Quiet: 30 * time.Minute}.Patience(15*time.Minute))
}
