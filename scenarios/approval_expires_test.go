package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID:     "approval-expires",
	Plot:   "Ana clicks submit and never looks into her payment app. After ten minutes the payment runs out, and her screen says so.",
	Labels: []string{Long},
	Shop:   Shop{ApproveAfter: Never},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(20 * time.Minute)
	},
	Complaint: Without("status-page").Orders(1).Charges(0).Parcels(0).Screen(observe.StatusChecking).Breaking("told-in-time"),
})
