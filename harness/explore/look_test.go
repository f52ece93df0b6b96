package explore

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// The message at which a toxic was installed goes on as it was: what its caller got to
// read is compared, and only what a tap changed is not. A tap knows it by its number where
// a browser gave no name.
func TestWhatOnlyTriggeredAToxicIsNotHit(t *testing.T) {
	met := func(what observe.Fate, call string, n int) observe.Event {
		e := judgetest.Injected(0, what)
		e.Effect.Call, e.Effect.N, e.Effect.Hop = call, n, observe.CustomerHop
		return e
	}
	arrived := func(call string, n int) observe.Event {
		e := judgetest.Arrived(call)
		e.Message.N = n
		return e
	}
	r := judgetest.RunOf(
		judgetest.At(1, arrived("ana-1", 1), met(observe.Installed, "ana-1", 0)),
		judgetest.At(2, arrived("ana-2", 2), met(observe.Fired, "ana-2", 2)),
		judgetest.At(3, arrived("", 3)),
		judgetest.At(4, arrived("", 4), met(observe.Fired, "", 4)),
	)
	r.Judge(judge.StandardPromises())
	o := Look(Trial{Whole: true}, r)
	require.Equal(t, []string{"customer>checkout PUT /orders/b-ana-1 #2", "customer>checkout ana-2"}, o.injected())
	require.Len(t, o.Calls, 4)
}

// Of a run that nobody reads, an outcome leaves the process all the same.
func TestAnOutcomeTellsNoSecretOfARunThatNobodyReads(t *testing.T) {
	const secret = "the-shops-own-secret"
	says := judgetest.Screen(secret)
	r := judgetest.RunOf(judgetest.At(1, says))
	r.Judge(judge.StandardPromises())
	require.Contains(t, Look(Trial{}, r).Sign, secret)
	r.Redact = redact.New(secret).Text
	o := Look(Trial{}, r)
	require.Contains(t, o.Sign, redact.Mask)
	text, err := json.Marshal(o)
	require.NoError(t, err)
	require.NotContains(t, string(text), secret)
}
