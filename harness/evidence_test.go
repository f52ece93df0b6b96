package harness_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
)

// body gives a message so many bytes.
func body(e Event, n int) Event {
	e.Message.Body = strings.Repeat("x", n)
	return e
}

// on puts a message on another hop, told by that hop's actors.
func on(hop Hop, e Event) Event {
	e.Message.Hop = string(hop)
	return e
}

func TestAnInjectionTookEffectWhenTheFarEndShowsIt(t *testing.T) {
	const s = time.Second
	toxic := func(d Direction, f Fault) Injection { return Toxic(CustomerHop, d, f) }
	begin, end := at(0, injected(0, "installed")), at(50, injected(0, "healed"))
	// What an answer, and what a request, looks like that came through so much later.
	answer := func(late float64, bytes int) []moment {
		return []moment{begin, at(1, sent("c"), arrived("c")), at(2, body(answered("c"), bytes)), at(2+late, received("c")), end}
	}
	request := func(late float64) []moment {
		return []moment{begin, at(1, sent("c")), at(1+late, arrived("c")), at(9, answered("c"), received("c")), end}
	}
	streamed := func(call string, broke observe.Class) Event {
		e := answered(call)
		e.Message.Stream, e.Message.Error = true, broke
		return e
	}
	stream := func(broke observe.Class, last Event) []moment {
		return []moment{begin, at(1, sent("c"), arrived("c")), at(20, streamed("c", broke)), at(30, last), end}
	}
	answerLost := []moment{begin, at(1, sent("c"), arrived("c")), at(2, answered("c")), end}
	answerFailed := func(class observe.Class) []moment {
		return append(answerLost[:3:3], at(3, failed("c", class)), end)
	}
	for _, c := range []struct {
		name      string
		injection Injection
		saw       []moment
		effects   int
	}{
		{"latency, and the answer came late", toxic(Downstream, Latency(5*s)), answer(5, 0), 1},
		{"latency, and a divided clock lost a tenth", toxic(Downstream, Latency(5*s)), answer(4.6, 0), 1},
		{"latency, and the answer came at once", toxic(Downstream, Latency(5*s)), answer(0.1, 0), 0},
		{"latency, and the heal released what was held", toxic(Downstream, Latency(90*s)), answer(48, 0), 1},
		{"latency, and the heal came when nothing was held yet", toxic(Downstream, Latency(90*s)),
			[]moment{begin, at(1, sent("c"), arrived("c")), at(49.9, answered("c")), end, at(50.1, received("c"))}, 0},
		{"latency, and the caller gave up meanwhile", toxic(Downstream, Latency(90*s)), answerFailed(observe.TimedOut), 1},
		{"latency, and the caller had given up before", toxic(Downstream, Latency(90*s)),
			[]moment{begin, at(1, sent("c"), arrived("c")), at(45, failed("c", observe.TimedOut)), at(46, answered("c")), end}, 0},
		{"latency, and the caller gave up on a slow callee", toxic(Downstream, Latency(90*s)),
			[]moment{begin, at(1, sent("c"), arrived("c")), at(44.99, answered("c")), at(45, failed("c", observe.TimedOut)), end}, 0},
		{"latency, and the answer was lost for ever", toxic(Downstream, Latency(90*s)), answerLost, 1},
		{"latency upstream, and the request came late", toxic(Upstream, Latency(5*s)), request(5), 1},
		{"latency upstream, and only the answer came late", toxic(Upstream, Latency(5*s)), answer(5, 0), 0},
		{"latency downstream, and only the request came late", toxic(Downstream, Latency(5*s)), request(5), 0},
		{"bandwidth, and the answer took its time", toxic(Downstream, Bandwidth(1)), answer(8, 8<<10), 1},
		{"bandwidth, and the answer was quick", toxic(Downstream, Bandwidth(1)), answer(1, 8<<10), 0},
		{"a huge bandwidth divides by nothing", toxic(Downstream, Bandwidth(1<<30)), answer(0, 8<<10), 0},
		{"silence, and the answer was lost", toxic(Downstream, Silence(0)), answerLost, 1},
		{"silence, and the caller saw the end", toxic(Downstream, Silence(s)), answerFailed(observe.Ended), 1},
		{"silence, and the answer came all the same", toxic(Downstream, Silence(0)), answer(0, 0), 0},
		{"reset_peer, and the caller saw a reset", toxic(Downstream, ResetPeer(0)), answerFailed(observe.Reset), 1},
		{"reset_peer, and the answer was quicker", toxic(Downstream, ResetPeer(s)), answer(0.1, 0), 0},
		{"slow_close cannot be seen in a message", toxic(Downstream, SlowClose(s)), answer(0.1, 0), 0},
		{"slicer, and the answer came in pieces", toxic(Downstream, Slicer(10, s)), answer(2, 30), 1},
		{"slicer, and one piece was enough", toxic(Downstream, Slicer(10, s)), answer(2, 10), 0},
		{"limit_data, and the answer was cut", toxic(Downstream, LimitData(10)), answerFailed(observe.Ended), 1},
		{"limit_data, and the answer was short", toxic(Downstream, LimitData(10)), answer(0, 5), 0},
		{"down, and the caller was refused", Down(CustomerHop), []moment{begin, at(1, sent("c")), at(1, failed("c", observe.Refused)), end}, 1},
		{"down, and nobody called", Down(CustomerHop), []moment{begin, end}, 0},
		{"down, and it was too late", Down(CustomerHop), []moment{begin, end, at(51, sent("c"), failed("c", observe.Refused))}, 0},
		{"down, and another hop failed", Down(CustomerHop), []moment{begin, at(1, on(ProviderHop, sent("c")), on(ProviderHop, failed("c", observe.Refused))), end}, 0},
		{"never installed", toxic(Downstream, Latency(5*s)), answer(5, 0)[1:4], 0},
		{"healed before", toxic(Downstream, Latency(5*s)), []moment{begin, at(1, injected(0, "healed")), at(2, answered("c")), at(7, received("c"))}, 0},
		{"never healed", toxic(Downstream, Latency(5*s)), answer(5, 0)[:4], 1},
		{"another injection's heal", toxic(Downstream, Latency(5*s)), []moment{begin, at(1, injected(1, "healed")), at(2, answered("c")), at(7, received("c"))}, 1},
		{"twice", toxic(Downstream, Latency(5*s)), append(answer(5, 0)[:4:4], at(8, answered("d")), at(13, received("d"))), 2},
		{"the far end stands first in the same instant", toxic(Downstream, LimitData(10)),
			[]moment{begin, at(2, received("c"), answered("c")), end}, 0},
		{"lost, and the client silently asked again", toxic(Downstream, ResetPeer(0)), []moment{begin, at(1, sent("c"), arrived("c")),
			at(2, answered("c")), at(3, injected(0, "healed"), arrived("c")), at(4, answered("c")), at(4, received("c"))}, 1},
		{"a stream is slow by itself", toxic(Downstream, Latency(5*s)), stream("", received("c")), 0},
		{"a stream whose reader left before it was told of", toxic(Downstream, Silence(0)),
			[]moment{begin, at(1, sent("c"), arrived("c")), at(20, received("c")), at(20.1, streamed("c", "")), end}, 0},
		{"a stream that its reader gave up", toxic(Downstream, Latency(5*s)), stream("", failed("c", observe.Cancelled)), 0},
		{"a stream that was reset", toxic(Downstream, ResetPeer(0)), stream("", failed("c", observe.Reset)), 1},
		{"a stream that the callee broke off", toxic(Downstream, ResetPeer(0)), stream(observe.Reset, failed("c", observe.Reset)), 0},
		{"a browser names no calls", toxic(Downstream, Latency(5*s)), []moment{begin, at(2, answered("")), at(7, received("")), end}, 1},
		{"a browser's own sighting is not the far end", toxic(Upstream, Latency(5*s)), []moment{begin, at(2, sent("")), at(7, arrived("")), end}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.injection.Check())
			r := run(c.saw...)
			r.Schedule = Schedule{c.injection}
			require.Len(t, r.Effects(0), c.effects)
			ruling := judged(r, "every-injection-took-effect")
			require.Equal(t, map[bool]Verdict{true: Kept, false: Unproven}[c.effects > 0], ruling.Verdict)
		})
	}
}

