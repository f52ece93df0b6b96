package explore

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
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

// Two runs are compared from the moment of their last injection on. One that had no effect has
// no such moment: what screens showed at the first one's is of that one alone.
func TestScreensDoNotCountWhereAnInjectionHadNoEffect(t *testing.T) {
	tail := func(seconds float64, second ...observe.Event) string {
		fired := judgetest.Injected(0, observe.Fired)
		fired.Effect.Call, fired.Effect.Hop = "ana-1", observe.CustomerHop
		events := slices.Concat(
			judgetest.At(seconds, judgetest.Arrived("ana-1"), fired),
			judgetest.At(2, judgetest.Screen("checking")),
			judgetest.At(4, second...),
			judgetest.At(5, judgetest.Screen("shipped")))
		r := judgetest.RunOf(events)
		on := injection.On(observe.Submit)
		r.Schedule = injection.Schedule{on.Nth(1).Closes(), on.Nth(2).Closes()}
		return Look(Trial{}, r).Tail
	}
	second := judgetest.Injected(1, observe.Fired)
	second.Effect.Call, second.Effect.Hop = "ana-2", observe.CustomerHop
	met := []observe.Event{judgetest.Arrived("ana-2"), second}
	require.Equal(t, tail(1), tail(3), "the screen is before one of them")
	require.NotContains(t, tail(1), "shipped")
	require.Equal(t, tail(1, met...), tail(3, met...))
	require.Contains(t, tail(1, met...), "shipped")
	require.NotContains(t, tail(1, met...), "checking")
}
