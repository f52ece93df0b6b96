package vipps

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// The example of the provider's "request authentication" page.
func TestSignIsAsPublished(t *testing.T) {
	to, err := url.Parse("https://webhook.site/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63")
	require.NoError(t, err)
	at, err := http.ParseTime("Thu, 30 Mar 2023 08:38:32 GMT")
	require.NoError(t, err)
	h := http.Header{}
	Sign(h, to, []byte(`{"some-unique-content":"ee6e441b-cc4a-46f8-895d-a5af79bcc233/hello-world"}`),
		"A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A==", at)

	require.Equal(t, "Thu, 30 Mar 2023 08:38:32 GMT", h.Get("x-ms-date"))
	require.Equal(t, "lNlsp1XA03N34HrQsVzPgJKtC+r7l/RBF4V3JQUWMj4=", h.Get("x-ms-content-sha256"))
	require.Equal(t, "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="+
		"agAiSyogQbDHpeucoNwYz+yAr5nJ+v+zasdkSbqzv+U=", h.Get("Authorization"))
}

func TestAWebhookTellsSignsAndNamesItsHost(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		var got *http.Request
		var body string
		s := open(t, func(c *Config) {
			c.ApproveAfter = 0
			c.Transport = receiver(func(r *http.Request, b string) int { got, body = r, b; return 200 })
		})
		const to = "http://127.0.0.1:8080/hooks/vipps?shop=1"
		_, secret, err := s.provider.RegisterWebhook(to, "epayments.payment.captured.v1")
		require.NoError(t, err)
		s.create(order, 1000)
		require.Equal(t, 200, s.post("my-capture", "/epayment/v1/payments/"+order+"/capture", modification(400)).Status)
		pass(stagger)

		require.NotNil(t, got)
		require.Equal(t, to, got.URL.String())
		require.Equal(t, "127.0.0.1:8080", got.Host)
		at, err := http.ParseTime(got.Header.Get("x-ms-date"))
		require.NoError(t, err)
		again := http.Header{}
		Sign(again, got.URL, []byte(body), secret, at)
		require.Equal(t, again.Get("Authorization"), got.Header.Get("Authorization"))

		var told any
		require.NoError(t, json.Unmarshal([]byte(body), &told))
		doc, err := openapi3.NewLoader().LoadFromData(Document)
		require.NoError(t, err)
		require.NoError(t, doc.Components.Schemas["Notice"].Value.VisitJSON(told))
		a := reply{json: told}
		require.Equal(t, "123456", a.field("msn"))
		require.Equal(t, order, a.field("reference"))
		require.Equal(t, "CAPTURED", a.field("name"))
		require.Equal(t, 400.0, a.field("amount.value"))
		require.Equal(t, "my-capture", a.field("idempotencyKey"))
		require.Equal(t, true, a.field("success"))

		sent := s.seen.of(observe.Sent)
		require.Len(t, sent, 1)
		require.Equal(t, observe.WebhookHop, sent[0].Message.Hop)
		require.Len(t, s.seen.of(observe.Received), 1)
	})(t)
}

// attempts plays the provider's side until nothing is due any more, against a
// receiver that fails the first so many times.
func attempts(t *testing.T, s *shop, failing func(n int) int) (at []time.Duration) {
	t.Helper()
	start := time.Now()
	s.provider.webhooks = receiver(func(*http.Request, string) int {
		at = append(at, since(start))
		return failing(len(at))
	})
	_, _, err := s.provider.RegisterWebhook("https://shop.test/hook")
	require.NoError(t, err)
	s.create(order, 1000)
	for {
		synctest.Wait()
		due, any := s.provider.NextDue()
		if !any {
			return at
		}
		pass(max(time.Until(due), time.Second))
	}
}

// schedule is when the attempts are due that follow the first, seen from there.
func schedule() (all []time.Duration) {
	at := time.Duration(0)
	for range 4 {
		at += 2 * time.Second
		all = append(all, at)
	}
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute} {
		at += wait
		all = append(all, at)
	}
	for len(all)+1 < 29 { // the first attempt counts
		at += time.Hour
		all = append(all, at)
	}
	for at+24*time.Hour <= 7*24*time.Hour {
		at += 24 * time.Hour
		all = append(all, at)
	}
	return all
}

