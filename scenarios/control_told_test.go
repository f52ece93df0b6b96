package scenarios

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// delivered is a run in which the shop answered the provider's webhooks so.
func delivered(r *judge.Run, body string, statuses ...int) *judge.Run {
	for _, status := range statuses {
		r.History = append(r.History, observe.Event{Kind: observe.Answered, Message: &observe.Message{
			Hop: observe.WebhookHop, Operation: observe.PaymentWebhook, Method: "POST", Path: "/hook", Status: status, Body: body}})
	}
	return r
}

// Where a shop refuses every webhook and nobody is told of a sale, the sentence names what
// is likely to be wrong: the secret or the path.
func TestRefusedWebhooksAreNamed(t *testing.T) {
	started := &target.Target{Webhooks: "/hook"}
	running := &target.Target{Webhooks: "/hook", Service: target.Service{URL: "http://127.0.0.1:3000"}}
	for name, c := range map[string]struct {
		shop     *target.Target
		body     string
		statuses []int
		says     string
	}{
		"the secret":       {started, "no\nsignature", []int{400, 400}, `(2 of 2) with 400 (no signature): does it check them with ${webhooks.secret}, and is "webhooks: /hook" its path?`},
		"it is not let in": {started, "", []int{401}, `(1 of 1) with 401: does it check them with ${webhooks.secret}, and`},
		"of one that runs": {running, "", []int{403}, `(1 of 1) with 403: does it check them with the description's payments.webhook_secret, and`},
		"the path":         {started, "", []int{404}, `(1 of 1) with 404: is "webhooks: /hook" its path, and does it check them with ${webhooks.secret}?`},
		"another method":   {started, "", []int{405}, `with 405: is "webhooks: /hook" its path, and`},
		"a way elsewhere":  {started, "", []int{302}, `with 302: is "webhooks: /hook" its path, and`},
		"it fails":         {started, "", []int{500, 502, 500}, `(3 of 3) with 500 and 502: it failed at them; does it check them with ${webhooks.secret}?`},
		"one is taken":     {started, "", []int{400, 200}, `the screen last said “checking”`},
		"there is none":    {started, "", nil, `the screen last said “checking”`},
	} {
		run := delivered(shown(bought("?"), "checking"), c.body, c.statuses...)
		says := whyNobodyWasTold(run, c.shop)
		require.Contains(t, says, "nobody was told of a sale, though NOK 499.00 was charged: ", name)
		require.Contains(t, says, c.says, name)
		run = delivered(shown(of("?"), "checking"), c.body, c.statuses...)
		says = whyNobodyBought(run, c.shop)
		require.Contains(t, says, "nobody could buy: ", name)
		require.Contains(t, says, c.says, name)
	}
}

// Where all that a customer ever hears are errors, no machine is to blame: neither a slow
// one, nor the harness. In a story with a fault they may be the fault's.
func TestAShopThatHasNothingButErrorsIsToldAsThat(t *testing.T) {
	heard := func(statuses ...int) *judge.Run {
		r := &judge.Run{Failure: "the page did not come: the shop answered 500 to POST /login", History: judge.History{{Kind: observe.Action, Act: &observe.Act{}}}}
		for _, status := range statuses {
			r.History = append(r.History, observe.Event{Kind: observe.Answered, Message: &observe.Message{Hop: observe.CustomerHop, Status: status}})
		}
		return r
	}
	harmed := heard(500, 500, 500)
	harmed.Schedule = injection.Schedule{injection.On(observe.Submit).Nth(1).Closes()}
	for name, c := range map[string]struct {
		run  *judge.Run
		away bool
	}{
		"errors":          {heard(500, 404, 500), true},
		"one error":       {heard(500), false},
		"a page, at last": {heard(500, 500, 500, 200), false},
		"none":            {heard(), false},
		"with a fault":    {harmed, false},
	} {
		require.Equal(t, c.away, turnedAway(c.run), name)
		require.Equal(t, c.away, !isUnfinished(c.run), name)
	}
	arrived, answered := judgetest.Arrived("c1"), judgetest.Answered("c1")
	arrived.Message.N, answered.Message.N, answered.Message.Status = 1, 1, 500 // as a tap counts them
	late := judgetest.RunOf(judgetest.At(0, judgetest.Does(observe.Opens), judgetest.Sent("c1"), arrived), judgetest.At(60, answered))
	away := heard(500, 500)
	late.History, late.Failure = append(late.History, away.History...), away.Failure
	s := weighedBy(&runner{out: io.Discard, targetShop: &target.Target{}, machine: machine{pulse: &wire.Pulse{}}}, 3, late)
	require.Contains(t, s.control.cannot, "nobody could buy: the page did not come: the shop answered 500 to POST /login")
	require.Empty(t, s.machine.slow)
}

