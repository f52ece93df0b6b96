package described_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// forMembers is a shop that shows nothing to a customer who is not logged in.
func forMembers(shop http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie("session")
		switch {
		case r.URL.Path == "/login":
			serve(w, `{"user":"u-7"}`) // with a cookie
		case cookie == nil:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			shop(w, r)
		}
	}
}

// She logs in once in each browser, before she is shown any page there: the one that the
// provider's app opens is no exception. Her basket stays as it is.
func TestSheLogsInOnceInEachBrowser(t *testing.T) {
	s := newStreet(t, forMembers(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/thanks":
			serve(w, `{"status":"paying"}`)
		case "/mine/u-7":
			serve(w, `{"status":"sent"}`)
		default:
			serveCart(w)
		}
	}))
	s.calm, s.patience = true, 20*time.Second
	f := page()
	f.Login = []described.Request{{Method: "POST", Path: "/login", Capture: map[string]described.Source{"user": {JSON: "/user"}}}}
	f.Basket = []described.Request{{Method: "POST", Path: "/goods/${user}"}}
	f.Look.Path = "/mine/${user}"
	first := s.tab(f)
	require.NoError(t, first.Open(t.Context(), "b-ana"))
	require.NoError(t, s.tab(f).Open(t.Context(), "b-ana"))
	require.Equal(t, 1, s.sent("/login"), "her tabs have one session")

	s.profile = described.NewProfile()
	require.NoError(t, s.tab(f).Return(t.Context(), s.url+"/thanks", "b-ana"))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	require.Equal(t, 2, s.sent("/login"))
	require.Equal(t, 1, s.sent("/goods/u-7"))

	f.Login, f.Basket, s.profile = nil, nil, described.NewProfile()
	require.ErrorContains(t, s.tab(f).Return(t.Context(), s.url+"/thanks", "b-ana"),
		`the shop answered 401 to GET /thanks: where customers log in, say how under "login", which is done in each browser`)
}

// A page that tells of the order need not have what one buys with: the shop rightly offers
// it no more. It looks with what her browser knew before, and has nothing to click on.
func TestAPageThatTellsOfTheOrderHasNothingToBuyWith(t *testing.T) {
	for name, row := range map[string]struct {
		later  string // what the page says from the second load on
		screen string // "": it cannot be read
	}{
		"under way":              {`{"status":"paying"}`, "checking"},
		"over":                   {`{"status":"sent"}`, "shipped"},
		"an error":               {`{"error":"down"}`, ""},
		"it lacks only a price":  {`{"order":"/o/1"}`, ""},
		"nothing that is a word": {`{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bought := false
			s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasPrefix(r.URL.Path, "/state/o/1"):
					serve(w, `{"status":"sent"}`)
				case bought:
					serve(w, row.later)
				default:
					serveCart(w)
				}
			})
			s.calm = true
			f := page()
			f.Screens = append(f.Screens, described.Screen{
				View: described.View{Says: "error"}, Fits: described.Fits{JSON: map[string]any{"/error": nil}},
			})
			tab := s.tab(f)
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			bought = true
			again := s.tab(f) // in another tab of the same browser
			err := again.Open(t.Context(), "b-ana")
			if row.screen == "" {
				require.ErrorContains(t, err, described.Unread)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{"ready", row.screen}, s.screens()[:2])
			require.NoError(t, again.Click(t.Context(), 1))
			require.Empty(t, s.acts(), "she clicked on nothing")
			s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
		})
	}
}

// In a browser that never had a page of the basket, nobody knows what would be looked for.
func TestTheFirstPageHasToBeWhole(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, _ *http.Request) { serve(w, `{"status":"paying"}`) })
	s.calm = true
	require.ErrorContains(t, s.tab(page()).Open(t.Context(), "b-ana"), described.Unread)
}

// What the order is called may be known to that page alone which sent it. A page that tells of
// the order looks with what that one knew, whatever pages were loaded since.
func TestAPageThatTellsOfTheOrderKnowsWhatTheBuyingPageKnew(t *testing.T) {
	offers := true
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			serve(w, `{"number":"n-7","status":"paying"}`)
		case r.URL.Path == "/state/n-7":
			serve(w, `{"status":"sent"}`)
		case strings.HasPrefix(r.URL.Path, "/state/"):
			w.WriteHeader(http.StatusNotFound)
		case offers:
			serveCart(w)
		default:
			serve(w, `{"status":"paying"}`)
		}
	})
	s.calm = true
	f := page()
	f.Look = nil
	f.Submit.Capture = map[string]described.Source{"number": {JSON: "/number"}}
	buying := s.tab(f)
	require.NoError(t, buying.Open(t.Context(), "b-ana"))
	require.NoError(t, buying.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "checking") })
	f.Look = &described.Request{Method: "GET", Path: "/state/${number}"}
	other := s.tab(f)
	require.NoError(t, other.Open(t.Context(), "b-ana"))
	offers = false
	require.NoError(t, other.Open(t.Context(), "b-ana"))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
}
