package checkout

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type recorded = httptest.ResponseRecorder

// signed gives the headers of a webhook, as ask takes them.
func signed(secret, path, host, body string) []string {
	sum := sha256.Sum256([]byte(body))
	hash := base64.StdEncoding.EncodeToString(sum[:])
	date := time.Now().UTC().Format(http.TimeFormat)
	return []string{"X-Ms-Date", date, "X-Ms-Content-Sha256", hash, "Authorization",
		"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" + signature(secret, path, date, host, hash)}
}

// The provider publishes this example with its documentation.
func TestThePublishedSignatureIsTaken(t *testing.T) {
	const secret = "A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A=="
	body := `{"some-unique-content":"ee6e441b-cc4a-46f8-895d-a5af79bcc233/hello-world"}`
	api := &vippsAPI{cfg: Config{WebhookSecret: secret, WebhookTolerance: time.Minute}}
	published := func() *http.Request {
		r := httptest.NewRequest("POST", "https://webhook.site/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63", nil)
		r.Header.Set("X-Ms-Date", "Thu, 30 Mar 2023 08:38:32 GMT")
		sum := sha256.Sum256([]byte(body))
		r.Header.Set("X-Ms-Content-Sha256", base64.StdEncoding.EncodeToString(sum[:]))
		r.Header.Set("Authorization", "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&"+
			"Signature=agAiSyogQbDHpeucoNwYz+yAr5nJ+v+zasdkSbqzv+U=")
		return r
	}
	sent := time.Date(2023, 3, 30, 8, 38, 32, 0, time.UTC)
	require.NoError(t, api.signed(published(), []byte(body), sent.Add(time.Second)))

	forgeries := map[string]func(*http.Request) (string, time.Time){
		"another body":   func(*http.Request) (string, time.Time) { return body + " ", sent },
		"another host":   func(r *http.Request) (string, time.Time) { r.Host = "evil.site"; return body, sent },
		"another path":   func(r *http.Request) (string, time.Time) { r.URL.Path = "/else"; return body, sent },
		"another query":  func(r *http.Request) (string, time.Time) { r.URL.RawQuery = "a=b"; return body, sent },
		"no signature":   func(r *http.Request) (string, time.Time) { r.Header.Del("Authorization"); return body, sent },
		"no date":        func(r *http.Request) (string, time.Time) { r.Header.Del("X-Ms-Date"); return body, sent },
		"an old one":     func(r *http.Request) (string, time.Time) { return body, sent.Add(62 * time.Second) },
		"one from ahead": func(r *http.Request) (string, time.Time) { return body, sent.Add(-62 * time.Second) },
		"another's words": func(r *http.Request) (string, time.Time) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "host;", "", 1))
			return body, sent
		},
	}
	for name, forge := range forgeries {
		t.Run(name, func(t *testing.T) {
			r := published()
			body, now := forge(r)
			require.Error(t, api.signed(r, []byte(body), now))
		})
	}
}

func TestAForgedWebhookIsRefusedAndLeavesNoTrace(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		w := s.ask("POST", "/webhooks/vipps", `{"reference":"x"}`)
		require.Equal(t, 401, w.Code)
		require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		require.Zero(t, s.rows("inbox"))
	})
}

func TestAWebhookIsAHintToLookAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		id := s.look("b1")
		s.submit(id, "b1")
		time.Sleep(3500 * time.Millisecond) // she approves after 3 s; the first look would be at 5 s
		for range 3 {
			require.Equal(t, 200, s.notify(id+"-1", "AUTHORIZED").Code)
		}
		require.Equal(t, 1, s.rows("inbox"), "the same notice is kept once")
		time.Sleep(time.Second)
		require.Equal(t, "shipped", s.get(id).Status)
	})
}

func TestAnUntrueWebhookChangesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		id := s.look("b1")
		s.submit(id, "b1")
		time.Sleep(time.Second)
		require.Equal(t, 200, s.notify(id+"-1", "AUTHORIZED").Code)
		require.Equal(t, 200, s.notify(id+"-1", "EXPIRED").Code)
		time.Sleep(time.Second)
		require.Equal(t, Authorizing, s.get(id).State)
		s.settle()
		require.Equal(t, bought, s.world.books())
	})
}

// The look of a run is answered, and before the run is recorded a webhook comes:
// what the run found is out of date by then, and the shop looks again at once.
func TestAWebhookBetweenALookAndItsRecordIsNotLost(t *testing.T) {
	tests := map[string]struct {
		look   int // which one is out of date
		status string
		books  books
	}{
		"authorize": {1, "shipped", bought},
		"audit":     {2, "refused", released},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *shop) {
				looked, told := make(chan struct{}), make(chan struct{})
				id, looks := s.look("b1"), 0
				s.world.change = func(call string, a *http.Response) {
					switch call {
					case "POST /epayment/v1/payments": // a refusal that is a lie
						a.StatusCode = 400
					case "GET /epayment/v1/payments/" + id + "-1":
						if looks++; looks > test.look {
							return
						}
						a.StatusCode = 404
						if looks == test.look {
							close(looked)
							<-told
						}
					}
				}
				s.submit(id, "b1")
				<-looked
				time.Sleep(s.world.approveAfter) // within the time of one call
				require.Equal(t, 200, s.notify(id+"-1", "AUTHORIZED").Code)
				asked := s.world.count("GET /epayment/v1/payments/")
				close(told)
				time.Sleep(time.Second)
				require.Greater(t, s.world.count("GET /epayment/v1/payments/"), asked, "it looks at once")
				s.settle()
				require.Equal(t, test.status, s.get(id).Status)
				require.Equal(t, test.books, s.world.books())
			})
		})
	}
}

func TestAPaymentThatNoOrderKnowsIsListed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		require.Equal(t, 200, s.notify("somebody-else-1", "AUTHORIZED").Code)
		require.Contains(t, s.ask("GET", "/reconciliation", "").Body.String(), `"kind":"orphan"`)
	})
}
