package tap_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// teller is a callee that answers with what it is told to say, when it is, and
// ends the answer when words is closed.
type teller struct {
	*ledger
	words chan string
	left  chan struct{} // closed when the caller of a stream is gone
}

func newTeller(t testing.TB, header ...string) *teller {
	s := &teller{words: make(chan string), left: make(chan struct{})}
	s.ledger = newLedger(t, func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		out := http.NewResponseController(w)
		if err := out.Flush(); err != nil {
			t.Error(err)
		}
		for {
			select {
			case word, more := <-s.words:
				if !more {
					return
				}
				_, _ = io.WriteString(w, word)
				_ = out.Flush()
			case <-r.Context().Done():
				close(s.left)
				return
			}
		}
	})
	return s
}

var events = []string{"Content-Type", "text/event-stream; charset=utf-8"}

// listener reads an answer as it comes.
type listener struct {
	*http.Response
	c *plainCaller
}

func listen(t testing.TB, h *hop, path string) *listener {
	c := dial(t, h.address)
	_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: shop.example\r\n\r\n", path)
	require.NoError(t, err)
	answer, err := http.ReadResponse(c.in, nil)
	require.NoError(t, err)
	return &listener{answer, c}
}

// hears reads so much as the text is long.
func (l *listener) hears(t testing.TB, text string) {
	got := make([]byte, len(text))
	n, err := io.ReadFull(l.Body, got)
	require.NoError(t, err, "after %q", got[:n])
	require.Equal(t, text, string(got))
}

// answered waits for the sighting of the answer.
func (h *hop) answered(t testing.TB) observe.Message {
	return *h.await(t, func(e Event) bool { return e.Kind == observe.Answered }).Message
}

func TestAStreamIsPassedOnWhileItIsTold(t *testing.T) {
	for name, row := range map[string]struct {
		header []string
		stream bool
	}{
		"events": {events, true},
		"lines":  {[]string{"Content-Type", "application/x-ndjson"}, true},
		// What is over so soon may have come in parts because the machine is slow.
		"of no kind at all": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newTeller(t, row.header...)
			h := newHop(t, shop.address(), tap.Config{})
			l := listen(t, h, "/orders/1/events")
			for _, text := range []string{"data: {\"status\":\"working\"}\n\n", ": still here\n\n", "data: {\"status\":\"shipped\"}\n\n"} {
				shop.words <- text
				l.hears(t, text)
				require.Zero(t, h.InFlight(), "an open stream is no message under way")
				require.Equal(t, []observe.Kind{observe.Arrived}, h.told())
			}
			close(shop.words)
			rest, err := io.ReadAll(l.Body)
			require.NoError(t, err)
			require.Empty(t, rest)
			seen := h.answered(t)
			require.True(t, seen.Stream || !row.stream)
			require.Equal(t, 200, seen.Status)
			require.Empty(t, seen.Error)
			require.Equal(t, "data: {\"status\":\"working\"}\n\n: still here\n\ndata: {\"status\":\"shipped\"}\n\n", seen.Body)

			_, _, err = l.c.ask("GET", "/", "")
			require.NoError(t, err, "both connections go on")
			require.Equal(t, 1, shop.connections())
		})
	}
}

// What does not say how long it is, and ends at once, is an answer like any other.
func TestAnAnswerInChunksThatEndsIsNoStream(t *testing.T) {
	body := strings.Repeat("0123456789abcdef", 1000)
	h := newHop(t, newLedger(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, body)
	}).address(), tap.Config{})
	answer, got, err := dial(t, h.address).ask("GET", "/", "")
	require.NoError(t, err)
	require.Equal(t, body, got)
	require.EqualValues(t, len(body), answer.ContentLength)
	require.False(t, h.answered(t).Stream)
}

func TestAnAnswerBeyondAllMeasurePassesWithItsLength(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<20+1)
	h := newHop(t, newLedger(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(big)))
		_, _ = io.WriteString(w, big)
	}).address(), tap.Config{}, OnPath(CustomerHop, "GET", "/{file}").Answered().Renames("a", "b"))
	answer, got, err := dial(t, h.address).ask("GET", "/file", "")
	require.NoError(t, err)
	require.EqualValues(t, len(big), answer.ContentLength)
	require.True(t, got == big, "a byte was lost or changed")
	require.Len(t, h.answered(t).Body, observe.MaxBody)
	require.Equal(t, []string{"injection 1 had no effect on the answer to GET /file: it is a stream of more than 16 MiB"}, h.notes())
}

