package explore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
)

// A token can expire on the provider's hop alone, where it issues any, and a request can
// meet another one where that came, or may.
func TestWhatAMessageOffers(t *testing.T) {
	message := func(hop Hop, of Operation, n int) Event {
		return Event{Actor: string(hop), Kind: observe.Arrived, Message: &observe.Message{Hop: hop, Operation: of, Method: "POST", Path: "/" + string(of), N: n}}
	}
	run := &Run{
		Routes: observe.Routes{{Operation: Authenticate, Hop: ProviderHop, Method: "POST", Path: "/Authenticate"}},
		History: []Event{
			message(CustomerHop, Submit, 1), message(ProviderHop, Authenticate, 1), message(ProviderHop, CreatePayment, 2),
			message(ProviderHop, CreatePayment, 3), message(ProviderHop, GetPayment, 4), message(ProviderHop, GetPayment, 5), message(ShippingHop, BookParcel, 1),
		},
	}
	offers := func() (tokens, repeats []string) {
		for _, m := range explore.Look(explore.Trial{Whole: true}, run).Messages {
			if m.Token {
				tokens = append(tokens, string(m.Operation))
			}
			if m.Repeats {
				repeats = append(repeats, string(m.Operation))
			}
		}
		return tokens, repeats
	}
	tokens, repeats := offers()
	require.Equal(t, []string{"CreatePayment", "CreatePayment", "GetPayment", "GetPayment"}, tokens)
	require.Equal(t, []string{"Submit", "CreatePayment"}, repeats, "writes only, and none that is the last")
	run.Routes = nil
	tokens, _ = offers()
	require.Empty(t, tokens, "a provider without tokens")
}

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
