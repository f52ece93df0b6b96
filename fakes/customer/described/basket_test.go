package described_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// A basket is filled once, whatever page of it is loaded in whichever tab. What filling it
// told is known to every page, and to a submit that is sent once more at the end.
func TestABasketIsFilledOnce(t *testing.T) {
	var fails atomic.Bool
	fails.Store(true)
	bought := make(chan string, 9)
	s := newStreet(t, forMembers(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/goods/u-7" && fails.Swap(false):
			w.WriteHeader(http.StatusBadGateway)
		case r.URL.Path == "/goods/u-7":
			serve(w, `{"cart":"c-1"}`)
		case r.Method == "POST":
			bought <- r.URL.Path
			serve(w, `{"status":"sent"}`)
		default:
			serveCart(w)
		}
	}))
	f := page()
	f.Basket = []described.Request{
		{Method: "POST", Path: "/login", Capture: map[string]described.Source{"user": {JSON: "/user"}}},
		{Method: "POST", Path: "/address", When: described.Condition{Captured: "address"}},
		{Method: "POST", Path: "/goods/${user}", Capture: map[string]described.Source{"cart": {JSON: "/cart"}}},
	}
	f.Open[0].Path = "/cart/${cart}"
	f.Submit.Path = "/buy/${cart}"
	first, second := s.tab(f), s.tab(f)
	for range 2 {
		require.NoError(t, first.Open(t.Context(), "b-ana"))
	}
	require.NoError(t, second.Open(t.Context(), "b-ana"))
	require.NoError(t, second.Click(t.Context(), 1))
	require.Equal(t, "/buy/c-1", <-bought)
	require.NoError(t, second.Resubmit(t.Context()))
	require.Equal(t, "/buy/c-1", <-bought)
	for path, times := range map[string]int{"/login": 1, "/address": 0, "/goods/u-7": 2, "/cart/c-1": 3} {
		require.Equal(t, times, s.sent(path), path)
	}
	require.Equal(t, []string{"unreachable", "ready"}, s.screens()[:2])
}
