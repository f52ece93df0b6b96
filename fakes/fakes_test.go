package fakes_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

func TestProvidersAreComplete(t *testing.T) {
	providers := fakes.Providers()
	require.Contains(t, providers.Kinds, providers.Default)
	for name, kind := range providers.Kinds {
		t.Run(name, func(t *testing.T) {
			require.Regexp(t, `^[a-z][a-z0-9-]*$`, name)
			require.NoError(t, kind.Check())
			defer goleak.VerifyNone(t)
			var mu sync.Mutex
			seen := map[observe.Kind]int{}
			made, err := kind.New(provider.Config{
				Account: kind.Filled(nil), WebhookURL: "http://127.0.0.1:1/webhooks", Speed: 1, Rand: rand.Reader,
				Transport: http.DefaultTransport, See: func(e observe.Event) { mu.Lock(); defer mu.Unlock(); seen[e.Kind]++ },
			})
			require.NoError(t, err)
			defer made.Close()

			facts := made.Facts()
			for name, value := range kind.Filled(nil) {
				require.Equal(t, value, facts[name])
			}
			for _, secret := range kind.Secrets(facts) {
				require.GreaterOrEqual(t, len(secret), 8, "a record redacts it")
			}
			_, due := made.NextDue()
			require.False(t, due, "nobody has asked for anything")
			for i, r := range kind.Routes {
				if r.Hop != observe.ProviderHop {
					continue
				}
				w := httptest.NewRecorder()
				made.ServeHTTP(w, httptest.NewRequest(r.Method, segment.ReplaceAllString(r.Path, "x"), strings.NewReader("")))
				require.NotContains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, w.Code, "%s is served", r.Operation)
				require.Equal(t, i+1, seen[observe.Arrived], "it tells of every request")
				require.Equal(t, i+1, seen[observe.Answered])
			}
		})
	}
}

var segment = regexp.MustCompile(`\{[^}]*\}`)

func TestWebhooksAreComplete(t *testing.T) {
	for name, w := range fakes.Webhooks() {
		require.NoError(t, w.Check(), name)
	}
}
