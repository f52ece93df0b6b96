package tap_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/tap"
)

const (
	aWhile   = 60 * time.Millisecond  // of a delay
	patience = 150 * time.Millisecond // of a caller who is to see a time-out
)

// It is the same for a caller that speaks TLS: the tap ends it, and sees plain messages.
func TestEachMessageFaultIsSeenByItsCallerAndItsCalleeAsItSays(t *testing.T) {
	put := OnPath(CustomerHop, "PUT", "/orders/{id}")
	answered := put.Answered()
	onlyArrived := []observe.Kind{observe.Arrived}
	once := []observe.Kind{observe.Arrived, observe.Answered}
	twice := []observe.Kind{observe.Arrived, observe.Answered, observe.Arrived, observe.Answered}
	const whole = `{"id":"b-ana-1","status":"shipped","charged":49900}`

	for _, row := range []struct {
		injection Injection
		class     observe.Class
		status    int
		body      string // exactly; empty: of no interest
		commits   int
		told      []observe.Kind
		evidence  string
		takes     time.Duration
	}{
		{injection: put.Hangs(), class: observe.TimedOut, told: onlyArrived,
			evidence: "the request went nowhere, and the connection stayed open", takes: patience},
		{injection: answered.Hangs(), class: observe.TimedOut, commits: 1, told: once,
			evidence: "the answer went nowhere, and the connection stayed open", takes: patience},
		{injection: put.Closes(), class: observe.Ended, told: onlyArrived,
			evidence: "the request was lost, and the connection ended"},
		{injection: answered.Closes(), class: observe.Ended, commits: 1, told: once,
			evidence: "the answer was lost, and the connection ended"},
		{injection: put.Resets(), class: observe.Reset, told: onlyArrived,
			evidence: "the request was lost, and the connection was reset"},
		{injection: answered.Resets(), class: observe.Reset, commits: 1, told: once,
			evidence: "the answer was lost, and the connection was reset"},
		{injection: put.Delays(aWhile), status: 200, body: whole, commits: 1, told: once,
			evidence: "the request was held back for 60ms", takes: aWhile},
		{injection: answered.Delays(aWhile), status: 200, body: whole, commits: 1, told: once,
			evidence: "the answer was held back for 60ms", takes: aWhile},
		{injection: put.Duplicates(), status: 200, body: whole, commits: 2, told: twice,
			evidence: "the callee got the request twice"},
		{injection: answered.Duplicates(), status: 200, body: whole, commits: 2, told: twice,
			evidence: "the callee got the request once more after it had answered"},
		{injection: put.Answers(503), status: 503, told: onlyArrived,
			evidence: "answered 503 without asking the callee"},
		{injection: put.Answers(204), status: 204, told: onlyArrived,
			evidence: "answered 204 without asking the callee"},
		{injection: put.AnswersWith(502, HTML), status: 502, told: onlyArrived,
			body:     "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1></center>\n</body>\n</html>\n",
			evidence: "answered 502 with an HTML page without asking the callee"},
		{injection: put.AnswersWith(500, NoBody), status: 500, told: onlyArrived,
			evidence: "answered 500 with an empty body without asking the callee"},
		{injection: answered.AnswersWith(500, NoBody), status: 500, commits: 1, told: once,
			evidence: "answered 500 with an empty body after the callee had said 200"},
		{injection: answered.Answers(503), status: 503, commits: 1, told: once,
			evidence: "answered 503 after the callee had said 200"},
		{injection: answered.Does(Fault{Kind: fault.Truncate}), class: observe.Ended, status: 200,
			body: whole[:len(whole)/2], commits: 1, told: once, evidence: "cut the answer after 25 of 51 bytes"},
		{injection: put.TruncatesAfter(0), class: observe.Ended, status: 200, commits: 1, told: once,
			evidence: "cut the answer after 0 of 51 bytes"},
		{injection: put.TruncatesAfter(7), class: observe.Ended, status: 200, body: whole[:7], commits: 1, told: once,
			evidence: "cut the answer after 7 of 51 bytes"},
		{injection: put.Stalls(), class: observe.TimedOut, status: 200, body: whole[:len(whole)/2], commits: 1, told: once,
			evidence: "stopped the answer after 25 of 51 bytes, and the connection stayed open", takes: patience},
		{injection: put.StallsAfter(0), class: observe.TimedOut, status: 200, commits: 1, told: once,
			evidence: "stopped the answer after 0 of 51 bytes, and the connection stayed open", takes: patience},
		{injection: put.StallsAfter(7).Lasting(aWhile), class: observe.Ended, status: 200, body: whole[:7], commits: 1, told: once,
			evidence: "stopped the answer after 7 of 51 bytes, and the connection stayed open", takes: aWhile},
		{injection: put.Answered().Renames("status", "orderStatus"), status: 200,
			body: `{"charged":49900,"id":"b-ana-1","orderStatus":"shipped"}`, commits: 1, told: once,
			evidence: `the field "status" of the answer was called "orderStatus"`},
		{injection: answered.Does(Fault{Kind: fault.Drop, Field: "status"}), status: 200,
			body: `{"charged":49900,"id":"b-ana-1"}`, commits: 1, told: once,
			evidence: `the field "status" of the answer was dropped`},
		{injection: answered.Does(Fault{Kind: fault.Retype, Field: "charged"}), status: 200,
			body: `{"charged":[49900],"id":"b-ana-1","status":"shipped"}`, commits: 1, told: once,
			evidence: `the field "charged" of the answer became a list`},
		{injection: answered.Replaces("charged", "49901"), status: 200,
			body: `{"charged":49901,"id":"b-ana-1","status":"shipped"}`, commits: 1, told: once,
			evidence: `the field "charged" of the answer became "49901"`},
	} {
		name := fmt.Sprintf("%s when it %s", row.injection.Fault.Kind, row.injection.Trigger.Phase)
		if row.injection.Fault.Kind == fault.Answer {
			name += fmt.Sprintf(": %s", row.injection.Fault)
		}
		for _, over := range []func(testing.TB, *hop) (string, *http.Client){plainly, overTLS} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				shop := newLedger(t)
				h := newHop(t, shop.address(), tap.Config{}, row.injection)
				base, client := over(t, h)
				limit := soon
				if row.class == observe.TimedOut {
					limit = patience
				}

				began := time.Now() // before the deadline is set, lest a busy machine come in between
				saw := call(within(t, limit), client, "PUT", base+"/orders/b-ana-1", `{"amount":49900}`)

				require.Equal(t, row.class, saw.class)
				require.Equal(t, row.status, saw.status)
				if row.body != "" {
					require.Equal(t, row.body, saw.body)
				}
				require.GreaterOrEqual(t, time.Since(began), row.takes)
				require.Equal(t, row.commits, shop.commits(), "what the callee committed")
				require.Equal(t, row.told, h.told())
				require.Equal(t, []string{row.evidence}, h.evidence())
			})
		}
	}
}

