package scenarios_test

import (
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var contractDrift = Tell(Story{
	ID:     "customer-1-contract-drift",
	Plot:   "Ana clicks submit and waits 30 seconds. Nothing happens: the backend was updated and no longer sends the field that her page reads. She is charged, and the goods ship.",
	Labels: []string{Case},
	Shop:   Shop{PageSilence: 20 * time.Second}, // the answer comes, and must not be taken for silence
	Injections: Schedule{
		On(Submit, OrderStatus).Answered().Renames("status", "orderStatus"),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(60 * time.Second)
	},
	Complaint: Without("tolerant-reader").Orders(1).Charges(1).Parcels(1).SaysNothing().Breaking("told-in-time"),
})
