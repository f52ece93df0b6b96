package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// https://github.com/Automattic/woocommerce-payments/issues/5678: the same
// basket in two tabs, an order and a payment for each.
var twoTabs = Tell(Story{
	ID:   "two-tabs",
	Plot: "Ana has her basket open in two tabs and submits both, and each of them is an order.",
	Injections: Schedule{
		On(CreatePayment).Nth(1).Toxic(Downstream, Latency(3*time.Second)).Lasting(10 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Opens()
		ana.NewTab()
		ana.Opens()
		ana.Submits()
		ana.TurnsTo(1)
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(2).Charges(2).Parcels(2).Screen(observe.StatusShipped).Breaking("charged-once"),
})
