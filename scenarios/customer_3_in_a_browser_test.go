package scenarios_test

import (
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID:      "customer-3-double-click-in-a-browser",
	Plot:    "Ana double-clicks submit in a real Chromium: two mouse clicks, two orders sent, one of them paid.",
	Labels:  []string{Case, Variant, "browser"},
	Browser: true,
	Clock:   20,
	Strikes: Schedule{
		Toxic(ProviderHop, Downstream, Latency(3*time.Second)).AtMessage("POST", "/epayment/v1/payments", 1).Lasting(20 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.DoubleClicks()
		ana.WaitsToBeTold()
	},
	Promises:  append(Always(), Clicked(2)),
	Complaint: Without("one-payment").Orders(1).Charges(2).Parcels(1).Screen("shipped").Breaking("charged-once"),
})
