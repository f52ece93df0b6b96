package explore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// The second message is the one after the copy, to the explorer as to the injector, which
// counts no copies: else an injection on #2 would hit another message than was seen.
func TestACopyIsNoMessageOfItsKind(t *testing.T) {
	message := func(n int, isCopy bool) Event {
		return Event{Actor: string(CustomerHop), Kind: observe.Arrived, Message: &observe.Message{
			Hop: CustomerHop, Method: "PUT", Path: "/orders/1", N: n, Copy: isCopy,
		}}
	}
	run := &Run{History: judge.History{message(1, false), message(2, true), message(3, false)}}
	var numbers []int
	for _, m := range explore.Look(explore.Trial{Whole: true}, run).Messages {
		numbers = append(numbers, m.N)
	}
	require.Equal(t, []int{1, 2}, numbers)
}
