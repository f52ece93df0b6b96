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
			calls := Match(story.history)
			require.Len(t, calls.List, 1)
			require.Equal(t, story.want, calls.List[0].Legs(story.history))
		})
	}
}

func TestCallsWithoutNamesAreMatchedInOrder(t *testing.T) {
	history := []observe.Event{
		sighting("ana", observe.Sent, "", 0), sighting("ana", observe.Sent, "", 0),
		sighting("tap", observe.Arrived, "#1", 0), sighting("tap", observe.Arrived, "#2", 0),
	}
	calls := Match(history)
	require.Len(t, calls.List, 2)
	require.Equal(t, 2, calls.List[0].Legs(history)[0].To)
	require.Equal(t, 3, calls.List[1].Legs(history)[0].To)
}
