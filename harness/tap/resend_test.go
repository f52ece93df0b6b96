package tap_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/tap"
)

const key = "Idempotency-Key"

// Go's http.Transport sends a POST with an Idempotency-Key again, by itself,
// when a reused connection ends before the answer. Its caller is told of one
// call that went well; only the wire knows of two.
func TestAReSendOfTheCallersOwnClientIsCountedOnTheWire(t *testing.T) {
	pay := OnPath(ProviderHop, "POST", "/payments").Answered().Nth(1).Closes()
	warm := func(t *testing.T, h *hop, c *http.Client) {
		require.Equal(t, 200, call(within(t, soon), c, "GET", h.url("/warm"), "").status)
	}
	for name, row := range map[string]struct {
		warm     bool
		headers  []string
		saw      outcome
		messages int
	}{
		"a warm connection and a key":   {true, []string{key, "k-1"}, outcome{status: 200}, 2},
		"a cold connection":             {false, []string{key, "k-1"}, outcome{class: observe.Ended}, 1},
		"a warm connection and no key":  {true, nil, outcome{class: observe.Ended}, 1},
		"a cold connection and no key ": {false, nil, outcome{class: observe.Ended}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newLedger(t)
			h := newHop(t, shop.address(), tap.Config{Hop: ProviderHop, Caller: true}, pay)
			c := newClient(t)
			if row.warm {
				warm(t, h, c)
			}
			before := shop.commits()
			saw := call(within(t, soon), c, "POST", h.url("/payments"), `{"amount":49900}`, row.headers...)
			require.Equal(t, row.saw.class, saw.class)
			require.Equal(t, row.saw.status, saw.status)
			require.Equal(t, row.messages, shop.commits()-before, "commits")
			sent := 0
			for _, e := range h.History() {
				if e.Kind == observe.Sent && e.Message.Method == "POST" {
					sent++
				}
			}
			require.Equal(t, row.messages, sent, "messages that the tap counted")
		})
	}
}

// graveyard reads requests and ends the connection under each POST, without an
// answer: on a warm connection that is when clients send again.
type graveyard struct {
	net.Listener
	posts   atomic.Int64
	serving sync.WaitGroup
}

func newGraveyard(t testing.TB) *graveyard {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := &graveyard{Listener: l}
	g.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			g.serving.Go(func() { g.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); g.serving.Wait() })
	return g
}

func (g *graveyard) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == "POST" {
			g.posts.Add(1)
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}
}

// throughATransport forwards as a proxy is written in five minutes: with an
// http.Transport, and a body that it can rewind.
func throughATransport(t testing.TB, callee string) string {
	transport := &http.Transport{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		out, err := http.NewRequest(r.Method, "http://"+callee+r.URL.Path, bytes.NewReader(body))
		if err != nil {
			panic(err)
		}
		out.Header = r.Header.Clone()
		answer, err := transport.RoundTrip(out)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(func() { proxy.Close(); transport.CloseIdleConnections() })
	return proxy.Listener.Addr().String()
}

func TestTheTapItselfNeverSendsAgain(t *testing.T) {
	for name, row := range map[string]struct {
		forwarder func(testing.TB, string) string
		messages  int64
	}{
		"the tap": {func(t testing.TB, callee string) string {
			return newHop(t, callee, tap.Config{Hop: ProviderHop, Caller: true}).address
		}, 1},
		// Why the tap writes to its connections by itself.
		"an http.Transport in its place would": {throughATransport, 2},
	} {
		t.Run(name, func(t *testing.T) {
			callee := newGraveyard(t)
			caller := dial(t, row.forwarder(t, callee.Addr().String()))
			answer, _, err := caller.ask("GET", "/warm", "")
			require.NoError(t, err)
			require.Equal(t, 200, answer.StatusCode)

			_, _, err = caller.ask("POST", "/payments", `{"amount":49900}`, key, "k-1")

			require.Equal(t, observe.Ended, observe.Classify(err))
			require.Equal(t, row.messages, callee.posts.Load())
		})
	}
}
