package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	. "github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// Only a provider that answers a capture before it is made can play this.
var captureRejectedLater = Tell(Story{
	ID:   "capture-rejected-later",
	Plot: "Ana approves, and the provider answers that it has received the shop's request for her money. Later it tells that the money cannot be had. Nothing is sent, nothing stays reserved, and her screen says that her order was cancelled.",
	Shop: Shop{Bank: observe.RejectingBank},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Promises:  []Promise{cancelledUnpaid},
	Complaint: Without("void-first", "reconciler").Orders(1).Charges(0).Parcels(0).Screen(observe.StatusCancelled).Breaking("nothing-left-reserved"),
})

// cancelledUnpaid is the proof that the capture was asked for, and came to nothing: a shop
// that asks for no money keeps every other promise.
var cancelledUnpaid = Promise{
	Name: "cancelled-unpaid",
	Says: "The shop asked for her money, did not get it, and told her that her order was cancelled.",
	Judge: func(r *Run) Ruling {
		asked := false
		for _, e := range r.History {
			asked = asked || e.Message != nil && e.ByTap() && e.Message.Operation == Capture
		}
		book := r.FinalBook("b-ana")
		if !asked || book.Charges != 0 || book.Screen != observe.StatusCancelled && book.Screen != observe.StatusRefused {
			return Ruling{Verdict: Unproven, Because: fmt.Sprintf("asked for a capture: %t; charges: %d; the last screen: %s", asked, book.Charges, book.Screen)}
		}
		return Ruling{Verdict: Kept}
	},
}

// A shop that was paid, or asked for nothing, proves nothing of a capture that is rejected;
// and by a provider that cannot reject one, the story is not staged.
func TestCaptureRejectedLaterNeedsTheRejection(t *testing.T) {
	const by = "adyen"
	run := paidBy(t, by, captureRejectedLater, "kept", nil)
	require.Equal(t, Kept, run.Verdict(), run.FailureText())
	for name, shop := range map[string]Shop{"it is paid": {}, "it asks for nothing": {Declines: 1}} {
		story := captureRejectedLater
		story.Shop = shop
		require.Equal(t, Unproven, paidBy(t, by, story, "kept", nil).Ruling("cancelled-unpaid").Verdict, name)
	}
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	elsewhere := studio.Enact(t.Context(), captureRejectedLater, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
	require.Contains(t, elsewhere.Failure, "has no price at which a bank is rejecting")
}