// Of several processes, each may know why nobody could buy.
func TestWhatEachProcessLastSaidIsTold(t *testing.T) {
	stopped := func(process, text string) observe.Event {
		return observe.Event{Kind: observe.Process, Actor: process, Life: &observe.Life{Process: process, What: observe.ProcessStopped, Text: "it last said:\n" + text}}
	}
	worker, web := stopped("worker", "invalid api key"), stopped("web", "compiled with 0 errors")
	for _, history := range []judge.History{{worker, web}, {web, worker}} {
		require.Contains(t, whyNobodyBought(&judge.Run{History: history}, &target.Target{}),
			"the output of web ends with: compiled with 0 errors; the output of worker ends with: invalid api key")
	}
}

// Where a control run ends with a failure, the shop's output may say why, and is told with
// it. A shop that ended before it was ready is told with its output already.
func TestAFailureIsToldWithTheShopsOutput(t *testing.T) {
	run := &judge.Run{Failure: "the page did not come: the shop answered 500 to POST /login", History: judge.History{
		{Kind: observe.Process, Actor: "web", Life: &observe.Life{What: observe.ProcessStopped, Text: "it last said:\nno such table:\x1b users"}}}}
	require.Equal(t, "nobody could buy: the page did not come: the shop answered 500 to POST /login; the shop's output ends with: no such table: users",
		whyNobodyBought(run, &target.Target{}))
	run.Failure = "the shop ended before it was ready; it last said:\nno such table: users"
	require.Equal(t, "nobody could buy: the shop ended before it was ready; it last said: no such table: users", whyNobodyBought(run, &target.Target{}))
}

// A run is about the set-up, and not about the shop, where the shop heard nothing of the
// provider and told the customer nothing.
func TestAShopThatHearsNothingProvesNothing(t *testing.T) {
	can := somebodyCanBuy(&target.Target{Webhooks: "/hook"})
	for name, c := range map[string]struct {
		run     *judge.Run
		verdict judge.Verdict
	}{
		"all refused, and nobody is told": {delivered(shown(bought("?"), "checking"), "", 400, 400), judge.Unproven},
		"all refused, and she is told":    {delivered(shown(bought(""), "paid"), "", 400, 400), judge.Kept},
		"all refused, and she is lied to": {delivered(shown(bought("charged-once"), "refused"), "", 400), judge.Kept},
		"one is taken":                    {delivered(shown(bought("?"), "checking"), "", 400, 200), judge.Kept},
		"there is none":                   {shown(bought("?"), "checking"), judge.Kept},
	} {
		require.Equal(t, c.verdict, can.Judge(c.run).Verdict, name)
	}
	harmed := delivered(shown(bought("?"), "checking"), "", 400)
	harmed.Schedule = injection.Schedule{injection.On(observe.Submit).Nth(1).Closes()}
	require.Equal(t, judge.Kept, can.Judge(harmed).Verdict, "a story in which something goes wrong")
}

// That every webhook was refused is no slow machine's doing.
func TestRefusedWebhooksAreNoSlowMachine(t *testing.T) {
	for status, cannot := range map[int]string{200: "this machine is too slow", 400: "nobody was told of a sale"} {
		arrived, answered := judgetest.Arrived("c1"), judgetest.Answered("c1")
		arrived.Message.N, answered.Message.N = 1, 1 // as a tap counts them
		run := judgetest.RunOf(judgetest.At(0, judgetest.Does(observe.Opens), judgetest.Sent("c1"), arrived), judgetest.At(60, answered))
		run.Rulings = of("?").Rulings
		run.History = append(run.History, bought("?").History...)
		delivered(shown(run, "checking"), "", status)
		s := weighedBy(&runner{out: io.Discard, targetShop: &target.Target{}, machine: machine{pulse: &wire.Pulse{}}}, 3, run)
		require.Contains(t, s.control.cannot, cannot)
	}
}

// A shop that is not ready within a minute waits for something else than a machine that
// stood still for a moment.
func TestAShopThatIsNeverReadyIsNoSlowMachine(t *testing.T) {
	stages := func(failure string, stages ...observe.Stage) *judge.Run {
		r := &judge.Run{Failure: failure, Rulings: []judge.Ruling{{Promise: "staged", Verdict: judge.Unfinished}}}
		for _, stage := range stages {
			r.History = append(r.History, observe.Event{Kind: observe.Process, Life: &observe.Life{What: stage}})
		}
		return r
	}
	const unready = "checkout was not ready within 1m0s: nothing listened at 127.0.0.1:29202"
	for name, c := range map[string]struct {
		run   *judge.Run
		never bool
	}{
		"not ready":                     {stages(unready, observe.ProcessStarted), true},
		"one of two":                    {stages(unready, observe.ProcessStarted, observe.ProcessReady, observe.ProcessStarted), true},
		"ready, and something else":     {stages("the page did not come", observe.ProcessStarted, observe.ProcessReady), false},
		"not even started":              {stages("the folder could not be made"), false},
		"it is over before it is ready": {stages("", observe.ProcessStarted), false},
	} {
		require.Equal(t, c.never, neverReady(c.run), name)
	}
	arrived, answered := judgetest.Arrived("c1"), judgetest.Answered("c1")
	arrived.Message.N, answered.Message.N = 1, 1 // as a tap counts them
	run := judgetest.RunOf(judgetest.At(0, judgetest.Does(observe.Opens), judgetest.Sent("c1"), arrived), judgetest.At(60, answered))
	never := stages(unready, observe.ProcessStarted)
	run.History, run.Failure, run.Rulings = append(run.History, never.History...), never.Failure, never.Rulings
	s := weighedBy(&runner{out: io.Discard, targetShop: &target.Target{}, machine: machine{pulse: &wire.Pulse{}}}, 3, run)
	require.Equal(t, "nobody could buy: "+unready, s.control.cannot)
	require.Empty(t, s.machine.slow)
}

