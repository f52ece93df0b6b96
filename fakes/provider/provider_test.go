package provider_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

var kind = provider.Kind{Account: []provider.Fact{
	{Name: "id", Preset: "preset-id"}, {Name: "key", Preset: "preset-key", Secret: true},
}}

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
