package scenarios_test

import (
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// https://github.com/woocommerce/woocommerce-gateway-stripe/pull/905: the notice that the
// first card was declined is the shop's last word on an order that the second one paid.
var anotherCard = Tell(Story{
	ID:   "declined-then-another-card",
	Plot: "Ana's card is declined on the provider's page: there is too little money on it. She stays there, pays with another card, and is told that she bought.",
	Shop: Shop{PaysAtProvider: true, AnotherCard: true},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.PaysWithAnotherCard(provider.NoFunds)
		ana.ReturnsToShop()
		ana.WaitsToBeTold()
	},
	Promises: []Promise{declined, boughtInTheEnd.AtTheReferenceShop()},
})

// boughtInTheEnd is the proof that the other card paid: a shop that ends the order at the
// first one keeps every other promise.
var boughtInTheEnd = Promise{
	Name: "bought-with-the-other-card",
	Says: "She paid once, with the other card, and was told that she bought.",
	Judge: func(r *Run) Ruling {
		if book := r.FinalBook("b-ana"); book.Clicks != 1 || book.Charges != 1 || book.Parcels != 1 || book.Screen != observe.StatusShipped {
			return RuleUnproven("clicks: %d; charges: %d; parcels: %d; the last screen: %s", book.Clicks, book.Charges, book.Parcels, book.Screen)
		}
		return RuleKept()
	},
}
