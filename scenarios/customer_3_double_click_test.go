package scenarios_test

import (
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var doubleClick = Tell(Story{
	ID:     "customer-3-double-click",
	Plot:   "Ana double-clicks submit. The payment is slow to be confirmed, the second click finds an order and no payment, and she is charged twice for one parcel.",
	Labels: []string{Case},
	Strikes: Schedule{
		Toxic(ProviderHop, Downstream, Latency(3*time.Second)).AtMessage("POST", "/epayment/v1/payments", 1).Lasting(20 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.DoubleClicks()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-payment").Orders(1).Charges(2).Parcels(1).Screen("shipped").Breaking("charged-once"),
})