func TestTheTapTellsWhetherItsInjectionTookEffect(t *testing.T) {
	hang := OnPath(CustomerHop, "PUT", "/orders/{id}").Hangs()
	kill := OnPath(CustomerHop, "PUT", "/orders/{id}").Kills("checkout")
	twice := hang
	twice.Times = 2
	for _, c := range []struct {
		name      string
		injection Injection
		saw       []Event
		want      Verdict
		because   string
	}{
		{"fired", hang, []Event{injected(0, "fired"), injected(0, "healed")}, Kept, ""},
		{"never fired", hang, nil, Unproven, "had no effect: no PUT /orders/{id} came on customer>checkout; what came: nothing"},
		{"another fired", hang, []Event{injected(1, "fired")}, Unproven, "had no effect: no PUT /orders/{id} came"},
		{"healed only", hang, []Event{injected(0, "healed")}, Unproven, "had no effect: no PUT /orders/{id} came"},
		{"killed", kill, []Event{injected(0, "fired")}, Kept, ""},
		{"not killed", kill, nil, Unproven, "had no effect: no PUT /orders/{id} came"},
		{"once instead of twice", twice, []Event{injected(0, "fired")}, Unproven, "took effect once instead of twice"},
		{"twice", twice, []Event{injected(0, "fired"), injected(0, "fired")}, Kept, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := happy(at(5, c.saw...))
			r.Schedule = Schedule{c.injection}
			ruling := judged(r, "every-injection-took-effect")
			require.Equal(t, c.want, ruling.Verdict)
			require.Contains(t, ruling.Because, c.because)
			require.Equal(t, c.want, r.Verdict(), "one toothless injection and the run is not green")
		})
	}
}

