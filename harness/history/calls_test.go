package history

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// sighting is one message as one end of a hop saw it.
func sighting(actor string, kind observe.Kind, call string, status int) observe.Event {
	return observe.Event{Actor: actor, Kind: kind, Message: &observe.Message{
		Hop: "customer>checkout", Call: call, Method: "PUT", Path: "/orders/1", Status: status, Error: observe.TimedOut,
	}}
}

func TestTheTwoEndsOfAMessageAreBroughtTogether(t *testing.T) {
	const tap = "customer>checkout"
	injected := observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{What: "fired", Call: "c", Hop: tap}}
	for name, story := range map[string]struct {
		history []observe.Event
		want    []Leg
	}{
		"there and back": {
			[]observe.Event{
				sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 200), sighting("ana", observe.Received, "c", 200),
			},
			[]Leg{{From: 0, To: 1}, {From: 2, To: 3, Answer: true}},
		},
		"a request that was lost": {
			[]observe.Event{sighting("ana", observe.Sent, "c", 0), sighting("ana", observe.Failed, "c", 0)},
			[]Leg{{From: 0, To: -1, Lost: true}},
		},
		"a request that the tap saw and an injection took": {
			[]observe.Event{sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0), injected},
			[]Leg{{From: 0, To: 1, Lost: true}},
		},
		"an answer that was lost": {
			[]observe.Event{
				sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 200), sighting("ana", observe.Failed, "c", 0),
			},
			[]Leg{{From: 0, To: 1}, {From: 2, To: -1, Answer: true, Lost: true}},
		},
		"a client that silently sends again": {
			[]observe.Event{
				sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 200), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 200), sighting("ana", observe.Received, "c", 200),
			},
			[]Leg{
				{From: 0, To: 1}, {From: 0, To: 3},
				{From: 4, To: 5, Answer: true}, {From: 2, To: -1, Answer: true, Lost: true},
			},
		},
		"an answer that the network invented": {
			[]observe.Event{
				sighting("ana", observe.Sent, "c", 0), sighting(tap, observe.Arrived, "c", 0),
				sighting(tap, observe.Answered, "c", 201), sighting("ana", observe.Received, "c", 503),
			},
			[]Leg{{From: 0, To: 1}, {From: -1, To: 3, Answer: true}, {From: 2, To: -1, Answer: true, Lost: true}},
		},
		"a caller that gives its calls no names": {
			[]observe.Event{
				sighting("ana", observe.Sent, "", 0), sighting(tap, observe.Arrived, tap+"#1", 0),
				sighting(tap, observe.Answered, tap+"#1", 200), sighting("ana", observe.Received, "", 200),
			},
			[]Leg{{From: 0, To: 1}, {From: 2, To: 3, Answer: true}},
		},
		"a caller that nobody listens to": {
			[]observe.Event{sighting(tap, observe.Arrived, tap+"#1", 0), sighting(tap, observe.Answered, tap+"#1", 200)},
			[]Leg{{From: -1, To: 0}, {From: 1, To: -1, Answer: true}},
		},
		"a callee that nobody listens to": {
			[]observe.Event{sighting("ana", observe.Sent, "c", 0), sighting("ana", observe.Received, "c", 200)},
			[]Leg{{From: 0, To: -1}, {From: -1, To: 1, Answer: true}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := Read(story.history)
			require.Len(t, x.Calls(), 1)
			require.Equal(t, story.want, x.Legs(x.Calls()[0]))
		})
	}
}

func TestCallsWithoutNamesAreMatchedInOrder(t *testing.T) {
	history := []observe.Event{
		sighting("ana", observe.Sent, "", 0), sighting("ana", observe.Sent, "", 0),
		sighting("tap", observe.Arrived, "#1", 0), sighting("tap", observe.Arrived, "#2", 0),
	}
	x := Read(history)
	require.Len(t, x.Calls(), 2)
	require.Equal(t, 2, x.FarEnd(0))
	require.Equal(t, 3, x.FarEnd(1))
}

