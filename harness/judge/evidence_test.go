package judge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	. "github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/units"
)

// body gives a message so many bytes.
func body(e observe.Event, n int) observe.Event {
	e.Message.Body = strings.Repeat("x", n)
	return e
}

// on puts a message on another hop, told by that hop's actors.
func on(hop observe.Hop, e observe.Event) observe.Event {
	e.Message.Hop = hop
	return e
}

func TestAnInjectionTookEffectWhenTheFarEndShowsIt(t *testing.T) {
	const s = time.Second
	toxic := func(d fault.Direction, f fault.Fault) injection.Injection {
		return injection.Toxic(observe.CustomerHop, d, f)
	}
	begin, end := At(0, Injected(0, "installed")), At(50, Injected(0, "healed"))
	// What an answer, and what a request, looks like that came through so much later.
	answer := func(late float64, bytes int) []Moment {
		return []Moment{begin, At(1, Sent("c"), Arrived("c")), At(2, body(Answered("c"), bytes)), At(2+late, Received("c")), end}
	}
	request := func(late float64) []Moment {
		return []Moment{begin, At(1, Sent("c")), At(1+late, Arrived("c")), At(9, Answered("c"), Received("c")), end}
	}
	streamed := func(call string, broke observe.Class) observe.Event {
		e := Answered(call)
		e.Message.Stream, e.Message.Error = true, broke
		return e
	}
	stream := func(broke observe.Class, last observe.Event) []Moment {
		return []Moment{begin, At(1, Sent("c"), Arrived("c")), At(20, streamed("c", broke)), At(30, last), end}
	}
	answerLost := []Moment{begin, At(1, Sent("c"), Arrived("c")), At(2, Answered("c")), end}
	answerFailed := func(class observe.Class) []Moment {
		return append(answerLost[:3:3], At(3, Failed("c", class)), end)
	}
	for _, c := range []struct {
		name      string
		injection injection.Injection
		saw       []Moment
		effects   int
	}{
		{"latency, and the answer came late", toxic(fault.Downstream, injection.Latency(5*s)), answer(5, 0), 1},
		{"latency, and a divided clock lost a tenth", toxic(fault.Downstream, injection.Latency(5*s)), answer(4.6, 0), 1},
		{"latency, and the answer came at once", toxic(fault.Downstream, injection.Latency(5*s)), answer(0.1, 0), 0},
		{"latency, and the heal released what was held", toxic(fault.Downstream, injection.Latency(90*s)), answer(48, 0), 1},
		{"latency, and the heal came when nothing was held yet", toxic(fault.Downstream, injection.Latency(90*s)),
			[]Moment{begin, At(1, Sent("c"), Arrived("c")), At(49.9, Answered("c")), end, At(50.1, Received("c"))}, 0},
		{"latency, and the caller gave up meanwhile", toxic(fault.Downstream, injection.Latency(90*s)), answerFailed(observe.TimedOut), 1},
		{"latency, and the caller had given up before", toxic(fault.Downstream, injection.Latency(90*s)),
			[]Moment{begin, At(1, Sent("c"), Arrived("c")), At(45, Failed("c", observe.TimedOut)), At(46, Answered("c")), end}, 0},
		{"latency, and the caller gave up on a slow callee", toxic(fault.Downstream, injection.Latency(90*s)),
			[]Moment{begin, At(1, Sent("c"), Arrived("c")), At(44.99, Answered("c")), At(45, Failed("c", observe.TimedOut)), end}, 0},
		{"latency, and the answer was lost for ever", toxic(fault.Downstream, injection.Latency(90*s)), answerLost, 1},
		{"latency upstream, and the request came late", toxic(fault.Upstream, injection.Latency(5*s)), request(5), 1},
		{"latency upstream, and only the answer came late", toxic(fault.Upstream, injection.Latency(5*s)), answer(5, 0), 0},
		{"latency downstream, and only the request came late", toxic(fault.Downstream, injection.Latency(5*s)), request(5), 0},
		{"bandwidth, and the answer took its time", toxic(fault.Downstream, injection.Bandwidth(1)), answer(8, 8<<10), 1},
		{"bandwidth, and the answer was quick", toxic(fault.Downstream, injection.Bandwidth(1)), answer(1, 8<<10), 0},
		{"a huge bandwidth divides by nothing", toxic(fault.Downstream, injection.Bandwidth(1<<30)), answer(0, 8<<10), 0},
		{"silence, and the answer was lost", toxic(fault.Downstream, injection.Silence(0)), answerLost, 1},
		{"silence, and the caller saw the end", toxic(fault.Downstream, injection.Silence(s)), answerFailed(observe.Ended), 1},
		{"silence, and the answer came all the same", toxic(fault.Downstream, injection.Silence(0)), answer(0, 0), 0},
		{"reset_peer, and the caller saw a reset", toxic(fault.Downstream, injection.ResetPeer(0)), answerFailed(observe.Reset), 1},
		{"reset_peer, and the answer was quicker", toxic(fault.Downstream, injection.ResetPeer(s)), answer(0.1, 0), 0},
		{"slow_close cannot be seen in a message", toxic(fault.Downstream, injection.SlowClose(s)), answer(0.1, 0), 0},
		{"slicer, and the answer came in pieces", toxic(fault.Downstream, injection.Slicer(10, s)), answer(2, 30), 1},
		{"slicer, and one piece was enough", toxic(fault.Downstream, injection.Slicer(10, s)), answer(2, 10), 0},
		{"limit_data, and the answer was cut", toxic(fault.Downstream, injection.LimitData(10)), answerFailed(observe.Ended), 1},
		{"limit_data, and the answer was short", toxic(fault.Downstream, injection.LimitData(10)), answer(0, 5), 0},
		{"down, and the caller was refused", injection.Down(observe.CustomerHop), []Moment{begin, At(1, Sent("c")), At(1, Failed("c", observe.Refused)), end}, 1},
		{"down, and nobody called", injection.Down(observe.CustomerHop), []Moment{begin, end}, 0},
		{"down, and it was too late", injection.Down(observe.CustomerHop), []Moment{begin, end, At(51, Sent("c"), Failed("c", observe.Refused))}, 0},
		{"down, and another hop failed", injection.Down(observe.CustomerHop), []Moment{begin, At(1, on(observe.ProviderHop, Sent("c")), on(observe.ProviderHop, Failed("c", observe.Refused))), end}, 0},
		{"never installed", toxic(fault.Downstream, injection.Latency(5*s)), answer(5, 0)[1:4], 0},
		{"healed before", toxic(fault.Downstream, injection.Latency(5*s)), []Moment{begin, At(1, Injected(0, "healed")), At(2, Answered("c")), At(7, Received("c"))}, 0},
		{"never healed", toxic(fault.Downstream, injection.Latency(5*s)), answer(5, 0)[:4], 1},
		{"another injection's heal", toxic(fault.Downstream, injection.Latency(5*s)), []Moment{begin, At(1, Injected(1, "healed")), At(2, Answered("c")), At(7, Received("c"))}, 1},
		{"twice", toxic(fault.Downstream, injection.Latency(5*s)), append(answer(5, 0)[:4:4], At(8, Answered("d")), At(13, Received("d"))), 2},
		{"the far end stands first in the same instant", toxic(fault.Downstream, injection.LimitData(10)),
			[]Moment{begin, At(2, Received("c"), Answered("c")), end}, 0},
		{"lost, and the client silently asked again", toxic(fault.Downstream, injection.ResetPeer(0)), []Moment{begin, At(1, Sent("c"), Arrived("c")),
			At(2, Answered("c")), At(3, Injected(0, "healed"), Arrived("c")), At(4, Answered("c")), At(4, Received("c"))}, 1},
		{"a stream is slow by itself", toxic(fault.Downstream, injection.Latency(5*s)), stream("", Received("c")), 0},
		{"a stream whose reader left before it was told of", toxic(fault.Downstream, injection.Silence(0)),
			[]Moment{begin, At(1, Sent("c"), Arrived("c")), At(20, Received("c")), At(20.1, streamed("c", "")), end}, 0},
		{"a stream that its reader gave up", toxic(fault.Downstream, injection.Latency(5*s)), stream("", Failed("c", observe.Cancelled)), 0},
		{"a stream that was reset", toxic(fault.Downstream, injection.ResetPeer(0)), stream("", Failed("c", observe.Reset)), 1},
		{"a stream that the callee broke off", toxic(fault.Downstream, injection.ResetPeer(0)), stream(observe.Reset, Failed("c", observe.Reset)), 0},
		{"a browser names no calls", toxic(fault.Downstream, injection.Latency(5*s)), []Moment{begin, At(2, Answered("")), At(7, Received("")), end}, 1},
		{"a browser has two calls under way", toxic(fault.Downstream, injection.Latency(5*s)),
			[]Moment{begin, At(2, Answered("")), At(3, Answered("")), At(7, Received("")), At(8, Received("")), end}, 2},
		{"a browser was refused at once", toxic(fault.Upstream, injection.Latency(5*s)),
			[]Moment{begin, At(1, Sent(""), Failed("", observe.Refused)), end}, 0},
		{"a browser had given up before", toxic(fault.Downstream, injection.Latency(90*s)),
			[]Moment{begin, At(1, Sent(""), Arrived("")), At(45, Failed("", observe.TimedOut)), At(46, Answered("")), end}, 0},
		{"a browser's own sighting is not the far end", toxic(fault.Upstream, injection.Latency(5*s)), []Moment{begin, At(2, Sent("")), At(7, Arrived("")), end}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.injection.Check())
			r := RunOf(c.saw...)
			r.Schedule = injection.Schedule{c.injection}
			require.Len(t, r.Effects(0), c.effects)
			ruling := Judged(r, "every-injection-took-effect")
			require.Equal(t, map[bool]Verdict{true: Kept, false: Unproven}[c.effects > 0], ruling.Verdict)
		})
	}
}

