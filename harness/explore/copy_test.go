package explore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
)

// The second message is the one after the copy, to the explorer as to the injector, which
// counts no copies: else an injection on #2 would hit another message than was seen.
func TestACopyIsNoMessageOfItsKind(t *testing.T) {
	message := func(n int, isCopy bool) Event {
		return Event{Actor: string(CustomerHop), Kind: observe.Arrived, Message: &observe.Message{
			Hop: CustomerHop, Method: "PUT", Path: "/orders/1", N: n, Copy: isCopy,
		}}
	}
	require.Equal(t, []int{1, 2}, numbers(message(1, false), message(2, true), message(3, false)))
}

// On(Submit).Nth(2) is the second submit, whichever of the shop's routes it takes.
func TestRoutesOfOneOperationCountTogether(t *testing.T) {
	sent := func(n int, method, path string, op Operation) Event {
		return Event{Actor: string(CustomerHop), Kind: observe.Arrived, Message: &observe.Message{
			Hop: CustomerHop, Method: method, Path: path, N: n, Operation: op,
		}}
	}
	require.Equal(t, []int{1, 2, 1, 2}, numbers(
		sent(1, "PUT", "/orders/1", Submit), sent(2, "POST", "/checkout/b", Submit),
		sent(3, "GET", "/style.css", ""), sent(4, "GET", "/style.css", ""),
	))
}

// numbers are what the explorer counts the messages of a history by.
func numbers(events ...Event) (list []int) {
	for _, m := range explore.Look(explore.Trial{Whole: true}, &Run{History: events}).Messages {
		list = append(list, m.N)
	}
	return list
}
