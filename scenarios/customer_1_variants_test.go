package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// A confirmation can be lost in three ways, on a connection that was used
// before or on a new one. The page sees a different failure each time, and the
// customer must be as well off.
var _ = func() bool {
	for _, loss := range []struct {
		name      string
		injection Injection
		sees      observe.Class
	}{
		{"hang", On(Submit).Nth(1).Answered().Hangs().Lasting(60 * time.Second), observe.TimedOut},
		{"fin", On(Submit).Nth(1).Answered().Closes(), observe.Ended},
		// A reset dealt by the tap would reach the customer as a FIN: only the
		// proxy that she is connected to can reset her connection.
		{"rst", On(Submit).Nth(1).Toxic(Downstream, ResetPeer(0)).Lasting(40 * time.Second), observe.Reset},
	} {
		for _, connection := range []string{"warm", "cold"} {
			Tell(Story{
				ID:         "customer-1-lost-by-" + loss.name + "-" + connection,
				Plot:       "Ana clicks submit; the confirmation is lost on a " + connection + " connection (" + loss.name + ").",
				Labels:     []string{Case, Variant},
				Shop:       Shop{PageResends: Never, ClicksCold: connection == "cold"},
				Injections: Schedule{loss.injection},
				Script: func(s *Stage) {
					ana := s.Customer("ana")
					if connection == "cold" {
						ana.OnAColdConnection()
					}
					ana.Submits()
					ana.Waits(50 * time.Second) // long enough for her page's time-out
					ana.WaitsToBeTold(25 * time.Second)
				},
				Promises:  []Promise{CallerSaw(Submit, loss.sees).AtTheReferenceShop()},
				Complaint: Without("status-page").Orders(1).Charges(1).Parcels(1).SaysNothing().Breaking("told-in-time"),
			})
		}
	}
	return true
}()
