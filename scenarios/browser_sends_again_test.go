package scenarios_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// Chromium's network stack repeats a request by itself where a connection that
// was used before ends under it: neither the customer nor the page has a part
// in it, and only the wire shows it.
var _ = Tell(Story{
	ID:      "browser-sends-again-by-itself",
	Plot:    "Ana clicks submit once. The connection ends before the confirmation, and her browser sends the order again without asking anybody: the shop sees that it has the order, and lets it be paid once more.",
	Labels:  []string{"browser"},
	Browser: true,
	Shop:    Shop{PageResends: Never},
	Injections: Schedule{
		On(Submit).Nth(1).Answered().Closes(),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(2 * time.Minute)
	},
	Promises:  []Promise{Clicked(1), sentOnceAndSeenTwice.AtTheReferenceShop()},
	Complaint: Without("one-payment").Orders(1).Charges(2).Parcels(1).Screen(observe.StatusShipped).Breaking("charged-once"),
})

// sentOnceAndSeenTwice is the proof that it was the browser.
var sentOnceAndSeenTwice = Promise{
	Name: "sent-once-and-seen-twice",
	Says: "The page sent one order, and two came over the wire.",
	Judge: func(r *Run) Ruling {
		sent, arrived := 0, 0
		for _, e := range r.History {
			switch m := e.Message; {
			case m == nil || m.Method != http.MethodPut || !strings.HasPrefix(m.Path, "/orders/"):
			case e.Kind == observe.Sent:
				sent++
			case e.Kind == observe.Arrived:
				arrived++
			}
		}
		if sent != 1 || arrived != 2 {
			return Ruling{Verdict: Unproven, Because: "the browser did not send the order again by itself"}
		}
		return Ruling{Verdict: Kept}
	},
}
