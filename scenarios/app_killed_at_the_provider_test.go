package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var appKilledAtProvider = Tell(Story{
	ID:   "app-killed-at-the-provider",
	Plot: "Ana says yes on the provider's page, and her telephone kills the browser before it sends her back. She opens the shop again, and her page tells her that she bought.",
	Shop: Shop{PaysAtProvider: true},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.PaysAtProvider()
		ana.Leaves()
		ana.Waits(20 * time.Second)
		ana.Opens()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusReady).Breaking("screen-is-honest"),
})
