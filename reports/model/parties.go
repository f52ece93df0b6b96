package model

import (
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// The carrier's hop is named after what it does, its lane after what it is.
const (
	CheckoutLane = "checkout"
	ProviderLane = "provider"
	CarrierLane  = "carrier"
)

// FurtherCallees are those on hops that an ordinary shop does not have. The provider, on
// the hop on which customers pay, is none.
func FurtherCallees(r *judge.Run) (names []string) {
	for _, e := range r.History {
		if e.Message == nil || slices.Contains(observe.Hops(), e.Message.Hop) {
			continue
		}
		if name := e.Message.Hop.Callee(); name != "" && name != ProviderLane && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