// The provider says that a customer decided, and its ledger has to agree.
func TestTheLedgerShowsWhatACustomerDecided(t *testing.T) {
	took := func(payment string) observe.Event {
		e := Injected(0, "fired")
		e.Effect.Payment = payment
		return e
	}
	created := At(1, Money(observe.MoneyCreated, "b-ana-1", 49900), Injected(0, "installed"))
	now := At(4, took("b-ana-1"))
	entry := func(at float64, op observe.EntryOp, payment string) Moment { return At(at, Money(op, payment, 49900)) }
	for name, row := range map[string]struct {
		injection injection.Injection
		saw       []Moment
		effects   int
	}{
		"declined":                   {injection.OnPayment(1).Declines(), []Moment{created, entry(4, "aborted", "b-ana-1"), now}, 1},
		"declined, and another was":  {injection.OnPayment(1).Declines(), []Moment{created, entry(4, "aborted", "b-bob-1"), now}, 0},
		"declined, and approved":     {injection.OnPayment(1).Declines(), []Moment{created, now, entry(4, "authorized", "b-ana-1")}, 0},
		"abandoned":                  {injection.OnPayment(1).Abandons(), []Moment{created, now, entry(600, "expired", "b-ana-1")}, 1},
		"abandoned, and approved":    {injection.OnPayment(1).Abandons(), []Moment{created, now, entry(30, "authorized", "b-ana-1")}, 0},
		"late":                       {injection.OnPayment(1).ApprovesLate(time.Minute), []Moment{created, now, entry(64, "authorized", "b-ana-1")}, 1},
		"late, and it was over then": {injection.OnPayment(1).ApprovesLate(time.Minute), []Moment{created, now, entry(9, "terminated", "b-ana-1")}, 1},
		"late, and it was not":       {injection.OnPayment(1).ApprovesLate(time.Minute), []Moment{created, now, entry(5, "authorized", "b-ana-1")}, 0},
		"over before she saw it":     {injection.OnPayment(1).ApprovesLate(time.Minute), []Moment{created, entry(2, "terminated", "b-ana-1")}, 0},
		"no such payment":            {injection.OnPayment(2).Declines(), []Moment{At(1, Money(observe.MoneyCreated, "b-ana-1", 49900))}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := RunOf(row.saw...)
			r.Schedule = injection.Schedule{row.injection}
			require.Len(t, r.Effects(0), row.effects)
			ruling := Judged(r, "every-injection-took-effect")
			require.Equal(t, map[bool]Verdict{true: Kept, false: Unproven}[row.effects > 0], ruling.Verdict)
			if name == "no such payment" {
				require.Contains(t, ruling.Because, "“created” was written 1×, and it waits for payment #2; the ledgers have: 1× created")
			}
			if name == "over before she saw it" {
				require.Contains(t, ruling.Because, "no payment waited for her when she would have approved it; the ledgers have: 1× created, 1× terminated")
			}
		})
	}
}