// An answer that is no longer than what is to come of it is not cut and does not stall, and the
// history says so.
func TestAShortAnswerIsNotCut(t *testing.T) {
	put := OnPath(CustomerHop, "PUT", "/orders/{id}")
	for _, injection := range []Injection{put.TruncatesAfter(51), put.StallsAfter(51)} {
		h := newHop(t, newLedger(t).address(), tap.Config{}, injection)
		answer, body, err := dial(t, h.address).ask("PUT", "/orders/1", order)
		require.NoError(t, err)
		require.EqualValues(t, len(body), answer.ContentLength)
		require.Empty(t, h.evidence())
		require.Equal(t, []string{"injection 1 had no effect on the answer to PUT /orders/1: no more than 51 bytes of its body came"}, h.notes())
	}
}

// The caller of an answer that stalls has its head and a part of it at once, with the length of
// the whole. Nothing more comes until the injection is over, and the connection ends then.
func TestAnAnswerThatStalls(t *testing.T) {
	h := newHop(t, newLedger(t).address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(2).Stalls())
	c := dial(t, h.address)
	_, whole, err := c.ask("PUT", "/orders/1", order)
	require.NoError(t, err)
	answer, err := c.askForHead("PUT", "/orders/2", order)
	require.NoError(t, err)
	require.EqualValues(t, len(whole), answer.ContentLength)
	require.False(t, answer.Close)
	part := make([]byte, len(whole)/2)
	_, err = io.ReadFull(answer.Body, part)
	require.NoError(t, err)
	require.Equal(t, whole[:len(part)], string(part))
	require.Equal(t, 1, h.InFlight(), "its caller has no whole answer")

	require.NoError(t, c.SetReadDeadline(time.Now().Add(aWhile)))
	_, err = c.in.Peek(1)
	require.Equal(t, observe.TimedOut, observe.Classify(err), "nothing more comes")
	require.NoError(t, c.SetReadDeadline(time.Now().Add(soon)))
	h.injector.Stop()
	_, err = answer.Body.Read(part)
	require.Equal(t, observe.Ended, observe.Classify(err))
	h.rests(t)
}

