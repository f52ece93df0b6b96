package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID:   "sent-back-twice",
	Plot: "Ana says yes on the provider's page and is sent back to the shop. Her browser opens the address of that return once more when she starts it the next time. She bought once, and is told so twice.",
	Shop: Shop{PaysAtProvider: true},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.PaysAtProvider()
		ana.ReturnsToShop()
		ana.WaitsToBeTold()
		ana.Waits(5 * time.Second)
		ana.ReturnsToShop()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusReady).Breaking("screen-is-honest"),
})
