package stripe

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v82/webhook"
)

const endpoints = "/v1/webhook_endpoints"

func joined(list []string) string { return strings.Join(list, ", ") }

func TestAShopRegistersItsOwnWebhook(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		in := &inbox{}
		s := open(t, func(c *Config) { c.Transport = receiver(in.take) })
		e := s.post(endpoints, "url=http://127.0.0.1:9/hook", "enabled_events[]=payment_intent.created", "metadata[a]=b")
		require.Contains(t, e.text("secret"), "whsec_")
		at := endpoints + "/" + e.text("id")
		require.Nil(t, s.get(at).field("secret"), "it is told once")
		s.create()
		pass(time.Second)
		require.Len(t, in.kinds, 1)
		_, err := webhook.ConstructEventWithOptions([]byte(in.bodies[0]), in.headers[0], e.text("secret"), webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
		require.NoError(t, err)

		require.Equal(t, "disabled", s.post(at, "disabled=true").text("status"))
		s.create()
		pass(time.Second)
		require.Len(t, in.kinds, 1)
		s.post(at, "disabled=false", "enabled_events[]=*")
		s.create(pays("pm_card_visa")...)
		require.Equal(t, true, s.send("DELETE", at, "").field("deleted"))
		pass(time.Hour)
		require.Len(t, in.kinds, 1, "what was under way is not sent any more")
		require.Len(t, s.get(endpoints).field("data"), 0)
		require.Equal(t, 404, s.get(at).Status)
	})(t)
}

func TestSixteenWebhooksAtMost(t *testing.T) {
	s := open(t, nil)
	for i := range mostEndpoints {
		require.Equal(t, 200, s.post(endpoints, fmt.Sprintf("url=http://127.0.0.1:9/%d", i), "enabled_events[]=*").Status)
	}
	require.Equal(t, 400, s.post(endpoints, "url=http://127.0.0.1:9/", "enabled_events[]=*").Status)
	require.Equal(t, "url_invalid", s.post(endpoints+"/"+s.provider.endpoints.list[0].id, "url=ftp://x").text("error.code"))
}

// While a secret is replaced both sign, the new one first; after that the new one alone.
func TestBothSecretsSignWhileOneIsReplaced(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		in := &inbox{}
		s := open(t, func(c *Config) { c.Transport = receiver(in.take) })
		id, old, err := s.provider.RegisterWebhook("http://127.0.0.1:9/hook", "payment_intent.created")
		require.NoError(t, err)
		fresh, err := s.provider.RotateSecret(id, time.Hour)
		require.NoError(t, err)
		require.NotEqual(t, old, fresh)
		s.create()
		pass(time.Hour)
		s.create("metadata[n]=2")
		pass(time.Second)
		require.Len(t, in.headers, 2)
		takes := func(i int, secret string) bool {
			_, err := webhook.ConstructEventWithOptions([]byte(in.bodies[i]), in.headers[i], secret,
				webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true, Tolerance: 2 * time.Hour})
			return err == nil
		}
		require.Equal(t, []int{2, 1}, []int{strings.Count(in.headers[0], "v1="), strings.Count(in.headers[1], "v1=")})
		require.Equal(t, []bool{true, true, false, true}, []bool{takes(0, old), takes(0, fresh), takes(1, old), takes(1, fresh)})
		require.Equal(t, fresh, s.provider.Facts()["webhook_secret"])

		_, err = s.provider.RotateSecret(id, 25*time.Hour)
		require.ErrorContains(t, err, "invalid overlap 25h0m0s: want 0 to 24h0m0s")
		_, err = s.provider.RotateSecret("we_1", time.Hour)
		require.ErrorContains(t, err, `no webhook endpoint "we_1"`)
	})(t)
}

// A shop may register any address; the fake calls this machine only.
func TestWebhooksStayOnThisMachine(t *testing.T) {
	require.NoError(t, onThisMachine("tcp", "127.0.0.1:80", nil))
	require.NoError(t, onThisMachine("tcp", "[::1]:80", nil))
	require.ErrorContains(t, onThisMachine("tcp", "192.0.2.1:80", nil), "goes to this machine only, and 192.0.2.1:80 is another one")
	s := open(t, func(c *Config) { c.Transport = nil })
	require.NotNil(t, s.provider.own.DialContext)
}

// Each failure has the body and the headers of who makes it, and changes nothing. The
// API's own 500 is bound to the key; of what happens before it, the next try is free.
func TestFailuresThatAreAskedFor(t *testing.T) {
	for how, row := range map[Failure]struct {
		status             int
		kind, code, header string
		kept               bool
	}{
		Broken:      {500, "application/json", "", "", true},
		Unavailable: {503, "application/json", "", "", false},
		KeyInUse:    {409, "application/json", "idempotency_key_in_use", "", false},
		RateLimited: {429, "application/json", "rate_limit", "global-rate", false},
		Locked:      {429, "application/json", "lock_timeout", "resource-specific", false},
		EdgeHTML:    {503, "text/html", "", "", false},
		EdgeEmpty:   {503, "", "", "", false},
	} {
		t.Run(string(how), func(t *testing.T) {
			s := open(t, nil)
			s.provider.Fail(1, how)
			require.Equal(t, 200, s.get("/v1/events").Status, "what changes nothing is left alone")
			a := s.raw("POST", intents, form("amount=1000", "currency=usd"), "Idempotency-Key", "k")
			require.Equal(t, row.status, a.Status)
			require.Equal(t, row.kind, a.Header.Get("Content-Type"))
			require.Equal(t, row.header, a.Header.Get("Stripe-Rate-Limited-Reason"))
			require.Equal(t, how == EdgeEmpty, a.Body == "")
			if row.kind == "application/json" {
				require.Contains(t, a.Body, row.code)
				require.Contains(t, a.Body, `"error"`)
			}
			require.Empty(t, s.books())
			again := s.send("POST", intents, form("amount=1000", "currency=usd"), "Idempotency-Key", "k")
			require.Equal(t, row.kept, again.Status == http.StatusInternalServerError, again.Body)
			require.NoError(t, CheckFailure(string(how)))
		})
	}
	require.EqualError(t, CheckFailure("x"), `unknown failure "x": want 409, 500, 503, 503-empty, 503-html, lock, rate-limit`)
}
