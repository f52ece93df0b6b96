package stripe

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

func TestWebhooksAreComplete(t *testing.T) { require.NoError(t, Webhooks().Check()) }

// The signature of a fixed body, computed by another HMAC:
// printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test
func TestANoticeIsSigned(t *testing.T) {
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1/", nil)
	require.NoError(t, err)
	signNotice(r, []byte("{}"), time.Unix(1700000000, 0), "whsec_test")
	require.Equal(t, "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91", r.Header.Get("Stripe-Signature"))
	signNotice(r, []byte("{}"), time.Unix(1700000000, 0), "whsec_old", "whsec_test")
	require.Regexp(t, "^t=1700000000,v1=[0-9a-f]{64},v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91$", r.Header.Get("Stripe-Signature"))
}

func TestANoticeThatComesAgainIsTheSame(t *testing.T) {
	w := provider.Wish{Reference: "r-1", Amount: 49900, Currency: "NOK", At: time.Unix(1, 0)}
	ids := map[string]bool{}
	for _, p := range Webhooks().Purchases {
		require.Equal(t, p.Notices(w), p.Notices(w))
		for _, n := range p.Notices(w) {
			var event struct {
				ID, Type string
				Data     struct {
					Object struct {
						ID, Object, Currency string
						Metadata             map[string]string
					}
				}
			}
			require.NoError(t, json.Unmarshal(n.Body, &event))
			require.Equal(t, n.Event(), event.Type)
			require.Regexp(t, "^evt_[0-9a-f]{24}$", event.ID)
			require.Equal(t, "nok", event.Data.Object.Currency)
			require.NotEmpty(t, event.Data.Object.ID)
			ids[event.ID] = true
		}
	}
	require.Len(t, ids, 18, "an event of each type, and four of a second refund")
}