func TestWhatIsSaidAfterAnAnswerPasses(t *testing.T) {
	for name, pause := range map[string]bool{"a short answer": false, "a stream": true} {
		t.Run(name, func(t *testing.T) {
			callee := newCallee(t, func(in *bufio.Reader, out io.Writer) {
				for {
					if _, err := http.ReadRequest(in); err != nil {
						return
					}
					_, _ = io.WriteString(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nhi\r\n")
					if pause {
						<-time.After(5 * 20 * time.Millisecond)
					}
					_, _ = io.WriteString(out, "0\r\nX-Sum: 42\r\n\r\n")
				}
			})
			h := newHop(t, callee, tap.Config{})
			answer, body, err := dial(t, h.address).ask("GET", "/", "")
			require.NoError(t, err)
			require.Equal(t, "hi", body)
			require.Equal(t, http.Header{"X-Sum": {"42"}}, answer.Trailer)
		})
	}
}

func TestACallerThatLeavesAStreamEndsItsCallees(t *testing.T) {
	shop := newTeller(t, events...)
	h := newHop(t, shop.address(), tap.Config{})
	l := listen(t, h, "/events")
	shop.words <- "data: 1\n\n"
	l.hears(t, "data: 1\n\n")
	require.NoError(t, l.c.Close())
	select {
	case <-shop.left:
	case <-within(t, soon).Done():
		t.Fatal("the callee still talks to nobody")
	}
	seen := h.answered(t)
	require.Equal(t, "data: 1\n\n", seen.Body)
	require.True(t, seen.Stream)
}

func TestAStreamThatBreaksOffBreaksOffForItsCaller(t *testing.T) {
	for name, row := range map[string]struct {
		end  func(*net.TCPConn)
		want observe.Class
	}{
		"with a farewell": {func(*net.TCPConn) {}, observe.Ended},
		"with a reset":    {func(c *net.TCPConn) { _ = c.SetLinger(0) }, observe.Reset},
	} {
		t.Run(name, func(t *testing.T) {
			goOn := make(chan struct{})
			callee := newCallee(t, func(in *bufio.Reader, out io.Writer) {
				_, _ = http.ReadRequest(in)
				_, _ = io.WriteString(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ndata:\r\n")
				<-goOn
				row.end(out.(*net.TCPConn))
			})
			h := newHop(t, callee, tap.Config{})
			l := listen(t, h, "/events")
			l.hears(t, "data:")
			close(goOn)
			_, err := io.ReadAll(l.Body)
			require.Equal(t, row.want, observe.Classify(err))
			seen := h.answered(t)
			require.Equal(t, row.want, seen.Error)
			require.Equal(t, "data:", seen.Body)
		})
	}
}

func TestCloseEndsEveryStream(t *testing.T) {
	shop := newTeller(t, events...)
	h := newHop(t, shop.address(), tap.Config{})
	l := listen(t, h, "/events")
	shop.words <- "data: 1\n\n"
	l.hears(t, "data: 1\n\n")
	require.NoError(t, h.Close())
	_, err := io.ReadAll(l.Body)
	require.Error(t, err)
	require.Equal(t, "data: 1\n\n", h.answered(t).Body, "what was seen is told before Close returns")
	<-shop.left
}

const (
	working = "event: status\ndata: {\"status\":\"working\"}\n\n"
	shipped = "event: status\ndata: {\"status\":\"shipped\"}\n\n"
)

func TestEachFaultOnAStreamIsDealtInBoundedTime(t *testing.T) {
	look := OnPath(CustomerHop, "GET", "/events").Answered()
	const tooLate = "it is a stream that had not ended after 5s"
	for name, row := range map[string]struct {
		injection Injection
		header    []string
		texts     []string // of the callee; none: working and shipped
		status    int
		body      string
		class     observe.Class // after it
		stays     bool          // the callee does not end the stream
		evidence  string
		note      string
		commits   int
	}{
		"rename": {injection: look.Answered().Renames("status", "state"), header: events, body: strings.ReplaceAll(working+shipped, "status\"", "state\""),
			evidence: `the field "status" of the answer was called "state", in the events of a stream`},
		"drop": {injection: look.Does(Fault{Kind: fault.Drop, Field: "status"}), header: events,
			body:     "event: status\ndata: {}\n\nevent: status\ndata: {}\n\n",
			evidence: `the field "status" of the answer was dropped, in the events of a stream`},
		"retype": {injection: look.Does(Fault{Kind: fault.Retype, Field: "status"}), header: events,
			body:     "event: status\ndata: {\"status\":[\"working\"]}\n\nevent: status\ndata: {\"status\":[\"shipped\"]}\n\n",
			evidence: `the field "status" of the answer became a list, in the events of a stream`},
		"rename in lines": {injection: look.Answered().Renames("n", "m"), header: []string{"Content-Type", "application/x-ndjson"}, texts: []string{"{\"n\":1}\n", "\n{\"n\":2}\r\n{\"n\":3}"},
			body: "{\"m\":1}\n\n{\"m\":2}\r\n{\"m\":3}", evidence: `the field "n" of the answer was called "m", in the lines of a stream`},
		"rename in lines that end": {injection: look.Answered().Renames("n", "m"), header: []string{"Content-Type", "application/jsonl"}, texts: []string{"{\"n\":1}\n{\"k\":2}\n"},
			body: "{\"m\":1}\n{\"k\":2}\n", evidence: `the field "n" of the answer was called "m", in the lines of a stream`},
		"no such field": {injection: look.Answered().Renames("state", "x"), header: events, body: working + shipped},
		"rename, packed": {injection: look.Answered().Renames("status", "state"), header: append([]string{"Content-Encoding", "zstd"}, events...), body: working + shipped,
			note: "it is a packed stream of events, which the tap cannot change"},
		"truncate": {injection: look.Does(Fault{Kind: fault.Truncate}), header: events, body: working[:len(working)/2], class: observe.Ended,
			evidence: "cut the answer after 21 of what had come of a stream, 42 bytes", stays: true},
		"truncate after the head": {injection: look.TruncatesAfter(0), header: events, class: observe.Ended,
			evidence: "cut the answer after 0 of what had come of a stream, 42 bytes", stays: true},
		"truncate what ends": {injection: look.Does(Fault{Kind: fault.Truncate}), body: working, class: observe.Ended,
			evidence: "cut the answer after 42 of 84 bytes"},
		"stall": {injection: look.Stalls().Lasting(time.Second), header: events, body: working[:len(working)/2], class: observe.Ended,
			evidence: "stopped the answer after 21 of what had come of a stream, 42 bytes, and the connection stayed open", stays: true},
		"stall what ends": {injection: look.Stalls().Lasting(time.Second), body: working, class: observe.Ended,
			evidence: "stopped the answer after 42 of 84 bytes, and the connection stayed open"},
		"answer": {injection: look.Answers(204), header: events, status: 204, evidence: "answered 204 after the callee had said 200", stays: true},
		"delay":  {injection: look.Delays(aWhile), header: events, body: working + shipped, evidence: "the answer was held back for 60ms"},
		"duplicate": {injection: look.Duplicates(), header: events, body: working + shipped, commits: 2,
			evidence: "the callee got the request once more after it had answered"},
		"duplicate on arrival": {injection: OnPath(CustomerHop, "GET", "/events").Duplicates(), header: events, body: working + shipped, commits: 2,
			evidence: "the callee got the request twice"},
		"close":             {injection: look.Closes(), header: events, status: -1, class: observe.Ended, evidence: "the answer was lost, and the connection ended", stays: true},
		"reset":             {injection: look.Resets(), header: events, status: -1, class: observe.Reset, evidence: "the answer was lost, and the connection was reset", stays: true},
		"rename as a whole": {injection: look.Answered().Renames("status", "state"), body: working + shipped}, // it is no JSON
		"rename, endless":   {injection: look.Answered().Renames("status", "state"), body: working, stays: true, note: tooLate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			texts := row.texts
			if texts == nil {
				texts = []string{working, shipped}
			}
			shop := newScript(t, row.header, row.stays, texts...)
			h := newHop(t, shop.address(), tap.Config{Clock: 100}, row.injection)
			c := dial(t, h.address)
			_, err := io.WriteString(c, "GET /events HTTP/1.1\r\nHost: shop.example\r\n\r\n")
			require.NoError(t, err)
			answer, err := http.ReadResponse(c.in, nil)
			if row.status == -1 {
				require.Equal(t, row.class, observe.Classify(err))
			} else {
				require.NoError(t, err)
				require.Equal(t, max(200, row.status), answer.StatusCode)
				got := make([]byte, len(row.body))
				n, _ := io.ReadFull(answer.Body, got)
				require.Equal(t, row.body, string(got[:n]))
				if !row.stays || row.class != "" {
					rest, err := io.ReadAll(answer.Body)
					require.Empty(t, rest)
					require.Equal(t, row.class, observe.Classify(err))
				}
			}
			require.Equal(t, row.evidence, strings.Join(h.evidence(), "; "))
			want := ""
			if row.note != "" {
				want = "injection 1 had no effect on the answer to GET /events: " + row.note
			}
			require.Equal(t, want, strings.Join(h.notes(), "; "))
			require.Equal(t, max(1, row.commits), shop.commits())
			_ = c.Close()
			require.NoError(t, h.Close())
			answered := 0
			for _, e := range h.History() {
				if e.Kind == observe.Answered {
					answered++
				}
			}
			require.Equal(t, max(1, row.commits), answered, "each request that the callee got has its answer told, once")
		})
	}
}

// newScript answers with the texts, one after the other and longer apart than an
// answer that ends at once, and then ends the answer, or stays.
func newScript(t testing.TB, header []string, stays bool, texts ...string) *ledger {
	return newLedger(t, func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		for i, text := range texts {
			if i > 0 {
				select {
				case <-time.After(3 * 20 * time.Millisecond):
				case <-r.Context().Done():
				}
			}
			_, _ = io.WriteString(w, text)
			_ = http.NewResponseController(w).Flush()
			if stays {
				<-r.Context().Done()
				return
			}
		}
	})
}

