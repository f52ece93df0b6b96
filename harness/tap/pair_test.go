package tap_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/tap"
)

func TestEachConnectionOfTheCallerHasOneOfItsOwnAndAWarmOneStaysWarm(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{})
	one, other := dial(t, h.address), dial(t, h.address)
	for range 3 {
		for _, c := range []*plainCaller{one, other} {
			_, _, err := c.ask("PUT", "/orders/1", "x")
			require.NoError(t, err)
		}
	}
	require.Equal(t, 6, shop.commits())
	require.Equal(t, 2, shop.connections())
}

func TestACalleeThatEndsAnIdleConnectionEndsItsCallersInTheSameWay(t *testing.T) {
	for name, row := range map[string]struct {
		end  func(*net.TCPConn)
		want observe.Class
	}{
		"with a farewell": {func(c *net.TCPConn) { _ = c.Close() }, observe.Ended},
		"with a reset":    {func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }, observe.Reset},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer l.Close()
			h := newHop(t, l.Addr().String(), tap.Config{})
			caller := dial(t, h.address)
			accepted := make(chan net.Conn, 1)
			go func() {
				c, _ := l.Accept()
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
				accepted <- c
			}()
			_, _, err = caller.ask("GET", "/", "")
			require.NoError(t, err)
			row.end((<-accepted).(*net.TCPConn))
			require.Equal(t, row.want, caller.ends())
		})
	}
}

func TestACallerThatLeavesEndsItsConnectionToTheCallee(t *testing.T) {
	gone := make(chan struct{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{
		Handler: http.NotFoundHandler(),
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateClosed {
				close(gone)
			}
		},
	}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	h := newHop(t, l.Addr().String(), tap.Config{})
	caller := dial(t, h.address)
	_, _, err = caller.ask("GET", "/", "")
	require.NoError(t, err)
	require.NoError(t, caller.Close())
	select {
	case <-gone:
	case <-within(t, soon).Done():
		t.Fatal("the callee's connection outlived its caller's")
	}
}

func TestACalleeThatWantsNoFurtherRequestHasItsWishPassedOn(t *testing.T) {
	shop := newLedger(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	h := newHop(t, shop.address(), tap.Config{})
	caller := dial(t, h.address)
	answer, _, err := caller.ask("GET", "/", "")
	require.NoError(t, err)
	require.True(t, answer.Close)
	require.Equal(t, observe.Ended, caller.ends())
}

func TestARequestIsCarriedOutEvenWhenItsCallerHasLeft(t *testing.T) {
	working, goOn := make(chan struct{}), make(chan struct{})
	shop := newLedger(t, func(http.ResponseWriter, *http.Request) { close(working); <-goOn })
	h := newHop(t, shop.address(), tap.Config{})
	ctx, leave := context.WithCancel(t.Context())
	saw := make(chan outcome, 1)
	c := newClient(t)
	go func() { saw <- call(ctx, c, "PUT", h.url("/orders/1"), "") }()
	<-working
	leave()
	require.Equal(t, observe.Cancelled, (<-saw).class)
	close(goOn)
	e := h.await(t, func(e Event) bool { return e.Kind == observe.Answered || e.Kind == observe.Failed })
	require.Equal(t, observe.Answered, e.Kind)
	require.Equal(t, 1, shop.commits())
}

// A message in the tap's hands decides what happens to its connection, and not
// the callee that dies under it: else the caller would see now one end of it,
// now the other.
func TestAProcessKilledAtAMessageResetsTheCallersWarmConnectionEveryTime(t *testing.T) {
	for range 20 {
		shop := newLedger(t)
		h := newHop(t, shop.address(), tap.Config{})
		h.Arm(h.armed(t, backend{kill: func(string) { shop.Close() }}, OnPath(CustomerHop, "PUT", "/orders/{id}").Kills("checkout")))
		caller := dial(t, h.address)
		_, _, err := caller.ask("GET", "/", "")
		require.NoError(t, err)
		_, _, err = caller.ask("PUT", "/orders/1", "x")
		require.Equal(t, observe.Reset, observe.Classify(err))
		require.Equal(t, 1, shop.commits(), "the message went down with the process")
	}
}

func TestACallersConnectionOutlivesItsCalleeOnlyWhileAMessageIsUnderWay(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Answered().Delays(aWhile))
	caller := dial(t, h.address)
	told := make(chan struct{})
	go func() {
		defer close(told)
		_, _ = h.Await(within(t, soon), 0, func(e Event) bool { return e.Effect != nil })
		shop.CloseClientConnections()
	}()
	answer, _, err := caller.ask("PUT", "/orders/1", "x")
	require.NoError(t, err, "the answer had been given")
	require.Equal(t, 200, answer.StatusCode)
	require.NotEmpty(t, caller.ends())
	<-told
}

func TestACalleeThatIsNotThereResetsTheCallerAndTheTapTellsWhy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	h := newHop(t, l.Addr().String(), tap.Config{})
	require.Equal(t, observe.Reset, call(within(t, soon), newClient(t), "PUT", h.url("/"), "").class)
	e := h.await(t, func(e Event) bool { return e.Kind == observe.Failed })
	require.Equal(t, observe.Refused, e.Message.Error)
}

func TestACalleeThatSpeaksNoHTTPIsToldAsGarbled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}
	}()
	h := newHop(t, l.Addr().String(), tap.Config{})
	require.Equal(t, observe.Ended, call(within(t, soon), newClient(t), "PUT", h.url("/"), "").class)
	e := h.await(t, func(e Event) bool { return e.Kind == observe.Failed })
	require.Equal(t, observe.Garbled, e.Message.Error)
}
