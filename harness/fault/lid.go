package fault

import "time"

// CloseLid closes the lid of a customer's computer, until the injection heals. Her page does
// nothing meanwhile and its connections are cut; then it goes on with what it remembers.
const CloseLid Kind = "close_lid"

// For how long a lid that is tried is closed: beyond a page's patience, and beyond that of
// the provider and of most shops. The latter takes long where real time passes.
const (
	shortSleep = time.Minute
	longSleep  = 11 * time.Minute
)

var lids = []Spec{{
	Kind: CloseLid, Does: "the customer closes the lid of her computer: her page stands still without connections until she opens it, and goes on",
	Dealt: OnLid, Proof: told, Builder: "ClosesLid",
	Tries: on(AScreen, func(s Spot) []Try {
		if s.Phase == Arrives {
			return nil
		}
		return []Try{{Fault{Kind: CloseLid}, shortSleep, Later}, {Fault{Kind: CloseLid}, longSleep, Last}}
	}),
	Rows: all(AScreen, Fault{Kind: CloseLid}),
}}
