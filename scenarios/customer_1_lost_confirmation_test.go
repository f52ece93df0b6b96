package scenarios_test

import (
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var lostConfirmation = Tell(Story{
	ID:     "customer-1-lost-confirmation",
	Plot:   "Ana clicks submit and waits 30 seconds. Nothing happens: the confirmation was lost on its way to her. She is charged, and the goods ship.",
	Labels: []string{Case},
	Shop:   Shop{PageResends: Never},
	Injections: Schedule{
		On(Submit).Nth(1).Toxic(Downstream, Latency(90*time.Second)).Lasting(60 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(75 * time.Second)
	},
	Complaint: Without("status-page").Orders(1).Charges(1).Parcels(1).SaysNothing().Breaking("told-in-time"),
})