func TestTheTapTellsWhetherItsInjectionTookEffect(t *testing.T) {
	hang := injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Hangs()
	kill := injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Kills("checkout")
	twice := hang
	twice.Times = 2
	for _, c := range []struct {
		name      string
		injection injection.Injection
		saw       []observe.Event
		want      Verdict
		because   string
	}{
		{"fired", hang, []observe.Event{Injected(0, "fired"), Injected(0, "healed")}, Kept, ""},
		{"never fired", hang, nil, Unproven, "had no effect: no PUT /orders/{id} came on customer>checkout; what came: nothing"},
		{"another fired", hang, []observe.Event{Injected(1, "fired")}, Unproven, "had no effect: no PUT /orders/{id} came"},
		{"healed only", hang, []observe.Event{Injected(0, "healed")}, Unproven, "had no effect: no PUT /orders/{id} came"},
		{"killed", kill, []observe.Event{Injected(0, "fired")}, Kept, ""},
		{"not killed", kill, nil, Unproven, "had no effect: no PUT /orders/{id} came"},
		{"once instead of twice", twice, []observe.Event{Injected(0, "fired")}, Unproven, "took effect once instead of twice"},
		{"twice", twice, []observe.Event{Injected(0, "fired"), Injected(0, "fired")}, Kept, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Happy(At(5, c.saw...))
			r.Schedule = injection.Schedule{c.injection}
			ruling := Judged(r, "every-injection-took-effect")
			require.Equal(t, c.want, ruling.Verdict)
			require.Contains(t, ruling.Because, c.because)
			require.Equal(t, c.want, r.Verdict(), "one toothless injection and the run is not green")
		})
	}
}