// numbered is a sighting of the tap's, which counts messages.
func numbered(n int, e observe.Event) observe.Event {
	e.Actor, e.Message.N = string(e.Message.Hop), n
	return e
}

// A tap numbers messages whether they have names or not, and who called hears of her own
// calls alone.
func TestCallsWithoutNamesAreToldApart(t *testing.T) {
	tap := func(n int, kind observe.Kind, status int) observe.Event {
		return numbered(n, sighting("", kind, "", status))
	}
	hers := func(who string, kind observe.Kind, status int) observe.Event { return sighting(who, kind, "", status) }
	for name, c := range map[string]struct {
		history []observe.Event
		want    [][]int // the sightings of each call
	}{
		"the first is never answered": {[]observe.Event{
			hers("ana", observe.Sent, 0), tap(1, observe.Arrived, 0), hers("ana", observe.Sent, 0), tap(2, observe.Arrived, 0),
			tap(2, observe.Answered, 200), hers("ana", observe.Received, 200), hers("ana", observe.Failed, 0),
		}, [][]int{{0, 1, 6}, {2, 3, 4, 5}}},
		"two customers": {[]observe.Event{
			hers("ana", observe.Sent, 0), hers("bo", observe.Sent, 0), hers("bo", observe.Received, 200), hers("ana", observe.Failed, 0),
		}, [][]int{{0, 3}, {1, 2}}},
		"the shop failed, and she heard of it": {[]observe.Event{
			hers("ana", observe.Sent, 0), tap(1, observe.Arrived, 0), tap(1, observe.Failed, 0), hers("ana", observe.Failed, 0),
		}, [][]int{{0, 1, 2, 3}}},
		"a copy that a fault sent": {[]observe.Event{
			tap(1, observe.Arrived, 0), tap(2, observe.Arrived, 0), copyOf(tap(3, observe.Arrived, 0)), tap(3, observe.Answered, 200),
		}, [][]int{{0}, {1, 2, 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got [][]int
			for _, c := range Read(c.history).Calls() {
				got = append(got, c.Sightings())
			}
			require.Equal(t, c.want, got)
		})
	}
}

func copyOf(e observe.Event) observe.Event {
	e.Message.Copy = true
	return e
}

// What installs a toxic is not hit by it; what a tap dealt a fault is, with a name or
// without.
func TestWhichCallsAnInjectionHit(t *testing.T) {
	const tap = "customer>checkout"
	effect := func(injection int, what observe.Fate, call string, n int) observe.Event {
		return observe.Event{Kind: observe.Injected, Effect: &observe.Effect{Injection: injection, What: what, Call: call, N: n, Hop: tap}}
	}
	x := Read([]observe.Event{
		effect(0, observe.Fired, "a", 0), // in the same instant, named before
		numbered(1, sighting(tap, observe.Arrived, "a", 0)),
		effect(1, observe.Installed, "a", 0),
		numbered(2, sighting(tap, observe.Arrived, "", 0)),
		effect(2, observe.Fired, "", 2), effect(3, observe.Fired, "", 0), effect(-1, observe.Fired, "z", 9),
	})
	require.Len(t, x.Calls(), 2)
	require.Equal(t, []int{0}, x.Calls()[0].Hits)
	require.Equal(t, []int{2}, x.Calls()[1].Hits)
	require.Equal(t, []int{5}, x.Fate(3).Fired)
	require.Equal(t, []Span{{2, -1, x.Calls()[0]}}, x.Fate(1).Spans)
	require.True(t, x.During(x.Fate(1).Spans[0], 1), "its trigger")
}

func TestAnIndexKnowsItsEvents(t *testing.T) {
	events := []observe.Event{sighting("ana", observe.Sent, "a", 0), sighting("ana", observe.Failed, "a", 0)}
	x := Read(events)
	require.True(t, x.IsOf(events))
	require.False(t, x.IsOf(events[:1]))
	require.False(t, x.IsOf(append(events, events...)))
	require.False(t, x.IsOf([]observe.Event{events[0], events[1]}))
	require.True(t, Read(nil).IsOf(nil))
}
