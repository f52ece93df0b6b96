// Package fakes lists the payment providers that a shop can be tested with.
package fakes

import (
	"github.com/unhappypath/unhappypath/fakes/adyen"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/fakes/stripe"
	"github.com/unhappypath/unhappypath/fakes/vipps"
)

// Providers are all of them. What a Provider that Lasts has issued is known to those
// of the same call only.
func Providers() provider.Catalog {
	return provider.Catalog{Kinds: map[string]provider.Kind{"vipps": vipps.Kind(), "stripe": stripe.Kind(), "adyen": adyen.Kind()}, Default: "vipps"}
}

// Webhooks are the providers of which a handler of webhooks can be tested alone, by name.
func Webhooks() map[string]provider.Webhooks {
	list := map[string]provider.Webhooks{}
	for name, kind := range Providers().Kinds {
		if kind.Webhooks != nil {
			list[name] = *kind.Webhooks
		}
	}
	return list
}
