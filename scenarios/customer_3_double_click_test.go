package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var doubleClick = Tell(Story{
	ID:     "customer-3-double-click",
	Plot:   "Ana double-clicks submit, and the provider is slow. The shop looks whether her order is there and not whether it is being paid: she is charged twice for one parcel.",
	Labels: []string{Case},
	Injections: Schedule{
		On(CreatePayment).Nth(1).Toxic(Downstream, Latency(3*time.Second)).Lasting(20 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.DoubleClicks()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-payment").Orders(1).Charges(2).Parcels(1).Screen(observe.StatusShipped).Breaking("charged-once"),
})
