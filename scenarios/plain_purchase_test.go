package scenarios_test

import (
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// The story in which nothing goes wrong: what an exploration adds to it is all
// that does.
var plainPurchase = Tell(Story{
	ID:   "plain-purchase",
	Plot: "Ana buys, and nothing goes wrong.",
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	},
})
