package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var clickSilenceClick = Tell(Story{
	ID:     "customer-3-click-silence-click",
	Plot:   "Ana clicks submit, hears nothing for 20 seconds, and clicks again. The shop looks whether her order is there and not whether it is being paid: she is charged twice for one parcel.",
	Labels: []string{Case},
	Shop:   Shop{ApproveAfter: 30 * time.Second},
	Injections: Schedule{
		On(Submit).Nth(1).Toxic(Downstream, Latency(90*time.Second)).Lasting(25 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.Waits(20 * time.Second)
		ana.ClicksAgain()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-payment").Orders(1).Charges(2).Parcels(1).Screen(observe.StatusShipped).Breaking("charged-once"),
})
