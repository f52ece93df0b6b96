package described_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An id of the page's own is the same when it sends again, and new when it is loaded again.
func TestALoadHasAnIDOfItsOwn(t *testing.T) {
	var mu sync.Mutex
	var ids []string
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/cart") {
			serveCart(w)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if ids = append(ids, r.Header.Get("X-Load")); len(ids)%2 != 0 {
			panic(http.ErrAbortHandler) // no answer: the page sends it again
		}
		_, _ = io.WriteString(w, `{"status":"sent"}`)
	})
	f := page()
	f.Look, f.Resends, f.Submit.Headers = nil, 1, map[string]string{"X-Load": "${load}"}
	tab := s.tab(f)
	for loads := 1; loads <= 2; loads++ {
		require.NoError(t, tab.Open(t.Context(), "b-ana"))
		require.NoError(t, tab.Click(t.Context(), 1))
		s.until(func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(ids) == 2*loads && strings.Count(strings.Join(s.screens(), " "), "shipped") == loads
		})
	}
	require.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", ids[0])
	require.Equal(t, ids[0], ids[1])
	require.Equal(t, ids[2], ids[3])
	require.NotEqual(t, ids[0], ids[2])
}

// Nobody follows a redirect to another host.
func TestARedirectElsewhereIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("somebody came") }))
	t.Cleanup(elsewhere.Close)
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/cart") {
			serveCart(w)
			return
		}
		w.Header().Set("Location", elsewhere.URL+"/thanks")
		w.WriteHeader(map[bool]int{true: http.StatusSeeOther, false: http.StatusTemporaryRedirect}[r.Method == http.MethodPost])
	})
	f := page()
	f.LookFor, f.LookEvery = 20*time.Millisecond, 5*time.Millisecond
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return s.sent("/buy") == 1 && s.sent("/state") > 0 })
	tab.Close()
}
