package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var closesTheLidAtProvider = Tell(Story{
	ID:   "closes-the-lid-at-the-provider",
	Plot: "Ana says yes on the provider's page and closes her laptop before that sends her back. Three minutes later she opens it, loads the page again, and is sent back to the shop, which tells her that she bought.",
	Shop: Shop{PaysAtProvider: true},
	Injections: Schedule{
		On(ApproveAtProvider).Nth(1).Answered().ClosesLid().Lasting(3 * time.Minute),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.PaysAtProvider()
		ana.ReturnsToShop()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusReady).Breaking("screen-is-honest"),
})
