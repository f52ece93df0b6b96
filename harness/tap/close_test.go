package tap_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// closes closes the tap and fails where that takes long; goleak sees to it that
// nothing is left.
func closes(t *testing.T, h *hop) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- h.Close() }()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(soon):
		t.Fatal("Close waits for something that does not come")
	}
	require.NoError(t, <-h.served)
}

func TestCloseEndsWhatHangs(t *testing.T) {
	asked := make(chan bool, 1)
	silent := func(_ http.ResponseWriter, r *http.Request) {
		asked <- true
		<-r.Context().Done()
	}
	for name, row := range map[string]struct {
		injections Schedule
		answer     []http.HandlerFunc
		until      observe.Kind
	}{
		"a request that an injection holds": {Schedule{OnPath(CustomerHop, "PUT", "/").Hangs()}, nil, observe.Injected},
		"an answer that an injection holds": {Schedule{OnPath(CustomerHop, "PUT", "/").Answered().Hangs()}, nil, observe.Injected},
		"an answer that stalls":             {Schedule{OnPath(CustomerHop, "PUT", "/").Stalls()}, nil, observe.Injected},
		"a delay of an hour":                {Schedule{OnPath(CustomerHop, "PUT", "/").Delays(time.Hour)}, nil, observe.Injected},
		"a callee that does not answer":     {nil, []http.HandlerFunc{silent}, observe.Arrived},
		"a connection that is merely open":  {nil, nil, observe.Answered},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newLedger(t, row.answer...)
			h := newHop(t, shop.address(), tap.Config{}, row.injections...)
			caller := dial(t, h.address)
			saw := make(chan error, 1)
			go func() {
				_, _, err := caller.ask("PUT", "/", "x")
				saw <- err
			}()
			h.await(t, func(e Event) bool { return e.Kind == row.until })
			if row.answer != nil {
				require.True(t, <-asked) // the tap tells of an arrival before the callee has it
			}
			closes(t, h)
			if err := <-saw; row.until != observe.Answered {
				require.NotEmpty(t, observe.Classify(err))
			}
		})
	}
}

// It does where the caller has sent more already, so that nobody would see it leave.
func TestCloseEndsAnAnswerThatStalls(t *testing.T) {
	h := newHop(t, newLedger(t).address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/").Stalls())
	c := dial(t, h.address)
	_, err := c.askForHead("PUT", "/", order)
	require.NoError(t, err)
	_, err = c.Write([]byte("GET "))
	require.NoError(t, err)
	closes(t, h)
}

func TestCloseCanBeCalledTwiceAndBeforeAnybodyWasServed(t *testing.T) {
	h := newHop(t, "127.0.0.1:1", tap.Config{})
	closes(t, h)
	require.NoError(t, h.Close())
	_, err := net.Dial("tcp", h.address)
	require.Equal(t, observe.Refused, observe.Classify(err))
}

// After Close nothing is told any more: anyone who writes the events down may
// have closed the file.
func TestNothingRunsAfterCloseWhoeverComesInMeanwhile(t *testing.T) {
	shop := newLedger(t)
	for range 30 {
		var told sync.Mutex
		closed := false
		h := newHop(t, shop.address(), tap.Config{See: func(Event) {
			told.Lock()
			defer told.Unlock()
			if closed {
				t.Error("an event after Close")
			}
		}})
		ctx, stop := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		started := make(chan struct{}, 8)
		for range cap(started) {
			c := newClient(t)
			callers.Go(func() {
				for first := true; ctx.Err() == nil; first = false {
					call(ctx, c, "PUT", h.url("/"), "x")
					c.CloseIdleConnections()
					if first {
						started <- struct{}{}
					}
				}
			})
		}
		<-started
		require.NoError(t, h.Close())
		told.Lock()
		closed = true
		told.Unlock()
		stop()
		callers.Wait()
	}
}
