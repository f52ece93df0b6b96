package scenarios_test

import (
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID:         "webhook-a-day-late",
	Plot:       "No webhook reaches the shop for a day. Ana is told all the same, and what comes the day after changes nothing.",
	Labels:     []string{Long},
	Shop:       Shop{AsksProvider: true},
	Injections: Schedule{OnHopOf(PaymentWebhook).Down().Lasting(24 * time.Hour)},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
		s.Waits(25 * time.Hour)
	},
})
