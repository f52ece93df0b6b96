package vipps

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

func TestLoneNoticesAreAsPublished(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(Document)
	require.NoError(t, err)
	w := provider.Wish{Reference: "order-123", Amount: 49900, Currency: "NOK", At: time.Unix(1, 0)}
	for _, p := range Webhooks().Purchases {
		for _, n := range p.Notices(w) {
			var said any
			require.NoError(t, json.Unmarshal(n.Body, &said))
			require.NoError(t, doc.Components.Schemas["Notice"].Value.VisitJSON(said))
			require.Equal(t, n.Event(), said.(map[string]any)["name"])
		}
		require.Equal(t, p.Notices(w), p.Notices(w), "a notice that comes again is the same")
	}
}

// During a rotation each registration is told by a secret of its own.
func TestTheLastSecretSigns(t *testing.T) {
	sign := func(secrets ...string) string {
		r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:8080/hooks", nil)
		require.NoError(t, err)
		Webhooks().Sign(r, []byte("{}"), time.Unix(1, 0), secrets...)
		return r.Header.Get("Authorization")
	}
	require.Equal(t, sign("known"), sign("other", "known"))
	require.NotEqual(t, sign("known"), sign("other"))
}
