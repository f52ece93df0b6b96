package injection_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/injection"
)

var routes = observe.Routes{
	{Operation: observe.Submit, Hop: observe.CustomerHop, Method: "POST", Path: "/graphql", Where: observe.Where{JSON: "/op", Value: "Buy"}},
	{Operation: observe.OrderStatus, Hop: observe.CustomerHop, Method: "GET", Path: "/orders/{id}"},
	{Operation: observe.Submit, Hop: observe.CustomerHop, Method: "PUT", Path: "/orders/{id}"},
	{Operation: observe.Capture, Hop: observe.ProviderHop, Method: "POST", Path: "/payments/{reference}/capture"},
	{Operation: observe.PaymentWebhook, Hop: observe.WebhookHop, Method: "POST", Path: "/hooks"},
}

// An injection gets the one route by which the shop spells its operation, or the
// hop of several.
func TestAnInjectionIsResolved(t *testing.T) {
	for text, want := range map[string]Injection{
		"Capture #2 answered: close":                       {Hop: observe.ProviderHop, Trigger: Trigger{Method: "POST", Path: "/payments/{reference}/capture"}},
		"Submit arrives: close":                            {Hop: observe.CustomerHop},
		"Submit|OrderStatus arrives: close":                {Hop: observe.CustomerHop},
		"PaymentWebhook hop: down":                         {Hop: observe.WebhookHop},
		"customer>checkout PUT /as/written arrives: close": {Hop: observe.CustomerHop, Trigger: Trigger{Method: "PUT", Path: "/as/written"}},
	} {
		one, err := ParseInjection(text)
		require.NoError(t, err)
		resolved, err := Schedule{one}.Resolve(routes)
		require.NoError(t, err, text)
		require.Equal(t, want.Hop, resolved[0].Hop, text)
		require.Equal(t, want.Trigger.Method+want.Trigger.Path, resolved[0].Trigger.Method+resolved[0].Trigger.Path, text)
		require.Equal(t, text, resolved[0].String(), "its text stays")
	}
	_, err := Schedule{On(observe.BookParcel).Closes()}.Resolve(routes)
	require.ErrorIs(t, err, ErrNoRoute)
	require.ErrorContains(t, err, "no route for BookParcel: the shop has [Submit OrderStatus Capture PaymentWebhook]")
}

// What earlier versions wrote with paths is read as operations, and a path that no
// route spells stays as it is.
func TestPathsOfOldSchedulesAreNamed(t *testing.T) {
	for old, want := range map[string]string{
		"customer>checkout PUT /orders/{id} #1 answered: close":                           "Submit #1 answered: close",
		"customer>checkout POST /graphql[op=Buy] #1 arrives: hang":                        "Submit #1 arrives: hang",
		"customer>checkout * /orders/{id} answered: rename status as x":                   "OrderStatus|Submit answered: rename status as x",
		"checkout>provider POST /payments/{id}/capture #1 arrives: latency 2s downstream": "Capture #1 arrives: latency 2s downstream",
		"customer>checkout PUT /baskets/{id} #1 arrives: close":                           "customer>checkout PUT /baskets/{id} #1 arrives: close",
		"checkout>provider PUT /orders/{id} #1 arrives: close":                            "checkout>provider PUT /orders/{id} #1 arrives: close",
		"provider>checkout: down":                                                         "provider>checkout: down",
	} {
		one, err := ParseInjection(old)
		require.NoError(t, err)
		require.Equal(t, want, Schedule{one}.Named(routes)[0].String())
	}
}

// A shop without a message of the operation is not staged: nothing was put to the test.