// A page that asks at the wrong path how the order stands is late in each control run, and
// the machine is not the cause.
func TestLooksThatAreAnsweredWithErrorsAreNoSlowMachine(t *testing.T) {
	for name, c := range map[string]struct {
		statuses []int
		broken   bool
	}{
		"each is an error": {[]int{404, 404, 404}, true},
		"one is answered":  {[]int{404, 200, 404}, false},
		"it looks no more": {[]int{404}, true},
		"it never looks":   {nil, false},
	} {
		arrived, answered := judgetest.Arrived("c1"), judgetest.Answered("c1")
		arrived.Message.N, answered.Message.N = 1, 1 // as a tap counts them
		run := judgetest.RunOf(judgetest.At(0, judgetest.Does(observe.Opens), judgetest.Sent("c1"), arrived), judgetest.At(60, answered))
		late := bought("told-in-time")
		run.Rulings, run.History = late.Rulings, append(run.History, late.History...)
		for _, status := range c.statuses {
			run.History = append(run.History, observe.Event{Kind: observe.Answered, Message: &observe.Message{
				Hop: observe.CustomerHop, Operation: observe.OrderStatus, Method: "GET", Path: "/orders/7", Status: status, Body: "no such page",
			}})
		}
		s := weighedBy(&runner{out: io.Discard, targetShop: &target.Target{}, machine: machine{pulse: &wire.Pulse{}}}, 3, run, run, run)
		require.Equal(t, c.broken, s.control.isBroken("told-in-time"), name)
		require.Equal(t, c.broken, s.machine.slow == "", name)
		if c.broken {
			n := len(c.statuses)
			require.Contains(t, s.control.broken[0].text(3),
				fmt.Sprintf("the shop answered each look of the page (%d of %d) with an error, the last one GET /orders/7 with 404 (no such page): is that where “look” is to ask?", n, n))
		}
	}
}

// A shop with the wrong secret that asks the provider by itself sells, while the provider tells
// it again and again. One control run is enough to say so.
func TestAShopThatRefusesAllWebhooksAndSellsIsDeaf(t *testing.T) {
	told := func(unsettled string, statuses ...int) *judge.Run {
		run := delivered(shown(bought("?"), "shipped"), "bad signature", statuses...)
		run.Unsettled = unsettled
		return run
	}
	const unsettled = "the provider still has something to do 13 min 18 s from now"
	shop := &target.Target{Webhooks: "/hook"}
	for name, c := range map[string]struct {
		run  *judge.Run
		deaf bool
	}{
		"all refused":           {told(unsettled, 400, 400), true},
		"one is taken":          {told(unsettled, 400, 200), false},
		"and it comes to rest":  {told("", 400, 400), false},
		"there is none to hear": {told(unsettled), false},
	} {
		s := weighedBy(&runner{out: io.Discard, targetShop: shop}, 3, c.run)
		require.Equal(t, c.deaf, len(s.control.runs) == 1, name)
		require.Equal(t, c.deaf, s.control.cannot == "the provider was never done: the shop answered every webhook of the provider (2 of 2) with 400 (bad signature): does it check them with ${webhooks.secret}, and is \"webhooks: /hook\" its path?",
			"%s: %s", name, s.control.cannot)
		require.Equal(t, c.deaf, somebodyCanBuy(shop).Judge(c.run).Verdict == judge.Unproven, name)
	}
	s := weighedBy(&runner{out: io.Discard, targetShop: shop}, 3, told("", 200), told("", 200), told(unsettled, 400, 400))
	require.NotContains(t, s.control.cannot, "never done", "it heard the provider in the others")

	untold := delivered(shown(bought("?"), "checking"), "bad signature", 400, 400)
	untold.Unsettled = unsettled
	s = weighedBy(&runner{out: io.Discard, targetShop: shop}, 3, untold)
	require.Len(t, s.control.runs, 1)
	require.Contains(t, s.control.cannot, "nobody was told of a sale", "though money was reserved")
}
