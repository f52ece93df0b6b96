package scenarios_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// Decline, then try again: the most usual way through a checkout in which
// something goes wrong. What she is told of the first try is true, and says
// nothing of the second one.
var refusedThenPays = Tell(Story{
	ID:   "refused-then-pays",
	Plot: "Ana's payment is declined, and the shop tells her that it was refused. She loads the page anew, submits once more, pays, and is told that she bought.",
	Shop: Shop{Declines: 1},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
		ana.Waits(5 * time.Second)
		ana.Reloads()
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Promises: []Promise{declined, boughtAtLast.AtTheReferenceShop()},
})

// declined is the proof that the first payment was.
var declined = Promise{
	Name: "payment-declined",
	Says: "The first payment was declined.",
	Judge: func(r *Run) Ruling {
		for _, e := range r.History {
			if e.Kind == observe.Money && (e.Entry.Op == observe.MoneyAborted || e.Entry.Op == observe.MoneyDeclined) {
				return Ruling{Verdict: Kept}
			}
		}
		return Ruling{Verdict: Unproven, Because: "no payment was declined: the shop asked for none, or did not wait for the customer's approval"}
	},
}

// boughtAtLast is the proof that the second try was one: a shop that sells nothing
// after a refusal keeps every other promise.
var boughtAtLast = Promise{
	Name: "bought-at-last",
	Says: "She was told that the payment was refused, and bought at the next try.",
	Judge: func(r *Run) Ruling {
		book, refused := r.FinalBook("b-ana"), false
		for _, e := range r.History {
			refused = refused || e.Kind == observe.Screen && e.View.Says == observe.StatusRefused
		}
		if !refused || book.Clicks != 2 || book.Charges != 1 || book.Parcels != 1 || book.Screen != observe.StatusShipped {
			return Ruling{Verdict: Unproven, Because: fmt.Sprintf("told refused: %t; clicks: %d; charges: %d; parcels: %d; the last screen: %s",
				refused, book.Clicks, book.Charges, book.Parcels, book.Screen)}
		}
		return Ruling{Verdict: Kept}
	},
}

// It is her second click that ends what she was told: take it out of the history,
// and she was charged after “refused”.
func TestRefusedThenPaysNeedsTheClick(t *testing.T) {
	run := inVirtualTime(t, refusedThenPays, "kept", nil)
	require.Equal(t, Kept, run.Verdict(), run.FailureText())
	clicks := 0
	run.History = slices.DeleteFunc(run.History, func(e Event) bool {
		if e.Kind == observe.Action && e.Act.Does == observe.Clicks {
			clicks++
		}
		return clicks == 2 && e.Kind == observe.Action
	})
	run.Judge(refusedThenPays.AllPromises())
	require.Equal(t, Broken, run.Ruling("screen-is-honest").Verdict)
	require.Equal(t, Unproven, run.Ruling("bought-at-last").Verdict)

	unharmed := refusedThenPays
	unharmed.Shop.Declines = 0
	bought := inVirtualTime(t, unharmed, "kept", nil)
	require.Equal(t, Unproven, bought.Ruling("bought-at-last").Verdict)
	require.Equal(t, Unproven, bought.Ruling("payment-declined").Verdict)
}
