package provider_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

var kind = provider.Kind{Account: []provider.Fact{
	{Name: "id", Preset: "preset-id"}, {Name: "key", Preset: "preset-key", Secret: true},
}}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	good := func() provider.Kind {
		return provider.Kind{
			Account: []provider.Fact{{Name: "key", Is: "a key", Preset: "long enough", Secret: true}},
			New:     func(provider.Config) (provider.Provider, error) { return nil, nil },
			Routes: observe.Routes{
				{Operation: observe.CreatePayment, Hop: observe.ProviderHop, Method: "POST", Path: "/p"},
				{Operation: observe.GetPayment, Hop: observe.ProviderHop, Method: "GET", Path: "/p/{id}"},
				{Operation: observe.Capture, Hop: observe.ProviderHop, Method: "POST", Path: "/p/{id}/take"},
			},
		}
	}
	require.NoError(t, good().Check())
	for name, row := range map[string]struct {
		change func(*provider.Kind)
		says   string
	}{
		"nothing makes it": {func(k *provider.Kind) { k.New = nil }, "New is missing"},
		"no preset":        {func(k *provider.Kind) { k.Account[0].Preset = "" }, `the fact "key" lacks`},
		"a fact twice":     {func(k *provider.Kind) { k.Account = append(k.Account, k.Account[0]) }, `the fact "key" is there twice`},
		"a short secret":   {func(k *provider.Kind) { k.Account[0].Preset = "short" }, `the preset of "key": a secret has 8 characters or more`},
		"no capture":       {func(k *provider.Kind) { k.Routes = k.Routes[:2] }, "no route for Capture"},
		"no way to end its tokens": {func(k *provider.Kind) {
			k.Routes = append(k.Routes, observe.Route{Operation: observe.Authenticate, Hop: observe.ProviderHop, Method: "POST", Path: "/token"})
		}, "ForgetTokens and a route for Authenticate belong together"},
		"a bank twice": {func(k *provider.Kind) { k.Banks = []observe.Bank{observe.RejectingBank, observe.RejectingBank} }, `the bank "rejecting" has no name, or is there twice`},
		"a bank with a price": {func(k *provider.Kind) {
			k.Banks, k.Prices = []observe.Bank{observe.SilentBank}, map[observe.Bank]int64{observe.SilentBank: 1}
		}, "a bank of Banks needs no price"},
		"a nameless bank":   {func(k *provider.Kind) { k.Banks = []observe.Bank{""} }, `the bank "" has no name`},
		"a relative path":   {func(k *provider.Kind) { k.Routes[0].Path = "p" }, "a path that begins with /"},
		"a route twice":     {func(k *provider.Kind) { k.Routes = append(k.Routes, k.Routes[0]) }, "is there twice"},
		"no hop of a route": {func(k *provider.Kind) { k.Routes[1].Hop = "" }, "a hop"},
		"a hop of nobody's": {func(k *provider.Kind) { k.Routes[1].Hop = "checkout>vault" }, `GetPayment is on the hop "checkout>vault"`},
		"the carrier's hop": {func(k *provider.Kind) { k.Hops = hops("checkout>shipping") }, "the hop checkout>shipping goes"},
		"from elsewhere":    {func(k *provider.Kind) { k.Hops = hops("moon>vault") }, "the hop moon>vault goes"},
		"no hop's name":     {func(k *provider.Kind) { k.Hops = hops("vault") }, `invalid hop "vault": want caller>callee`},
	} {
		t.Run(name, func(t *testing.T) {
			k := good()
			row.change(&k)
			require.ErrorContains(t, k.Check(), row.says)
		})
	}
}

func hops(name observe.Hop) map[observe.Hop]func(provider.Provider) http.Handler {
	return map[observe.Hop]func(provider.Provider) http.Handler{name: func(p provider.Provider) http.Handler { return p }}
}

func TestCatalogFindsByName(t *testing.T) {
	catalog := provider.Catalog{Kinds: map[string]provider.Kind{"a": kind, "b": {}}, Default: "a"}
	found, err := catalog.Find("")
	require.NoError(t, err)
	require.Equal(t, kind.Account, found.Account)
	_, err = catalog.Find("c")
	require.EqualError(t, err, `unknown provider "c": want a or b`)
	_, err = provider.Catalog{Kinds: catalog.Kinds}.Find("")
	require.EqualError(t, err, `unknown provider "": want a or b`, "there is no default")
}

func TestAccountsAreFilledAndSecretsKnown(t *testing.T) {
	facts := kind.Filled(map[string]string{"key": "described"})
	require.Equal(t, map[string]string{"id": "preset-id", "key": "described"}, facts)
	facts[provider.WebhookSecret] = "signs"
	require.Equal(t, []string{"described", "signs"}, kind.Secrets(facts))
}