// An injection that heals in the middle of a stream leaves the rest of it alone.
func TestAStreamIsChangedUntilTheInjectionHeals(t *testing.T) {
	shop := newTeller(t, events...)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "GET", "/events").Answered().Renames("status", "state"))
	l := listen(t, h, "/events")
	shop.words <- working
	l.hears(t, strings.ReplaceAll(working, "status\"", "state\""))
	h.injector.Stop()
	shop.words <- shipped
	l.hears(t, shipped)
	close(shop.words)
	require.Equal(t, working+shipped, func() string { _, _ = io.ReadAll(l.Body); return h.answered(t).Body }(), "the event has what the callee said")
}

func TestDriftInAStream(t *testing.T) {
	reads := map[string][]string{"GET /events": {"status"}}
	rename := OnPath(CustomerHop, "GET", "/events").Answered().Renames("status", "state")
	for name, row := range map[string]struct {
		injections Schedule
		text       string
		drifts     int
	}{
		"all there":               {nil, working + shipped, 0},
		"renamed by an injection": {Schedule{rename}, working + shipped, 1},
		"one event of some kind":  {nil, "data: {\"ping\":1}\n\n" + shipped, 0},
		"none that has it":        {nil, "data: {\"ping\":1}\n\ndata: {\"pong\":1}\n\n", 1},
		"no JSON":                 {nil, "data: hello\n\n", 0},
	} {
		for _, length := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, length told: %t", name, length), func(t *testing.T) {
				header := events
				if length {
					header = append([]string{"Content-Length", strconv.Itoa(len(row.text))}, events...)
				}
				h := newHop(t, newScript(t, header, false, row.text).address(), tap.Config{Reads: reads}, row.injections...)
				require.Empty(t, call(within(t, soon), newClient(t), "GET", h.url("/events"), "").class)
				drifts := 0
				for _, e := range h.History() {
					if e.Kind == observe.Drift {
						drifts++
						require.Equal(t, []string{"status"}, e.Message.Missing)
					}
				}
				require.Equal(t, row.drifts, drifts)
				require.Len(t, h.evidence(), len(row.injections))
			})
		}
	}
}

func TestAPackedStreamIsRecordedUnpacked(t *testing.T) {
	shop := newLedger(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, working)
		_ = z.Flush()
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // it never ends
	})
	h := newHop(t, shop.address(), tap.Config{})
	l := listen(t, h, "/events")
	z, err := gzip.NewReader(l.Body)
	require.NoError(t, err)
	_, err = io.ReadFull(z, make([]byte, len(working)))
	require.NoError(t, err)
	require.NoError(t, l.c.Close())
	require.Equal(t, working, h.answered(t).Body)
}
