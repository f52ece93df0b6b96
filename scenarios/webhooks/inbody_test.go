package webhooks

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/adyen"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Where the proof stands in the body, a forgery is one all the same, and a notice as it
// should be passes.
func TestSignaturesInTheBody(t *testing.T) {
	hooks := fakes.Webhooks()["adyen"]
	d := &Description{hooks: hooks, Secret: hooks.Secret}
	w := provider.Wish{Reference: "r-1", Amount: 49900, Currency: "NOK", At: time.Unix(1, 0)}
	body := hooks.Purchases[0].Notices(w)[0].Body
	for manner, right := range map[Manner]bool{
		Plain: true, Rotated: true,
		forged + altered: false, forged + unsigned: false, forged + missigned: false, forged + unkeyed: false,
	} {
		raw, err := d.request(&url.URL{Scheme: "http", Host: "127.0.0.1:1", Path: "/"}, manner, body)
		require.NoError(t, err)
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		require.NoError(t, err)
		sent, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, right, adyen.Verify(sent, hooks.Secret) == nil, "%s: %s", manner, sent)
	}
}

// Each notice of each provider can be altered after it is signed.
func TestEveryNoticeCanBeAltered(t *testing.T) {
	for name, hooks := range fakes.Webhooks() {
		for _, p := range hooks.Purchases {
			for _, n := range p.Notices(provider.Wish{Reference: "r-1", Amount: 49900, Currency: "NOK", At: time.Unix(1, 0)}) {
				altered := alteredBody(n.Body)
				require.NotEqual(t, string(n.Body), string(altered), "%s: %s", name, n.Name)
				require.Len(t, altered, len(n.Body))
			}
		}
	}
}
