package reports

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// sighting is one message as one end of a hop saw it.
func sighting(actor string, kind observe.Kind, call string, status int) harness.Event {
	return harness.Event{Actor: actor, Kind: kind, Message: &observe.Message{
		Hop: string(harness.CustomerHop), Call: call, Method: "PUT", Path: "/orders/1", Status: status, Error: observe.TimedOut,
	}}
}

func TestTheTwoEndsOfAMessageAreBroughtTogether(t *testing.T) {
	const tap = "customer>checkout"
	injected := harness.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{What: "fired", Call: "c", Hop: tap}}
	for name, story := range map[string]struct {
		history harness.History
		want    []leg
	}{
		"there and back": {
			harness.History{
				sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 200), sighting("ana", observe.Received, "c", 200),
			},
			[]leg{{from: 0, to: 1}, {from: 2, to: 3, answer: true}},
		},
		"a request that was lost": {
			harness.History{sighting("ana", observe.Sent, "c", 0), sighting("ana", observe.Failed, "c", 0)},
			[]leg{{from: 0, to: -1, lost: true}},
		},
		"a request that the tap saw and a injection took": {
			harness.History{sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0), injected},
			[]leg{{from: 0, to: 1, lost: true}},
		},
		"an answer that was lost": {
			harness.History{
				sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 200), sighting("ana", observe.Failed, "c", 0),
			},
			[]leg{{from: 0, to: 1}, {from: 2, to: -1, answer: true, lost: true}},
		},
		"a client that silently sends again": {
			harness.History{
				sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 200), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 200), sighting("ana", observe.Received, "c", 200),
			},
			[]leg{
				{from: 0, to: 1}, {from: 0, to: 3},
				{from: 4, to: 5, answer: true}, {from: 2, to: -1, answer: true, lost: true},
			},
		},
		"an answer that the network invented": {
			harness.History{
				sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 201), sighting("ana", observe.Received, "c", 503),
			},
			[]leg{{from: 0, to: 1}, {from: -1, to: 3, answer: true}, {from: 2, to: -1, answer: true, lost: true}},
		},
		"a caller that gives its calls no names": {
			harness.History{
				sighting("ana", observe.Sent, "", 0), sighting(tap, observe.Arrived, tap+"#1", 0),
				sighting(tap, observe.Answered, tap+"#1", 200), sighting("ana", observe.Received, "", 200),
			},
			[]leg{{from: 0, to: 1}, {from: 2, to: 3, answer: true}},
		},
		"a caller that nobody listens to": {
			harness.History{sighting(tap, observe.Arrived, tap+"#1", 0), sighting(tap, observe.Answered, tap+"#1", 200)},
			[]leg{{from: -1, to: 0}, {from: 1, to: -1, answer: true}},
		},
		"a callee that nobody listens to": {
			harness.History{sighting("ana", observe.Sent, "c", 0), sighting("ana", observe.Received, "c", 200)},
			[]leg{{from: 0, to: -1}, {from: -1, to: 1, answer: true}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			calls := matchCalls(&harness.Run{History: story.history})
			require.Len(t, calls.list, 1)
			require.Equal(t, story.want, calls.list[0].legs(story.history))
		})
	}
}

func TestCallsWithoutNamesAreMatchedInOrder(t *testing.T) {
	history := harness.History{
		sighting("ana", observe.Sent, "", 0), sighting("ana", observe.Sent, "", 0),
		sighting("tap", observe.Arrived, "#1", 0), sighting("tap", observe.Arrived, "#2", 0),
	}
	calls := matchCalls(&harness.Run{History: history})
	require.Len(t, calls.list, 2)
	require.Equal(t, 2, calls.list[0].legs(history)[0].to)
	require.Equal(t, 3, calls.list[1].legs(history)[0].to)
}

func TestAnchorsAreStableAndNeedNoEscape(t *testing.T) {
	a := anchors{}
	require.Equal(t, "story/wire-100/kept", a.of("story/wire-100/kept"))
	require.Equal(t, "story/wire-100/kept/2", a.of("story/wire-100/kept"))
	require.Equal(t, "story", a.alias("story"))
	require.Empty(t, a.alias("story"))
	require.Regexp(t, `^[-a-zA-Z0-9_./]+$`, plain(`"><script> ÷ …`))
	require.NotEqual(t, plain("a b"), plain("a+b"), "what was lost is told apart")
	require.NotEmpty(t, plain(""))
}

func TestTicksAreRoundAndFew(t *testing.T) {
	for seconds, want := range map[int]int{1: 6, 5: 6, 60: 7, 71: 8, 300: 6, 86400: 7} {
		list := ticks(time.Duration(seconds) * time.Second)
		require.LessOrEqual(t, len(list), 8, "%d s", seconds)
		require.Len(t, list, want, "%d s", seconds)
		require.Regexp(t, "^0 (s|min|h)$", list[0].Text)
	}
}

// A service that an ordinary shop does not call has a lane of its own, right of the
// others, in the report's picture and in the sequence.
func TestFurtherCalleesHaveLanes(t *testing.T) {
	m := &observe.Message{Hop: "checkout>vault", Call: "c-1", N: 1, Method: "PUT", Path: "/cards/1"}
	run := &harness.Run{Story: "x", History: harness.History{{Actor: "checkout>vault", Kind: observe.Sent, Message: m}}}
	l := newLanes(run)
	require.Equal(t, []string{"customer", "checkout", "provider", "carrier", "vault"}, l.names)
	require.Equal(t, l.of("vault")-l.half(), l.network("checkout>vault"), "left of the vault")
	require.Greater(t, l.of("vault"), l.of("carrier"))
	require.Len(t, (&artist{run: run, lanes: l}).networks(), 4)
	require.Contains(t, Sequence(run), "vault")
}