// A caller that leaves an answer that stalls ends it.
func TestAnAnswerThatStallsEndsWithItsCaller(t *testing.T) {
	h := newHop(t, newLedger(t).address(), tap.Config{}, OnPath(CustomerHop, "*", "/orders/{id}").Stalls())
	for method, body := range map[string]string{"PUT": order, "GET": ""} {
		c := dial(t, h.address)
		_, err := c.askForHead(method, "/orders/1", body)
		require.NoError(t, err)
		require.Equal(t, 1, h.InFlight())
		require.NoError(t, c.Close())
		h.rests(t)
	}
}

// rests waits until no message is under way.
func (h *hop) rests(t testing.TB) {
	require.Eventually(t, func() bool { return h.InFlight() == 0 }, soon, time.Millisecond)
}

// Neither an answer without a body nor one to HEAD stalls.
func TestAnAnswerWithoutABodyDoesNotStall(t *testing.T) {
	shop := newLedger(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Length", "51")
		} else {
			w.WriteHeader(http.StatusNoContent)
		}
	})
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "*", "/orders/{id}").StallsAfter(0))
	for method, status := range map[string]int{"HEAD": 200, "DELETE": 204} {
		answer, _, err := dial(t, h.address).ask(method, "/orders/1", "")
		require.NoError(t, err)
		require.Equal(t, status, answer.StatusCode)
	}
	require.Empty(t, h.evidence())
}

// What comes with an answer that no callee gave says of itself what it is.
func TestAnInventedAnswerSaysWhatItIs(t *testing.T) {
	for _, row := range []struct {
		body fault.Body
		kind []string
		size int64
	}{
		{"", []string{"application/problem+json"}, 112}, {HTML, []string{"text/html"}, 116}, {NoBody, nil, 0},
	} {
		h := newHop(t, newLedger(t).address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").AnswersWith(502, row.body))
		answer, body, err := dial(t, h.address).ask("PUT", "/orders/1", order)
		require.NoError(t, err)
		require.Equal(t, row.kind, answer.Header["Content-Type"], row.body)
		require.EqualValues(t, len(body), answer.ContentLength)
		require.Equal(t, row.size, answer.ContentLength, body)
	}
}

func TestAnInjectionHitsTheNthMessageOfItsTriggerAndNoOther(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(2).Answers(503))
	c := newClient(t)
	statuses := []int{}
	for _, m := range []struct{ method, path string }{
		{"PUT", "/orders/b-ana-1"}, {"GET", "/orders/b-ana-1"}, {"PUT", "/elsewhere"},
		{"PUT", "/orders/b-bo-1"}, {"PUT", "/orders/b-ana-1"},
	} {
		statuses = append(statuses, call(within(t, soon), c, m.method, h.url(m.path), "").status)
	}
	require.Equal(t, []int{200, 200, 200, 503, 200}, statuses)
	fired := h.await(t, func(e Event) bool { return e.Effect != nil })
	require.Equal(t, 4, fired.Effect.N, "the number of the message on the wire")
	require.Len(t, h.evidence(), 1)
}

