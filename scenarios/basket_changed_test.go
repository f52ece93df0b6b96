package scenarios_test

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// https://github.com/Sylius/PayPalPlugin/issues/339: the cart grows in the second
// tab, and what is paid is not what was shown.
var basketChanged = Tell(Story{
	ID:   "basket-changed-in-another-tab",
	Plot: "Ana looks at one parcel, takes two in another tab, and submits the page that still shows the price of one.",
	Shop: Shop{ChangesBasket: true},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Opens()
		ana.NewTab()
		ana.Opens()
		ana.ChangesBasket(2)
		ana.TurnsTo(1)
		ana.Submits()
		ana.Waits(20 * time.Second)
		ana.Reloads()
		ana.Submits()
		ana.WaitsToBeTold()
	},
	Complaint: Without("amount-check").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusShipped).Breaking("amount-as-shown"),
})
