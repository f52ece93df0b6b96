package scenarios_test

import (
	"slices"
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
	Plot: "Ana approves, and the provider answers that it has received the shop's request for her money. Later it tells that the money cannot be had. Unless the shop asks once more and gets it, nothing is sent, nothing stays reserved, and her screen says that her order was cancelled.",
	Shop: Shop{Bank: observe.RejectingBank},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Promises:  []Promise{captureRejected},
	Complaint: Without("void-first", "reconciler").Orders(1).Charges(0).Parcels(0).Screen(observe.StatusCancelled).Breaking("nothing-left-reserved"),
})

// captureRejected is the proof that the capture was asked for and rejected: a shop that asks
// for no money keeps every other promise. Those judge what came of it. One that was paid got
// it by another capture, which is right, too.
var captureRejected = Promise{
	Name: "capture-rejected",
	Says: "The shop asked for her money, and the provider rejected that after it had received it.",
	Judge: func(r *Run) Ruling {
		asked := 0
		for _, e := range r.History {
			if m := e.Message; e.Kind == observe.Arrived && m != nil && r.Routes.Named(m.Hop, m.Method, m.Path) == Capture {
				asked++
			}
		}
		switch charges := r.FinalBook("b-ana").Charges; {
		case asked == 0:
			return RuleUnproven("nobody asked for a capture")
		case charges >= asked:
			return RuleUnproven("%d captures were asked for, and %d made: none was rejected", asked, charges)
		}
		return RuleKept()
	},
}

// purchaseOf is the story without its bank.
func purchaseOf(s Story) Story {
	s.Shop.Bank = ""
	return s
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
		require.Equal(t, Unproven, paidBy(t, by, story, "kept", nil).Ruling("capture-rejected").Verdict, name)
	}
	paid := paidBy(t, by, purchaseOf(captureRejectedLater), "kept", nil)
	again := slices.IndexFunc(paid.History, func(e Event) bool {
		return e.Kind == observe.Arrived && e.Message != nil && paid.Routes.Named(e.Message.Hop, e.Message.Method, e.Message.Path) == Capture
	})
	paid.History = append(paid.History, paid.History[again])
	require.Equal(t, Kept, captureRejected.Judge(paid).Verdict, "it asks once more and is paid")
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	elsewhere := studio.Enact(t.Context(), captureRejectedLater, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
	require.Contains(t, elsewhere.Failure, "plays no bank that is rejecting")
}
