package described_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Go's own http.Transport sends some requests again, by itself, when a warm
// connection ends under them. A page that does not send again does not.
func TestNothingIsSentThatNobodyWroteDown(t *testing.T) {
	for _, key := range []string{"Idempotency-Key", "X-Idempotency-Key", "X-Token"} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			for _, body := range []any{nil, map[string]any{"order": "1"}} {
				t.Run(fmt.Sprintf("%s with %s and %v", method, key, body), func(t *testing.T) {
					var messages atomic.Int32
					s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
						if strings.HasPrefix(r.URL.Path, "/cart") {
							serveCart(w)
							return
						}
						messages.Add(1)
						require.Equal(t, "key-1", r.Header.Get(key))
						require.Empty(t, r.TransferEncoding)
						_, _ = io.Copy(io.Discard, r.Body)
						panic(http.ErrAbortHandler) // ends the connection
					})
					f := page()
					f.Submit = described.Request{Method: method, Path: "/buy", Headers: map[string]string{key: "key-1"}, Body: body}
					f.Look, f.Unanswered = nil, described.View{Says: "cancelled"}
					tab := s.tab(f)
					require.NoError(t, tab.Open(t.Context(), "b-ana"))
					require.NoError(t, tab.Click(t.Context(), 1))
					s.until(func() bool { return slices.Contains(s.screens(), "cancelled") })
					require.EqualValues(t, 1, messages.Load(), "messages on the wire")
				})
			}
		}
	}
}

// While a click says what the page knows, an answer may tell it more.
func TestAPageLearnsWhileItIsUsed(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, _ *http.Request) { serveCart(w) })
	f := page()
	f.Look = nil
	f.Submit.Capture = f.Open[0].Capture
	f.Change = &described.Request{Method: "POST", Path: "/basket/${quantity}"}
	// An observer that waits for nobody, so that nothing but the page's own lock
	// stands between what is known and who reads it.
	tab := customer.New(described.New(described.Config{
		Person: customer.Person{Customer: "ana", See: observe.Nobody}, URL: s.url, FrontEnd: f, LoadWithin: time.Minute,
	}), customer.Times{})
	defer tab.Close()
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	for n := range 20 {
		require.NoError(t, tab.Click(t.Context(), 5))
		require.NoError(t, tab.Change(t.Context(), n))
	}
}