func TestAWebhookIsRetriedForSevenDaysAndThenGivenUp(t *testing.T) {
	for name, failure := range map[string]int{
		"refused": 404, "broken": 500, "redirected": 307,
	} {
		t.Run(name, inStoryTime(func(t *testing.T) {
			s := open(t, func(c *Config) { c.ApproveAfter = 0 })
			got := attempts(t, s, func(int) int { return failure })

			// Two events: created, whose failure holds up authorized.
			want := append([]time.Duration{0}, schedule()...)
			require.Len(t, want, 35)
			require.Len(t, got, 2*len(want))
			for i, at := range want {
				require.InDelta(t, at.Seconds(), got[i].Seconds(), 2, "attempt %d", i+1)
			}
			require.Len(t, s.seen.of(observe.Note), 2, "giving up is told")
		}))
	}
}

func TestAnAnswerAfterTenSecondsIsAFailure(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, nil)
		got := attempts(t, s, func(n int) int {
			switch n {
			case 1:
				time.Sleep(9 * time.Second) // slow, and in time
				return 503
			case 2:
				return -1
			}
			return 204
		})
		// created: at 0 s, after 9 s it fails; at 11 s, hangs to 21 s; at 23 s, taken.
		// expired: after ten minutes.
		require.Equal(t, []time.Duration{0, 11 * time.Second, 23 * time.Second, 10 * time.Minute}, got)
	})(t)
}

func TestWebhooksOfAPaymentComeInOrderOrNotAtAll(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		var got []string
		var down atomic.Bool
		down.Store(true)
		s := open(t, func(c *Config) {
			c.ApproveAfter = 0
			c.Transport = receiver(func(_ *http.Request, body string) int {
				var e struct{ Reference, Name string }
				require.NoError(t, json.Unmarshal([]byte(body), &e))
				if e.Reference == order && e.Name == "AUTHORIZED" && down.Load() {
					got = append(got, "("+e.Name+")")
					return 500
				}
				got = append(got, e.Reference[len(e.Reference)-1:]+" "+e.Name)
				return 200
			})
		})
		_, _, err := s.provider.RegisterWebhook("https://shop.test/hook")
		require.NoError(t, err)
		s.create(order, 1000)
		pass(time.Second)
		require.Equal(t, 200, s.modify(order, "capture", 1000).Status)
		s.create("order-0002", 1000) // is not held up
		pass(500 * time.Millisecond)
		first := []string{"1 CREATED", "(AUTHORIZED)", "2 CREATED", "2 AUTHORIZED"}
		require.Equal(t, first, got)
		down.Store(false)
		pass(2 * time.Second)
		require.Equal(t, append(first, "1 AUTHORIZED", "1 CAPTURED"), got)
	})(t)
}

func TestARegistrationIsToldOneThingAtATime(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		now, most := 0, 0
		s := open(t, func(c *Config) {
			c.ApproveAfter = 0
			c.Transport = receiver(func(*http.Request, string) int {
				now++
				most = max(most, now)
				time.Sleep(time.Second)
				now--
				return 200
			})
		})
		_, _, err := s.provider.RegisterWebhook("https://shop.test/hook")
		require.NoError(t, err)
		s.create(order, 1000)
		s.create("order-0002", 1000)
		pass(time.Minute)
		require.Equal(t, 1, most)
		require.Len(t, s.seen.of(observe.Received), 4)
	})(t)
}

func TestSpeedDividesTheScheduleOfWebhooks(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter, c.Speed = 0, 1000 })
		start := time.Now()
		attempts(t, s, func(int) int { return 500 })
		require.Less(t, time.Since(start), 2*7*24*time.Hour/1000)
	})(t)
}

func TestADeletedRegistrationIsToldNoMore(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		calls := 0
		s := open(t, func(c *Config) {
			c.Transport = receiver(func(*http.Request, string) int {
				calls++
				time.Sleep(time.Second)
				return 500
			})
		})
		id, _, err := s.provider.RegisterWebhook("https://shop.test/hook")
		require.NoError(t, err)
		s.create(order, 1000)
		pass(500 * time.Millisecond) // the first attempt is on its way
		require.Equal(t, 204, s.send("DELETE", "/webhooks/v1/webhooks/"+id, "", nil).Status)
		require.NoError(t, s.provider.Approve(order))
		pass(time.Hour)
		require.Equal(t, 1, calls)
	})(t)
}

func TestNextDueIsNowWhileAWebhookIsOnItsWay(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) {
			c.ApproveAfter = 0
			c.Transport = receiver(func(*http.Request, string) int { time.Sleep(5 * time.Second); return 200 })
		})
		_, _, err := s.provider.RegisterWebhook("https://shop.test/hook", "epayments.payment.created.v1")
		require.NoError(t, err)
		s.create(order, 1000)
		pass(2 * time.Second)
		due, any := s.provider.NextDue()
		require.True(t, any)
		require.False(t, due.After(time.Now()))
		pass(4 * time.Second)
		_, any = s.provider.NextDue()
		require.False(t, any)
	})(t)
}
