package browser_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/authority"
	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// A host of another machine is found where the browser was told, by the pinned key alone;
// no other host is found.
func TestAHostIsReachedByItsPinnedKeyAlone(t *testing.T) {
	start(t) // or skips
	by, err := authority.New("shop.example")
	require.NoError(t, err)
	other, err := authority.New("shop.example")
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><main>ready</main><button>Pay</button>`)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Listener = tls.NewListener(s.Listener, by.Config())
	s.Start()
	defer s.Close()
	for name, row := range map[string]struct {
		pin, url string
		reached  bool
	}{
		"the pinned key": {by.Pin(), "https://shop.example", true},
		"another key":    {other.Pin(), "https://shop.example", false},
		"no key":         {"", "https://shop.example", false},
		"another host":   {by.Pin(), "https://other.example", false},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := browser.StartWith(browser.Reach{Hosts: []string{"shop.example"}, At: s.Listener.Addr().String(), Pin: row.pin})
			require.NoError(t, err)
			defer func() { require.NoError(t, b.Close()) }()
			profile, err := b.Profile()
			require.NoError(t, err)
			tab, err := profile.Tab(browser.Config{
				Person: customer.Person{Customer: "ana", See: func(observe.Event) {}}, URL: row.url,
				Page: browser.Page{Path: "/", Submit: "button", Says: browser.Reading{Selector: "main"}},
			})
			require.NoError(t, err)
			defer tab.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err = tab.Load(ctx, "b")
			if row.reached {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			require.NotErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}
