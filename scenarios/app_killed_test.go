package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// https://github.com/ProgixDev/incacook-app/issues/36: what the app knew of the
// purchase under way ended with the app.
var _ = Tell(Story{
	ID:   "app-killed-and-opened-again",
	Plot: "Ana pays in an app. Nothing happens, so she kills it, opens it again and pays again. Each time is an order.",
	Shop: Shop{ApproveAfter: 30 * time.Second},
	Injections: Schedule{
		On(Submit).Nth(1).Toxic(Downstream, Latency(90*time.Second)).Lasting(15 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.Waits(10 * time.Second)
		ana.Leaves()
		ana.Waits(10 * time.Second)
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(2).Charges(2).Parcels(2).Screen(observe.StatusShipped).Breaking("charged-once"),
})
