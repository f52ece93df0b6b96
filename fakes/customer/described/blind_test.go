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

// Where a look needs what only the submit's answer says, and none comes, the page cannot look,
// and says so.
func TestAPageThatCannotLookSaysSo(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/cart") {
			panic(http.ErrAbortHandler)
		}
		serveCart(w)
	})
	f := page()
	f.Submit.Capture = map[string]described.Source{"where": {Header: "Location"}}
	f.Look.Path = "/${where}"
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.ContainsFunc(s.seen, func(e observe.Event) bool {
			return e.Kind == observe.Note && e.Text == observe.CouldNotLook+"GET /${where}: nothing is known yet as ${where}"
		})
	})
}

// A page that tells of her last attempt can be bought from: what it told is over with her click.
func TestAClickBeginsAnew(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/cart"):
			w.Header().Set("X-Token", "t-1")
			serve(w, `{"order":"1","price":{"minor":49900},"status":"failed"}`)
		case strings.HasPrefix(r.URL.Path, "/state"):
			serve(w, `{"status":"sent"}`)
		default:
			serve(w, `{}`)
		}
	})
	f := page()
	delete(f.Open[0].Capture, "session")
	f.Screens = append([]described.Screen{{View: described.View{Says: "cancelled"}, Fits: described.Fits{JSON: map[string]any{"/status": "failed"}}}}, f.Screens...)
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	require.Equal(t, []string{"cancelled", "waiting", "shipped"}, slices.DeleteFunc(s.screens(), func(says string) bool { return says == "checking" }))
}
