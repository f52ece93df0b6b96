// Package fakes lists the payment providers that a shop can be tested with.
package fakes

import (
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/fakes/vipps"
)

// Providers are all of them. What a Provider that Lasts has issued is known to those
// of the same call only.
func Providers() provider.Catalog {
	return provider.Catalog{Kinds: map[string]provider.Kind{"vipps": vipps.Kind()}, Default: "vipps"}
}