// A token has expired where the provider itself answers 401 afterwards: neither one from
// before nor one that a tap made up proves that, nor a login that is refused.
func TestA401AfterwardsShowsThatATokenExpired(t *testing.T) {
	expired := injection.On(observe.Capture).Nth(1).ExpiresToken()
	expired.Hop = observe.ProviderHop
	says := func(kind observe.Kind, status int, path string) observe.Event {
		e := on(observe.ProviderHop, Answered("c"))
		e.Kind, e.Message.Method, e.Message.Path, e.Message.Status = kind, "POST", path, status
		return e
	}
	begin := At(3, Injected(0, "installed"))
	for name, row := range map[string]struct {
		saw     []Moment
		effects int
	}{
		"refused":                {[]Moment{begin, At(4, says(observe.Answered, 401, "/capture"))}, 1},
		"refused when it healed": {[]Moment{begin, At(4, Injected(0, "healed")), At(5, says(observe.Answered, 401, "/capture"))}, 1},
		"taken":                  {[]Moment{begin, At(4, says(observe.Answered, 200, "/capture"))}, 0},
		"refused before":         {[]Moment{At(2, says(observe.Answered, 401, "/capture")), begin}, 0},
		"made up by a tap":       {[]Moment{begin, At(4, says(observe.Received, 401, "/capture"))}, 0},
		"a login that failed":    {[]Moment{begin, At(4, says(observe.Answered, 401, "/token"))}, 0},
		"another hop":            {[]Moment{begin, At(4, Answered("c"))}, 0},
		"never came":             {[]Moment{At(4, says(observe.Answered, 401, "/capture"))}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := RunOf(row.saw...)
			r.Schedule = injection.Schedule{expired}
			r.Routes = observe.Routes{{Operation: observe.Authenticate, Hop: observe.ProviderHop, Method: "POST", Path: "/token"}}
			require.Len(t, r.Effects(0), row.effects)
		})
	}
}

func TestEachInjectionOfAScheduleMustTakeEffect(t *testing.T) {
	hang := injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Hangs()
	r := Happy(At(5, Injected(0, "fired")))
	r.Schedule = injection.Schedule{hang, hang}
	require.Equal(t, Unproven, Judged(r, "every-injection-took-effect").Verdict)
	r = Happy(At(5, Injected(0, "fired"), Injected(1, "fired")))
	r.Schedule = injection.Schedule{hang, hang}
	require.Equal(t, Kept, Judged(r, "every-injection-took-effect").Verdict)
	r = Happy()
	r.Judge(StandardPromises())
	require.Nil(t, r.Ruling("every-injection-took-effect"), "no injections, no proof needed")
}

