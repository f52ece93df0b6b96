package described_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// requests are what she sent, in their order.
func (s *street) requests() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.seen {
		if e.Kind == observe.Sent {
			list = append(list, e.Message.Method+" "+e.Message.Path)
		}
	}
	return list
}

// A submit that follows shows the page that the shop led to. Each redirect is one message,
// and what is captured is found in the page, in a Location and in a cookie.
func TestAPageFollowsARedirect(t *testing.T) {
	for status, second := range map[int]string{301: "GET", 302: "GET", 303: "GET", 307: "POST", 308: "POST"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				switch r.URL.Path {
				case "/buy/o/1":
					http.SetCookie(w, &http.Cookie{Name: "receipt", Value: "r-1", Path: "/"})
					w.Header().Set("Location", "../../paid?order=o-1")
					w.WriteHeader(status)
				case "/paid":
					if r.Method != second || (len(body) == 0) != (second == "GET") || (r.Header.Get("Content-Type") == "") != (second == "GET") {
						w.WriteHeader(http.StatusBadRequest)
						return
					}
					http.Redirect(w, r, "/thanks/o-1", http.StatusSeeOther)
				case "/thanks/o-1":
					serve(w, `{"status":"paying","kind":"page"}`)
				case "/state/r-1/thanks/o-1":
					serve(w, `{"status":"sent"}`)
				default:
					serveCart(w)
				}
			})
			f := page()
			f.Submit.Follow = true
			f.Submit.Capture = map[string]described.Source{"receipt": {Cookie: "receipt"}, "led": {Header: "Location"}, "kind": {JSON: "/kind"}}
			f.Look.Path = "/state/${receipt}/${led}"
			tab := s.tab(f)
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
			require.Equal(t, []string{"ready", "waiting", "checking", "shipped"}, s.screens())
			require.Equal(t, []string{
				"GET /cart/b-ana", "POST /buy/o%2F1", second + " /paid?order=o-1", "GET /thanks/o-1", "GET /state/r-1/thanks/o-1",
			}, s.requests())
		})
	}
}

// Redirects without end are told, and nobody but the shop is followed.
func TestAPageFollowsNobodyElse(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/buy/o/1":
			http.Redirect(w, r, "http://127.0.0.1:1/pay", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		default:
			serveCart(w)
		}
	})
	s.calm = true
	f := page()
	f.Submit.Follow = true
	f.Screens = append([]described.Screen{{View: described.View{Says: "cancelled"}, Fits: described.Fits{Status: 302}}}, f.Screens...)
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "cancelled") })
	tab.Close()
	require.Len(t, s.requests(), 2)
	require.True(t, slices.ContainsFunc(s.seen, func(e observe.Event) bool {
		return e.Text == `the answer to POST /buy/o/1 leads to "http://127.0.0.1:1/pay", which is elsewhere: a customer stays at `+s.url
	}))

	f.Basket = []described.Request{{Method: "GET", Path: "/round", Follow: true}}
	s.profile = described.NewProfile()
	err := s.tab(f).Open(t.Context(), "b-ana")
	require.ErrorIs(t, err, observe.ErrNoPage)
	require.ErrorContains(t, err, `the shop redirected 20 times in a row, at last from "/round" to "/round": no page comes of it`)
	require.Equal(t, 21, s.sent("/round"))

	f.Submit = f.Basket[0]
	f.Basket, f.Look, f.Unanswered = nil, nil, described.View{Says: "refused"}
	tab = s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "refused") })
	require.Equal(t, 42, s.sent("/round"))
}
