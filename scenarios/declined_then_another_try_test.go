package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var declinedThenAnotherTry = Tell(Story{
	ID:   "declined-then-another-try",
	Plot: "Ana says no on the provider's page, and is told that her payment was refused. She submits once more, says yes, and is told that she bought.",
	Shop: Shop{PaysAtProvider: true},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.DeclinesAtProvider()
		ana.ReturnsToShop()
		ana.WaitsToBeTold()
		ana.Waits(5 * time.Second)
		ana.Reloads()
		ana.Submits()
		ana.PaysAtProvider()
		ana.ReturnsToShop()
		ana.WaitsToBeTold()
	},
	Promises:  []Promise{declined},
	Complaint: Without("one-order-per-basket").Orders(2).Charges(1).Parcels(1).Screen(observe.StatusReady).Breaking("told-in-time"),
})
