package described_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// A page that slept has lost the answer to its submit, and is the same page: it asks how
// the order stands that it sent before. Meanwhile it asked nothing and said nothing.
func TestAPageGoesOnWhenTheLidIsOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var puts, looks atomic.Int64
		answers := make(chan struct{})
		shop := http.NewServeMux()
		shop.HandleFunc("GET /cart", func(http.ResponseWriter, *http.Request) {})
		shop.HandleFunc("PUT /orders/1", func(http.ResponseWriter, *http.Request) {
			puts.Add(1)
			<-answers
		})
		shop.HandleFunc("GET /orders/1", func(w http.ResponseWriter, _ *http.Request) {
			looks.Add(1)
			fmt.Fprint(w, "sold")
		})
		calls := make(pipes)
		server := &http.Server{Handler: shop}
		go func() { _ = server.Serve(calls) }()
		says := make(chan observe.Status, 8)
		see := func(e observe.Event) {
			if e.Kind == observe.Screen {
				says <- e.View.Says
			}
		}
		lid := &customer.Lid{}
		tab := customer.New(described.New(described.Config{
			Person: customer.Person{Customer: "ana", See: see, Lid: lid}, URL: "http://shop.example", Dial: calls.dial, LoadWithin: time.Second,
			FrontEnd: described.FrontEnd{
				Open:    []described.Request{{Method: "GET", Path: "/cart"}},
				Submit:  described.Request{Method: "PUT", Path: "/orders/1"},
				Look:    &described.Request{Method: "GET", Path: "/orders/1"},
				Screens: []described.Screen{{View: described.View{Says: "shipped"}, Fits: described.Fits{Text: "sold"}}},
				TimeOut: time.Minute, Silence: 10 * time.Second, LookEvery: 2 * time.Second, LookFor: 2 * time.Hour, Currency: "NOK",
			},
		}), customer.Times{})
		require.NoError(t, tab.Open(t.Context(), "b-ana"))
		<-says
		require.NoError(t, tab.Click(t.Context(), 1))
		time.Sleep(time.Second)
		require.Equal(t, observe.StatusWaiting, <-says)
		require.NoError(t, tab.CloseLid())
		close(answers)
		time.Sleep(time.Hour)
		require.Empty(t, says)
		require.Zero(t, looks.Load())
		require.NoError(t, tab.OpenLid())
		time.Sleep(5 * time.Second)
		require.Equal(t, observe.StatusChecking, <-says, "it waits for too long, by its own clock")
		require.Equal(t, observe.StatusShipped, <-says)
		require.EqualValues(t, 1, puts.Load())
		require.EqualValues(t, 1, looks.Load())
		tab.Close()
		require.NoError(t, server.Close())
	})
}