func TestACopyIsAMessageOfItsOwnAndNoInjectionCountsIt(t *testing.T) {
	shop := newLedger(t)
	put := OnPath(CustomerHop, "PUT", "/orders/{id}")
	h := newHop(t, shop.address(), tap.Config{}, put.Nth(1).Duplicates(), put.Nth(2).Answers(503))
	c := newClient(t)
	require.Equal(t, 200, call(within(t, soon), c, "PUT", h.url("/orders/b-ana-1"), "").status)
	require.Equal(t, 503, call(within(t, soon), c, "PUT", h.url("/orders/b-ana-1"), "").status)
	var numbers []int
	for _, e := range h.History() {
		if e.Kind == observe.Arrived {
			numbers = append(numbers, e.Message.N)
		}
	}
	require.Equal(t, []int{1, 2, 3}, numbers)
}

func TestAHangEndsWhenItsInjectionHealsAndTheMessageIsStillLost(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Hangs().Lasting(aWhile))
	saw := call(within(t, soon), newClient(t), "PUT", h.url("/orders/b-ana-1"), "")
	require.Equal(t, observe.Ended, saw.class)
	require.GreaterOrEqual(t, saw.took, aWhile)
	require.Zero(t, shop.commits())
	require.Equal(t, 200, call(within(t, soon), newClient(t), "PUT", h.url("/orders/b-ana-1"), "").status,
		"a healed injection hits nothing any more")
}

func TestADelayIsCutShortWhenItStops(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Delays(time.Hour))
	came := make(chan outcome, 1)
	ctx, c := within(t, soon), newClient(t)
	go func() { came <- call(ctx, c, "PUT", h.url("/orders/b-ana-1"), "") }()
	h.await(t, func(e Event) bool { return e.Effect != nil && e.Effect.What == "fired" })
	require.Equal(t, 1, h.InFlight())
	h.injector.Stop()
	require.Equal(t, 200, (<-came).status)
	require.Equal(t, 1, shop.commits())
}

func TestAFieldThatIsNotThereCannotDriftAndTheInjectionHadNoEffect(t *testing.T) {
	for name, body := range map[string]string{
		"another field": `{"id":"1"}`, "a list": `[{"status":"shipped"}]`, "null": `null`, "no JSON": `status`, "nothing": ``,
	} {
		t.Run(name, func(t *testing.T) {
			shop := newLedger(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
			h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "GET", "/orders/{id}").Answered().Renames("status", "state"))
			require.Equal(t, body, call(within(t, soon), newClient(t), "GET", h.url("/orders/1"), "").body)
			require.Empty(t, h.evidence())
		})
	}
}

func TestWhatTheCallerReadsAndNoLongerGetsIsToldAsDrift(t *testing.T) {
	reads := map[string][]string{"PUT /orders/{id}": {"id", "status"}, "GET /orders/{id}": {"id"}}
	put := OnPath(CustomerHop, "PUT", "/orders/{id}")
	for name, row := range map[string]struct {
		method     string
		injections Schedule
		missing    []string
	}{
		"an answer with all of it":           {method: "PUT"},
		"renamed by an injection":            {"PUT", Schedule{put.Answered().Renames("status", "orderStatus")}, []string{"status"}},
		"two fields":                         {"PUT", Schedule{put.Answered().Renames("status", "a"), put.Answered().Renames("id", "b")}, []string{"id", "status"}},
		"a field that nobody reads":          {"PUT", Schedule{put.Answered().Renames("charged", "sum")}, nil},
		"invented by the network":            {"PUT", Schedule{put.Answers(200)}, []string{"id"}},
		"an error is no answer to read from": {"PUT", Schedule{put.Answers(500)}, nil},
		"an operation that nobody reads":     {"DELETE", nil, nil},
		"another operation of the same path": {"GET", Schedule{OnPath(CustomerHop, "GET", "/orders/{id}").Answered().Renames("id", "no")}, []string{"id"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHop(t, newLedger(t).address(), tap.Config{Reads: reads}, row.injections...)
			call(within(t, soon), newClient(t), row.method, h.url("/orders/b-ana-1"), "")
			var missing []string
			for _, e := range h.History() {
				if e.Kind == observe.Drift {
					missing = append(missing, e.Message.Missing...)
				}
			}
			require.Equal(t, row.missing, missing)
		})
	}
}
