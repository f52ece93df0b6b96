package described_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// A null is no address to pay at: a look tells a later one, and where none can, the
// history says that it was null.
func TestANullIsNoPlaceToPayAt(t *testing.T) {
	const at = "https://provider.example/pay?token=1"
	sends := map[string]described.Source{described.Pay: {JSON: "/pay"}}
	for name, looks := range map[string]bool{"a later look tells": true, "nobody tells": false} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasPrefix(r.URL.Path, "/cart"):
					serveCart(w)
				case strings.HasPrefix(r.URL.Path, "/state"):
					serve(w, `{"status":"paying","pay":"`+at+`"}`)
				default:
					serve(w, `{"status":"paying","pay":null}`)
				}
			})
			f := page()
			if f.Submit.Capture = sends; looks {
				f.Look.Capture = sends
			}
			tab := s.tab(f)
			tab.Provider = &customer.Provider{}
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			if looks {
				url, err := tab.ToPay(t.Context())
				require.NoError(t, err)
				require.Equal(t, at, url)
				return
			}
			s.until(func() bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				return slices.ContainsFunc(s.seen, func(e observe.Event) bool {
					return e.Kind == observe.Note && strings.Contains(e.Text, `has null as JSON value at /pay, which is the page's "pay"`)
				})
			})
		})
	}
}

// The answer to a submit has null for what the page knows already: it goes on with that.
func TestANullOfASubmitReplacesNothing(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cart/b-ana":
			serveCart(w)
		case "/state/o/1":
			serve(w, `{"status":"sent"}`)
		default:
			serve(w, `{"status":"paying","order":null}`)
		}
	})
	f := page()
	f.Submit.Capture = map[string]described.Source{"order": {JSON: "/order"}}
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
}

// What a page loads may be null: a step for it is not made, a JSON value is sent as null,
// an order without an id has none, and a redirect that has it is asked before.
func TestANullOfAPageIsNoText(t *testing.T) {
	var body string
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/first":
			w.Header().Set("Location", "/cart")
			w.WriteHeader(http.StatusSeeOther)
			_, _ = io.WriteString(w, `{"token":"t-1"}`)
		case "/cart":
			serve(w, `{"order":null,"coupon":null,"token":null,"price":{"minor":49900}}`)
		default:
			b, _ := io.ReadAll(r.Body)
			body = string(b)
			serve(w, `{"status":"sent"}`)
		}
	})
	f := page()
	f.Look = nil
	f.Open = []described.Request{
		{Method: "GET", Path: "/first", Follow: true, Capture: map[string]described.Source{
			"order": {JSON: "/order"}, "coupon": {JSON: "/coupon"}, "token": {JSON: "/token"}, "amount": {JSON: "/price/minor"},
		}},
		{Method: "POST", Path: "/coupons", When: described.Condition{Captured: "coupon"}},
	}
	f.Submit = described.Request{Method: "POST", Path: "/buy/${token}", Body: map[string]any{"coupon": "${coupon}"}}
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	tab.Close()
	require.JSONEq(t, `{"coupon":null}`, body)
	require.Equal(t, 0, s.sent("/coupons"))
	require.Equal(t, 1, s.sent("/buy/t-1"))
	require.Equal(t, "", s.acts()[0].Order)
	require.Equal(t, "", f.Open[0].Captured("order", `{"order":null}`))
}