func TestWhatCameInsteadIsTold(t *testing.T) {
	get := func(path string) observe.Event {
		e := Arrived("")
		e.Message.Method, e.Message.Path = "GET", path
		return e
	}
	post := func(path string) observe.Event {
		e := get(path)
		e.Message.Method = "POST"
		return e
	}
	of := func(s injection.Injection, saw ...Moment) string {
		r := Happy(saw...)
		r.Schedule = injection.Schedule{s}
		return Judged(r, "every-injection-took-effect").Because
	}
	put := injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}")
	cart := At(5, get("/cart/b-ana-1"), get("/cart/b-ana-2?x=1"), get("/cart/77"), post("/cart/77/buy"))
	elsewhere := At(5, on(observe.ProviderHop, get("/token")))
	many := At(5, get("/a"), get("/b"), get("/c"), get("/d"), get("/e"), get("/f"), get("/g"), get("/h"))
	for _, c := range []struct{ name, got, want string }{
		{"another way to buy", of(put.Hangs(), cart, elsewhere),
			"no PUT /orders/{id} came on customer>checkout; what came: 3× GET /cart/{id}, 1× POST /cart/{id}/buy"},
		{"sent and never arrived", of(injection.OnPath(observe.CustomerHop, "POST", "/buy").Nth(1).Toxic(fault.Upstream, injection.Latency(time.Second)), At(5, Sent("c"))),
			"no POST /buy came on customer>checkout; what came: 1× PUT /orders/{id}"},
		{"sent by a browser and never arrived", of(injection.OnPath(observe.CustomerHop, "POST", "/buy").Hangs(), At(5, Sent(""), Failed("", observe.Refused))),
			"no POST /buy came on customer>checkout; what came: 1× PUT /orders/{id}"},
		{"not often enough", of(put.Nth(3).Hangs(), At(5, Sent("c"), Arrived("c")), At(6, Arrived("c"))),
			"PUT /orders/{id} came 2× on customer>checkout, and it waits for #3; what else came: nothing"},
		{"never answered", of(put.Answered().Hangs(), At(5, Arrived("c"))),
			"PUT /orders/{id} came 1× on customer>checkout, and was not answered; what else came: nothing"},
		{"six kinds at most", of(put.Hangs(), many),
			"what came: 1× GET /a, 1× GET /b, 1× GET /c, 1× GET /d, 1× GET /e, 1× GET /f, and 2 more kinds"},
		{"no such entry", of(injection.Down(observe.ProviderHop).When("refunded", 1)),
			"no “refunded” was written; the ledgers have: 1× authorized, 1× booked, 1× captured"},
		{"too few entries", of(injection.Down(observe.ProviderHop).When("captured", 2)), "“captured” was written 1×, and it waits for #2"},
		{"too late", of(injection.Down(observe.ProviderHop).From(time.Minute)), "it waits for 60.0 s, and the last event was at 4.0 s"},
		{"installed after all was over", of(injection.Down(observe.CustomerHop), cart, At(6, Injected(0, "installed"))),
			"was installed, no observable effect (0 of 1); what came on customer>checkout meanwhile: nothing"},
		{"installed and harmless", of(injection.Toxic(observe.CustomerHop, fault.Downstream, injection.SlowClose(time.Second)), At(1, Injected(0, "installed")), cart),
			"was installed, no observable effect (0 of 1); what came on customer>checkout meanwhile: 3× GET /cart/{id}, 1× POST /cart/{id}/buy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, c.got, c.want)
			require.Equal(t, strings.Contains(c.got, "had no effect: "), NeverInstalled(c.got))
		})
	}
}

// Where the tap could not do what the injection asks for, its word is the reason.
func TestTheTapsReasonIsTold(t *testing.T) {
	rename := injection.OnPath(observe.CustomerHop, "GET", "/orders/{id}").Answered().Renames("status", "state")
	r := Happy()
	var told observe.Event
	injector := injection.NewInjector(injection.Schedule{rename}, units.Wall, func(e observe.Event) { told = e }, nil, nil)
	injector.Missed(0, injection.Point{Hop: observe.CustomerHop, Method: "GET", Path: "/orders/1"}, "it is no valid gzip")
	r.History = append(r.History, told)
	r.Schedule = injection.Schedule{rename}
	require.Equal(t, "the injection “"+rename.String()+"” had no effect on the answer to GET /orders/1: it is no valid gzip", r.WithoutEffect(0))
	r.Schedule = injection.Schedule{injection.OnPath(observe.CustomerHop, "GET", "/").Closes(), rename}
	require.NotContains(t, r.WithoutEffect(1), "gzip", "said of another")
}
