package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// https://github.com/OriginProtocol/dshop/issues/573: nothing seems to come of
// the order, so she starts again.
var backButton = Tell(Story{
	ID:   "back-button",
	Plot: "Ana submits, loses patience, and presses the back button while her order is on its way. She comes back to the page and submits again, and each time is an order.",
	Shop: Shop{ApproveAfter: 30 * time.Second, GoesBack: true},
	Injections: Schedule{
		On(Submit).Nth(1).Toxic(Downstream, Latency(90*time.Second)).Lasting(15 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.Waits(10 * time.Second)
		ana.GoesBack()
		ana.Waits(10 * time.Second)
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(2).Charges(2).Parcels(2).Screen(observe.StatusShipped).Breaking("charged-once"),
})
