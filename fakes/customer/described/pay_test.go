package described_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// The answer to the submit says where she pays, as a field or as a redirect that leads
// elsewhere. She comes back to a page of the shop that knows what the one before it knew;
// in another browser it does not.
func TestSheIsSentToPayAndComesBack(t *testing.T) {
	sends := map[string]described.Source{described.Pay: {JSON: "/pay"}}
	for name, row := range map[string]struct {
		submit, look map[string]described.Source
		back         string // below the shop's address
	}{
		"by a field":              {sends, nil, "/done?o=1"},
		"by a redirect":           {map[string]described.Source{described.Pay: {Header: "Location"}}, nil, "/done?o=1"},
		"by a look":               {nil, sends, "/done?o=1"},
		"to a page without words": {sends, nil, "/silent"},
	} {
		t.Run(name, func(t *testing.T) {
			var paid atomic.Bool
			const at = "https://provider.example/pay?token=1"
			s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/buy/o/1":
					if row.submit[described.Pay].Header != "" {
						http.Redirect(w, r, at, http.StatusSeeOther)
						return
					}
					serve(w, `{"status":"paying","pay":"`+at+`"}`)
				case "/done":
					http.Redirect(w, r, "/thanks", http.StatusFound)
				case "/thanks":
					serve(w, `{"status":"paying"}`)
				case "/silent":
					serve(w, `{}`)
				case "/state/o/1":
					serve(w, map[bool]string{true: `{"status":"sent"}`, false: `{"status":"paying","pay":"` + at + `"}`}[paid.Load()])
				default:
					serveCart(w)
				}
			})
			pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					paid.Store(true)
					http.Redirect(w, r, s.url+row.back, http.StatusSeeOther)
				}
			}))
			defer pages.Close()
			f := page()
			f.Submit.Capture, f.Look.Capture = row.submit, row.look
			tab := s.tab(f)
			tab.Provider = &customer.Provider{
				Person: customer.Person{Customer: "ana", See: observe.Nobody}, URL: pages.URL, Yes: "answer=approve",
				Dial: new(net.Dialer).DialContext, LoadWithin: 10 * time.Second,
			}
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			url, err := tab.ToPay(t.Context())
			require.NoError(t, err)
			require.Equal(t, at, url)
			back, err := tab.Pay(t.Context(), url, true, "")
			require.NoError(t, err)
			require.NoError(t, tab.Return(t.Context(), back, "b-ana"))
			s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
			require.ErrorIs(t, tab.Return(t.Context(), "http://elsewhere.example/done", "b-ana"), observe.ErrNoPage)

			s.profile = described.NewProfile()
			other, looks := s.tab(f), s.sent("/state")
			require.NoError(t, other.Return(t.Context(), back, "b-ana"))
			other.Close()
			require.Equal(t, looks, s.sent("/state"), "nobody knows the order there")
		})
	}
}

// She waits for a page that never says where she pays as long as she likes.
func TestAPageThatSendsNobodyToPay(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, _ *http.Request) { serveCart(w) })
	tab := s.tab(page())
	tab.Provider = &customer.Provider{}
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := tab.ToPay(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
