package described_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// A gateway answers the first order in the shop's place. The page that knows
// with which answer a look says so sends the order again; another one looks on.
func TestAnOrderThatTheShopNeverGotIsSentAgain(t *testing.T) {
	for name, lost := range map[string]struct {
		fits   described.Fits
		orders int
	}{
		"a status":       {described.Fits{Status: http.StatusNotFound}, 2},
		"never":          {described.Fits{}, 1},
		"JSON":           {described.Fits{JSON: map[string]any{"/orders": 1}}, 2},
		"another value":  {described.Fits{JSON: map[string]any{"/orders": 7}}, 1},
		"a text":         {described.Fits{Status: http.StatusNotFound, Text: "orders"}, 2},
		"another status": {described.Fits{Status: http.StatusOK, Text: "orders"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			var puts, looks atomic.Int64
			shop := http.NewServeMux()
			shop.HandleFunc("GET /cart", func(http.ResponseWriter, *http.Request) {})
			shop.HandleFunc("PUT /orders/1", func(w http.ResponseWriter, _ *http.Request) {
				if puts.Add(1) == 1 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			})
			shop.HandleFunc("GET /orders/1", func(w http.ResponseWriter, _ *http.Request) {
				if looks.Add(1); puts.Load() < 2 {
					w.WriteHeader(http.StatusNotFound)
				}
				fmt.Fprintf(w, `{"orders":%d}`, puts.Load())
			})
			server := httptest.NewServer(shop)
			defer server.Close()

			says := make(chan string, 8)
			see := func(e observe.Event) {
				if e.Kind == observe.Screen {
					says <- string(e.View.Says)
				}
			}
			tab := customer.New(described.New(described.Config{
				Person: customer.Person{Customer: "ana", See: see}, URL: server.URL, LoadWithin: time.Second,
				FrontEnd: described.FrontEnd{
					Open:    []described.Request{{Method: "GET", Path: "/cart"}},
					Submit:  described.Request{Method: "PUT", Path: "/orders/1"},
					Look:    &described.Request{Method: "GET", Path: "/orders/1"},
					Screens: []described.Screen{{View: described.View{Says: "shipped"}, Fits: described.Fits{JSON: map[string]any{"/orders": 2}}}},
					TimeOut: time.Second, LookEvery: time.Millisecond, LookFor: time.Minute, Lost: lost.fits, Currency: "NOK",
				},
			}), customer.Times{})
			defer tab.Close()
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			require.Equal(t, "ready", <-says)
			require.Equal(t, "waiting", <-says)
			if lost.orders == 2 {
				require.Equal(t, "shipped", <-says)
			} else {
				require.Eventually(t, func() bool { return looks.Load() > 5 }, 10*time.Second, time.Millisecond)
				require.Empty(t, says)
			}
			require.EqualValues(t, lost.orders, puts.Load())
		})
	}
}

// An order that the shop refused in words that the page knows is not lost: the
// page neither sends it again, nor looks for what is not there. An hour of the
// story shows that it never does.
func TestAnOrderThatTheShopRefusedIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var puts, looks atomic.Int64
		shop := http.NewServeMux()
		shop.HandleFunc("GET /cart", func(http.ResponseWriter, *http.Request) {})
		shop.HandleFunc("PUT /orders/1", func(w http.ResponseWriter, _ *http.Request) {
			puts.Add(1)
			w.WriteHeader(http.StatusConflict)
		})
		shop.HandleFunc("GET /orders/1", func(w http.ResponseWriter, _ *http.Request) {
			looks.Add(1)
			w.WriteHeader(http.StatusNotFound)
		})
		calls := make(pipes)
		server := &http.Server{Handler: shop}
		go func() { _ = server.Serve(calls) }()
		tab := customer.New(described.New(described.Config{
			Person: customer.Person{Customer: "ana", See: observe.Nobody}, URL: "http://shop.example", Dial: calls.dial, LoadWithin: time.Second,
			FrontEnd: described.FrontEnd{
				Open:    []described.Request{{Method: "GET", Path: "/cart"}},
				Submit:  described.Request{Method: "PUT", Path: "/orders/1"},
				Look:    &described.Request{Method: "GET", Path: "/orders/1"},
				Screens: []described.Screen{{View: described.View{Says: "changed"}, Fits: described.Fits{Status: http.StatusConflict}}},
				TimeOut: time.Second, LookEvery: time.Second, LookFor: time.Hour, Lost: described.Fits{Status: http.StatusNotFound}, Currency: "NOK",
			},
		}), customer.Times{})
		require.NoError(t, tab.Open(t.Context(), "b-ana"))
		require.NoError(t, tab.Click(t.Context(), 1))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.EqualValues(t, 1, looks.Load())
		require.EqualValues(t, 1, puts.Load())
		tab.Close()
		require.NoError(t, server.Close())
	})
}

// pipes is a listener without sockets: what is dialled is accepted.
type pipes chan net.Conn

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	p <- far
	return near, nil
}

func (p pipes) Accept() (net.Conn, error) {
	if c, open := <-p; open {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error { close(p); return nil }

func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }
