package scenarios_test

import (
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// A shop that waits for her return never takes the money that it has reserved, or takes it
// and sends nothing: of all stories, this one catches the known defect 38.
var neverComesBack = Tell(Story{
	ID:   "pays-and-never-comes-back",
	Plot: "Ana says yes on the provider's page and closes the lid before it sends her back. Nobody looks after her order any more. It is paid and sent all the same.",
	Shop: Shop{PaysAtProvider: true},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.PaysAtProvider()
		ana.Leaves()
	},
	Promises: []Promise{boughtAway.AtTheReferenceShop()},
})

// boughtAway is the proof that she bought although she never came back.
var boughtAway = Promise{
	Name: "bought-while-away",
	Says: "She paid once and was sent one parcel, and never came back to the shop.",
	Judge: func(r *Run) Ruling {
		if book := r.FinalBook("b-ana"); book.Charges != 1 || book.Parcels != 1 || !book.Left {
			return RuleUnproven("charges: %d; parcels: %d; she left: %t", book.Charges, book.Parcels, book.Left)
		}
		return RuleKept()
	},
}
