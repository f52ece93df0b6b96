package described_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// A page looks where the answer to its submit leads it, and stays at the shop.
func TestAPageLooksWhereItIsLed(t *testing.T) {
	const shop = "SHOP"
	for leads, want := range map[string]string{
		"/orders/abc":                 "/orders/abc",
		shop + "/orders/abc?full=1":   "/orders/abc?full=1",
		"http://shop.example/orders":  "/orders",
		"orders/a%2Fb":                "/buy/orders/a%2Fb",
		"../../../etc/passwd":         "/etc/passwd",
		"/orders/${order}":            "/orders/%24%7Border%7D",
		"/a/../../low":                "/low",
		"///evil.example/x":           "/evil.example/x",
		"//evil.example/x":            "",
		"http://evil.example/x":       "",
		"javascript:alert(1)":         "",
		"http://shop.example@evil.ex": "",
		"http://u:p@shop.example/":    "",
		"%zz":                         "",
	} {
		t.Run(leads, func(t *testing.T) {
			var s *street
			s = newStreet(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasPrefix(r.URL.Path, "/cart"):
					serveCart(w)
				case strings.HasPrefix(r.URL.Path, "/buy/") && r.Method == "POST":
					w.Header().Set("Location", strings.ReplaceAll(leads, shop, s.url))
					w.WriteHeader(http.StatusCreated)
				default:
					serve(w, `{"status":"sent"}`)
				}
			})
			f := page()
			f.Submit.Capture = map[string]described.Source{"where": {Header: "Location"}}
			f.Look = &described.Request{Method: "GET", Path: "/${where}"}
			tab := s.tabAt(f, "http://shop.example")
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			if want == "" {
				s.until(func() bool {
					s.mu.Lock()
					defer s.mu.Unlock()
					return slices.ContainsFunc(s.seen, func(e observe.Event) bool {
						return e.Kind == observe.Note && strings.HasPrefix(e.Text, "the answer to the submit leads to ")
					})
				})
				return
			}
			s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
			require.Equal(t, 1, s.sent(want))
		})
	}
}

// What is known stands in a path as one segment, and in a query as one value.
func TestAValueStaysWhereItStands(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/cart") {
			w.Header().Set("X-Token", "t")
			serve(w, `{"order":"../a&b=c?d#e","price":{"minor":1}}`)
			return
		}
		if r.URL.Path == "/state" {
			serve(w, `{"status":"sent"}`)
		}
	})
	f := page()
	f.Look = &described.Request{Method: "GET", Path: "/state?order=${order}&x=1"}
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	require.Equal(t, 1, s.sent("/state?order=..%2Fa%26b%3Dc%3Fd%23e&x=1"))
	require.Equal(t, 1, s.sent("/buy/..%2Fa&b=c%3Fd%23e"))
}
