package described_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// A gateway answers the first order in the shop's place. The page that knows
// with which status a look says so sends the order again; another one looks on.
func TestAnOrderThatTheShopNeverGotIsSentAgain(t *testing.T) {
	for lost, orders := range map[int]int{http.StatusNotFound: 2, 0: 1} {
		t.Run(fmt.Sprintf("lost: %d", lost), func(t *testing.T) {
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
			tab := described.New(described.Config{
				Customer: "ana", URL: server.URL, LoadWithin: time.Second,
				See: func(e observe.Event) {
					if e.Kind == observe.Screen {
						says <- e.View.Says
					}
				},
				FrontEnd: described.FrontEnd{
					Open:    []described.Request{{Method: "GET", Path: "/cart"}},
					Submit:  described.Request{Method: "PUT", Path: "/orders/1"},
					Look:    &described.Request{Method: "GET", Path: "/orders/1"},
					Screens: []described.Screen{{View: described.View{Says: "shipped"}, JSON: map[string]any{"/orders": 2}}},
					TimeOut: time.Second, LookEvery: time.Millisecond, LookFor: time.Minute, Lost: lost,
				},
			})
			defer tab.Close()
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			require.Equal(t, "ready", <-says)
			require.Equal(t, "waiting", <-says)
			if lost != 0 {
				require.Equal(t, "shipped", <-says)
			} else {
				require.Eventually(t, func() bool { return looks.Load() > 5 }, 10*time.Second, time.Millisecond)
				require.Empty(t, says)
			}
			require.EqualValues(t, orders, puts.Load())
		})
	}
}

// An order that the shop refused in words that the page knows is not lost: the
// page neither sends it again, nor looks for what is not there.
func TestAnOrderThatTheShopRefusedIsNotSentAgain(t *testing.T) {
	defer goleak.VerifyNone(t)
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
	server := httptest.NewServer(shop)
	defer server.Close()
	tab := described.New(described.Config{
		Customer: "ana", URL: server.URL, LoadWithin: time.Second, See: func(observe.Event) {},
		FrontEnd: described.FrontEnd{
			Open:    []described.Request{{Method: "GET", Path: "/cart"}},
			Submit:  described.Request{Method: "PUT", Path: "/orders/1"},
			Look:    &described.Request{Method: "GET", Path: "/orders/1"},
			Screens: []described.Screen{{View: described.View{Says: "changed"}, Status: http.StatusConflict}},
			TimeOut: time.Second, LookEvery: time.Millisecond, LookFor: time.Minute, Lost: http.StatusNotFound,
		},
	})
	defer tab.Close()
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	require.Eventually(t, func() bool { return looks.Load() == 1 }, 10*time.Second, time.Millisecond)
	time.Sleep(50 * time.Millisecond) // fifty looks, if it did
	require.EqualValues(t, 1, looks.Load())
	require.EqualValues(t, 1, puts.Load())
}
