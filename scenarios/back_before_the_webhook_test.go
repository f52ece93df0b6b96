package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var backBeforeWebhook = Tell(Story{
	ID:         "back-before-the-webhook",
	Plot:       "Ana says yes on the provider's page and is back at the shop before the provider has told it. Her page says that the shop is checking, and then that she bought.",
	Shop:       Shop{PaysAtProvider: true},
	Injections: Schedule{On(PaymentWebhook).Nth(2).Delays(8 * time.Second)},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.PaysAtProvider()
		ana.ReturnsToShop()
		ana.WaitsToBeTold()
	},
	Complaint: Without("status-page").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusChecking).Breaking("told-in-time"),
})
