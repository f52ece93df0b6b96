package webhooks

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// A handler that knows only in memory which events it has seen acts on all of them again
// after a restart: that is one failure, however many effects it has, and wherever it is killed.
func TestWhatARestartForgetsIsToldOnce(t *testing.T) {
	t.Parallel()
	report, out := found(t, shopWith(t, everything, "memory"))
	require.Len(t, report.Findings, 1, out)
	first := report.Findings[0]
	require.Equal(t, "paid: payment_intent.succeeded killed, payment_intent.succeeded", first.Sequence.String(), out)
	require.Greater(t, first.Explained, 5, out)
	require.ElementsMatch(t, []string{"refunded", "disputed"}, first.Also, out)
	require.Empty(t, report.Once, out)
	require.Contains(t, out, "further sequences, some of them with a wrong count of disputed, refunded")
}

// everything is a handler of all of Stripe's events.
const everything = `  command: [node, stripe.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", FLAW: "%s"}
provider: stripe
secret: whsec_corner_shop
count:
  paid: {get: "/orders/${reference}", json: /credits}
  refunded: {get: "/orders/${reference}", json: /refunds}
  refunded_amount: {get: "/orders/${reference}", json: /money}
  disputed: {get: "/orders/${reference}", json: /disputes}
settles: 1s
`

// A restart explains the failures of other effects and other kills, and nothing else.
func TestARestartExplainsOthers(t *testing.T) {
	for name, row := range map[string]struct {
		known, other string
		w            wrong
		explained    bool
	}{
		"another effect":         {"paid: PAID killed, PAID", "refunded: PAID, REFUND killed, REFUND", wrong{"refunded", true}, true},
		"a kill before answer":   {"paid: PAID killed, PAID", "disputed: PAID, DISPUTE killed-at:50", wrong{"disputed", true}, true},
		"between two writes":     {"paid: PAID killed-at:50", "disputed: PAID, DISPUTE killed-at:75", wrong{"disputed", true}, true},
		"after the answer":       {"paid: PAID killed-at:50", "paid: PAID killed, PAID", wrong{"paid", true}, false},
		"nobody is killed":       {"paid: PAID killed, PAID", "refunded: PAID, REFUND, REFUND", wrong{"refunded", true}, false},
		"a loss instead":         {"paid: PAID killed, PAID", "paid: PAID killed", wrong{"paid", false}, false},
		"a forgery after a kill": {"paid: PAID killed, PAID", "paid: PAID killed, PAID forged:unsigned", wrong{"paid", true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := &Finding{result: came(t, row.known, nil, nil), wrong: wrong{"paid", true}}
			require.Equal(t, row.explained, f.explains(came(t, row.other, nil, nil), row.w))
		})
	}
}

// A kill between two writes is tried again at moments around it.
func TestAMomentIsTriedAgainAroundIt(t *testing.T) {
	w := fakes.Webhooks()["stripe"]
	s, err := ParseSequence("paid: charge.succeeded, payment_intent.succeeded killed-at:90, checkout.session.completed", w)
	require.NoError(t, err)
	var texts []string
	for _, m := range s.moments() {
		texts = append(texts, m.String())
	}
	require.Equal(t, []string{
		"paid: payment_intent.succeeded killed-at:90", "paid: payment_intent.succeeded killed-at:80",
		"paid: payment_intent.succeeded killed-at:70", "paid: payment_intent.succeeded killed-at:60",
	}, texts)
	require.Equal(t, "paid: charge.succeeded, payment_intent.succeeded killed-at:80, checkout.session.completed", s.at(s.moments()[1]).String())
	s, err = ParseSequence("paid: payment_intent.succeeded killed-at:effect, checkout.session.completed killed", w)
	require.NoError(t, err)
	require.Empty(t, s.moments())
}

// An effect that was lost by chance is lost if it is not counted when all the time is over
// that it may take; one that came late is not.
func TestALossThatStandsIsAFailure(t *testing.T) {
	var effects atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, effects.Load())
	}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "shop.yaml")
	require.NoError(t, os.WriteFile(path, []byte("version: 1\nprovider: stripe\nurl: "+server.URL+`/webhooks
secret: corner-shop
count: {paid: {get: "/orders/${reference}"}}
settles: 50ms
`), 0o644))
	d, err := Load(path, fakes.Webhooks())
	require.NoError(t, err)
	s := &search{stage: newStage(d, &handler{}), report: &Report{}}
	defer s.counter.close()
	lost := wrong{"paid", false}
	r := came(t, "paid: PAID killed-at:50", counts{"paid": 0}, counts{"paid": 1})
	r.ended, r.facts = time.Now(), map[string]string{"reference": "r-1"}

	again, err := s.stands(context.Background(), r, lost)
	require.NoError(t, err)
	require.NotNil(t, again)
	require.Contains(t, lost.says(again), "an effect was lost")

	effects.Store(1)
	again, err = s.stands(context.Background(), r, lost)
	require.NoError(t, err)
	require.Nil(t, again, "it came late")

	effects.Store(0)
	r.Sent[0].Status, r.Sent[1].Status = 503, 503
	again, err = s.stands(context.Background(), r, lost)
	require.NoError(t, err)
	require.Nil(t, again, "the event was never taken")
	require.Equal(t, judge.Kept, s.report.Verdict())
}
