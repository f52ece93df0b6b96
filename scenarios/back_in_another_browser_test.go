package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var inAnotherBrowser = Tell(Story{
	ID:   "back-in-another-browser",
	Plot: "Ana says yes, and the provider's app opens the shop in another browser than the one in which she bought. The shop tells her how her order stands, and does not offer it once more.",
	Shop: Shop{PaysAtProvider: true},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.PaysAtProvider()
		ana.Waits(20 * time.Second)
		ana.ReturnsInAnotherBrowser()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusReady).Breaking("screen-is-honest"),
})
