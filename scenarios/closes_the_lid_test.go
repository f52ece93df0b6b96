package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var closesLid = Tell(Story{
	ID:   "closes-the-lid",
	Plot: "Ana clicks submit and closes her laptop before she is told anything. Three minutes later she opens it: the page is still there, has slept, and tells her that she bought. She bought once.",
	Injections: Schedule{
		On(Submit).Nth(1).Answered().ClosesLid().Lasting(3 * time.Minute),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Complaint: Without("order-identity").Orders(2).Charges(2).Parcels(2).Screen(observe.StatusShipped).Breaking("charged-once"),
})
