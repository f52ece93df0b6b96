package script_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/script"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/reference-service/page"
)

// memory is a network without sockets: what is dialled is accepted.
type memory struct {
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemory() *memory { return &memory{calls: make(chan net.Conn), closed: make(chan struct{})} }

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.calls:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error   { m.once.Do(func() { close(m.closed) }); return nil }
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case m.calls <- far:
		return near, nil
	case <-m.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// The page's own script, its event loop and its requests take the time of the
// story and none of ours.
func TestThePageWorksUnchangedInVirtualTime(t *testing.T) {
	behaviour := compile(t, page.Behaviour())
	synctest.Test(t, func(t *testing.T) {
		stopped := time.Now()
		network := newMemory()
		s := &shop{
			config: page.Config{TimeOutMS: 45_000, Resends: 1, LookAfterMS: 5000, LookEveryMS: 2000},
			put:    inOrder(silent, says("shipped")), get: says("checking"),
		}
		server := &http.Server{Handler: s}
		go func() { _ = server.Serve(network) }()
		type moment struct {
			says string
			at   time.Duration
		}
		var seen []moment
		var mu sync.Mutex
		see := func(e observe.Event) {
			if e.Kind == observe.Screen {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, moment{string(e.View.Says), time.Since(stopped)})
			}
		}
		tab := customer.New(script.New(script.Config{
			Person: customer.Person{Customer: "ana", See: see}, URL: "http://shop.example", Dial: network.dial, Script: behaviour,
		}), customer.Times{BetweenClicks: 150 * time.Millisecond, TryAgain: 5 * time.Second})
		require.NoError(t, tab.Open(t.Context(), "b-ana"))
		require.NoError(t, tab.Click(t.Context(), 1))
		time.Sleep(time.Hour) // an hour of the story
		synctest.Wait()
		tab.Close()
		require.NoError(t, server.Close())
		require.Equal(t, []moment{
			{"ready", 0}, {"waiting", 0}, {"checking", 5 * time.Second}, {"shipped", 45 * time.Second},
		}, seen)
		require.Equal(t, 2, s.count(put))
	})
}
