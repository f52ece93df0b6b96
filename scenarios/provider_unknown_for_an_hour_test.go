package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID:     "provider-unknown-for-an-hour",
	Plot:   "Ana approves, and her bank does not say for an hour whether she paid. In the end she did.",
	Labels: []string{Long},
	Shop:   Shop{Bank: observe.SilentBank},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(2 * time.Hour)
	},
	Complaint: Without("lease").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusShipped).Breaking("no-storm").PaidBy("vipps"),
})
