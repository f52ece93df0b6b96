package described_test

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// The same submit again is the same bytes: with the ids and the token of the page that
// sent it, whatever page is open by then, or none. A look follows the same order.
func TestTheSameSubmitIsSentAgain(t *testing.T) {
	var mu sync.Mutex
	var submits, looks []string
	load := 0
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch body, _ := io.ReadAll(r.Body); {
		case r.URL.Path == "/cart/b-ana":
			load++
			w.Header().Set("X-Token", []string{"t-1", "t-2"}[load-1])
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "s-1", Path: "/"})
			_, _ = io.WriteString(w, []string{cart, `{"order":"o/2","price":{"minor":49900}}`}[load-1])
		case r.Method == "POST":
			submits = append(submits, r.URL.EscapedPath()+" "+r.Header.Get("X-Token")+" "+string(body))
			_, _ = io.WriteString(w, `{"status":"sent"}`)
		default:
			looks = append(looks, r.URL.EscapedPath())
			_, _ = io.WriteString(w, `{"status":"paying"}`)
		}
	})
	tab := s.tab(page())
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.ErrorContains(t, tab.Resubmit(t.Context()), "sent no submit")
	tab.Look(t.Context())
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	require.NoError(t, tab.Resubmit(t.Context()), "on the page that is open")
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Resubmit(t.Context()), "on another one")
	tab.Close()
	require.NoError(t, tab.Resubmit(t.Context()), "on none")
	tab.Look(t.Context())
	tab.Close()
	require.Len(t, submits, 4)
	require.Equal(t, []string{submits[0]}, slices.Compact(submits))
	require.Equal(t, []string{"/state/o%2F1"}, looks)
	require.Equal(t, []string{"ready", "waiting", "shipped", "ready"}, s.screens(), "no less than the outcome")
}

// A page that never looks does not look at the end either, and no answer is none.
func TestAPageWithoutALookDoesNotLookAgain(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" {
			serveCart(w)
			return
		}
		panic(http.ErrAbortHandler)
	})
	f := page()
	f.Look, f.Unanswered = nil, described.View{Says: "checking"}
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "checking") })
	require.NoError(t, tab.Resubmit(t.Context()))
	tab.Look(t.Context())
	require.Zero(t, s.sent("/state"))
	require.Equal(t, 2, s.sent("/buy"))
}