func TestEachInjectionOfAScheduleMustTakeEffect(t *testing.T) {
	hang := OnPath(CustomerHop, "PUT", "/orders/{id}").Hangs()
	r := happy(at(5, injected(0, "fired")))
	r.Schedule = Schedule{hang, hang}
	require.Equal(t, Unproven, judged(r, "every-injection-took-effect").Verdict)
	r = happy(at(5, injected(0, "fired"), injected(1, "fired")))
	r.Schedule = Schedule{hang, hang}
	require.Equal(t, Kept, judged(r, "every-injection-took-effect").Verdict)
	r = happy()
	r.Judge(StandardPromises())
	require.Nil(t, r.Ruling("every-injection-took-effect"), "no injections, no proof needed")
}

func TestWhatCameInsteadIsTold(t *testing.T) {
	get := func(path string) Event {
		e := arrived("")
		e.Message.Method, e.Message.Path = "GET", path
		return e
	}
	post := func(path string) Event {
		e := get(path)
		e.Message.Method = "POST"
		return e
	}
	of := func(s Injection, saw ...moment) string {
		r := happy(saw...)
		r.Schedule = Schedule{s}
		return judged(r, "every-injection-took-effect").Because
	}
	put := OnPath(CustomerHop, "PUT", "/orders/{id}")
	cart := at(5, get("/cart/b-ana-1"), get("/cart/b-ana-2?x=1"), get("/cart/77"), post("/cart/77/buy"))
	elsewhere := at(5, on(ProviderHop, get("/token")))
	many := at(5, get("/a"), get("/b"), get("/c"), get("/d"), get("/e"), get("/f"), get("/g"), get("/h"))
	for _, c := range []struct{ name, got, want string }{
		{"another way to buy", of(put.Hangs(), cart, elsewhere),
			"no PUT /orders/{id} came on customer>checkout; what came: 3× GET /cart/{id}, 1× POST /cart/{id}/buy"},
		{"sent and never arrived", of(OnPath(CustomerHop, "POST", "/buy").Nth(1).Toxic(Upstream, Latency(time.Second)), at(5, sent("c"))),
			"no POST /buy came on customer>checkout; what came: 1× PUT /orders/{id}"},
		{"not often enough", of(put.Nth(3).Hangs(), at(5, sent("c"), arrived("c")), at(6, arrived("c"))),
			"PUT /orders/{id} came 2× on customer>checkout, and it waits for #3; what else came: nothing"},
		{"never answered", of(put.Answered().Hangs(), at(5, arrived("c"))),
			"PUT /orders/{id} came 1× on customer>checkout, and was not answered; what else came: nothing"},
		{"six kinds at most", of(put.Hangs(), many),
			"what came: 1× GET /a, 1× GET /b, 1× GET /c, 1× GET /d, 1× GET /e, 1× GET /f, and 2 more kinds"},
		{"no such entry", of(Down(ProviderHop).When("refunded", 1)),
			"no “refunded” was written; the ledgers have: 1× authorized, 1× booked, 1× captured"},
		{"too few entries", of(Down(ProviderHop).When("captured", 2)), "“captured” was written 1×, and it waits for #2"},
		{"too late", of(Down(ProviderHop).From(time.Minute)), "it waits for 60.0 s, and the last event was at 4.0 s"},
		{"installed after all was over", of(Down(CustomerHop), cart, at(6, injected(0, "installed"))),
			"was installed, no observable effect (0 of 1); what came on customer>checkout meanwhile: nothing"},
		{"installed and harmless", of(Toxic(CustomerHop, Downstream, SlowClose(time.Second)), at(1, injected(0, "installed")), cart),
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
	rename := OnPath(CustomerHop, "GET", "/orders/{id}").Answered().Renames("status", "state")
	r := happy()
	var told Event
	injector := NewInjector(Schedule{rename}, Wall, func(e Event) { told = e }, nil, nil)
	injector.Missed(0, Point{Hop: CustomerHop, Method: "GET", Path: "/orders/1"}, "it is no valid gzip")
	r.History = append(r.History, told)
	r.Schedule = Schedule{rename}
	require.Equal(t, "the injection “"+rename.String()+"” had no effect on the answer to GET /orders/1: it is no valid gzip", r.WithoutEffect(0))
	r.Schedule = Schedule{OnPath(CustomerHop, "GET", "/").Closes(), rename}
	require.NotContains(t, r.WithoutEffect(1), "gzip", "said of another")
}
