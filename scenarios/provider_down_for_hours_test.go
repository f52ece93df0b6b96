package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID:         "provider-down-for-hours",
	Plot:       "Ana's payment was just approved when the provider goes down, for three hours. Her order waits, and ships when the provider is back.",
	Labels:     []string{Long},
	Injections: Schedule{OnHopOf(Capture).Down().When(observe.MoneyAuthorized, 1).Lasting(3 * time.Hour)},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(4 * time.Hour)
	},
	Complaint: Without("status-page").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusChecking).Breaking("told-in-time"),
})
