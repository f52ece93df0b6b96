package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var chargedTwice = Tell(Story{
	ID:     "customer-2-charged-twice",
	Plot:   "Ana clicks submit and waits 45 seconds. Her page gets no answer and sends the order again, and the shop does not see that it is the same one: she is charged twice, and the screen says shipped.",
	Labels: []string{Case},
	Shop:   Shop{PageTimeOut: 45 * time.Second, PageResends: 1},
	Injections: Schedule{
		On(Submit).Nth(1).Toxic(Downstream, Latency(90*time.Second)).Lasting(50 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Complaint: Without("order-identity").Orders(2).Charges(2).Parcels(2).Screen(observe.StatusShipped).Breaking("charged-once"),
})
