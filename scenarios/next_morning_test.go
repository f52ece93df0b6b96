package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID:     "next-morning",
	Plot:   "Ana's confirmation is lost, and she closes the page without having been told. The next morning she looks again, and her screen knows.",
	Labels: []string{Long},
	Injections: Schedule{
		On(Submit).Nth(1).Toxic(Downstream, Latency(90*time.Second)).Lasting(60 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.Waits(10 * time.Second)
		ana.Leaves()
		ana.Waits(10 * time.Hour)
		ana.Opens()
		ana.WaitsToBeTold()
	},
	Complaint: Without("one-order-per-basket").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusReady).Breaking("screen-is-honest"),
})
