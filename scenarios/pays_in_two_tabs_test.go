package scenarios_test

import (
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// A shop that makes a payment for each tab has two pages at the provider, and she can pay on
// both.
var _ = Tell(Story{
	ID:   "pays-in-two-tabs",
	Plot: "Ana has her basket open in two tabs, submits both, and says yes on the provider's page in both. She wanted to buy once.",
	Shop: Shop{PaysAtProvider: true},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Opens()
		ana.NewTab()
		ana.Opens()
		ana.Submits()
		ana.TurnsTo(1)
		ana.Submits()
		ana.PaysAtProvider()
		ana.TurnsTo(2)
		ana.PaysAtProvider()
		ana.ReturnsToShop()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(2).Charges(2).Parcels(2).Screen(observe.StatusReady).Breaking("charged-once"),
})
