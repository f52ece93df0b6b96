package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID:         "approves-after-the-give-up",
	Plot:       "Ana takes a minute longer to approve the payment than the shop waits for her. The shop takes the payment back before it gives up, so that her approval costs her nothing.",
	Shop:       Shop{GivesUpAfter: 3 * time.Minute},
	Injections: Schedule{OnPayment(1).ApprovesLate(4 * time.Minute)},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Complaint: Without("void-first", "reconciler").Orders(1).Charges(0).Parcels(0).Screen(observe.StatusRefused).Breaking("nothing-left-reserved"),
})
