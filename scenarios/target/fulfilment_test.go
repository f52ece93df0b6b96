package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// fulfils is a description with no carrier, a service for mail, and this fulfilment.
func fulfils(text string) string {
	const mail = "mail: {answers: [{post: /send, status: 202}, {post: /send, where: {json: {/kind: news}}}, {get: /status, operation: MailStatus}, {post: /no, status: 403}]}"
	return strings.Replace(callees(mail), "money:", "shipping: none\nfulfilment: "+text+"\nmoney:", 1)
}

// The call that sends the goods is the one that books a parcel elsewhere.
func TestACallStandsForAParcel(t *testing.T) {
	shop, err := parse([]byte(fulfils("{callee: mail, post: /send, key: {json: /id}}")))
	require.NoError(t, err)
	own, why := shop.Story(Story{ID: "x", Injections: Schedule{On(BookParcel).Nth(1).Answered().Closes()}})
	require.Empty(t, why)
	require.False(t, own.Shop.NoCarrier)
	require.True(t, own.Shop.Fulfilment)
	resolved, err := own.Injections.Resolve(shop.AllRoutes())
	require.NoError(t, err)
	require.Equal(t, Hop("checkout>mail"), resolved[0].Hop)
	_, why = shop.Story(Story{ID: "x", Injections: Schedule{On(CancelParcel).Closes()}})
	require.Equal(t, "it needs a carrier, and the shop tells none", why)
	_, why = shop.Story(Story{ID: "x", Injections: Schedule{Down(ShippingHop)}})
	require.Equal(t, "it needs a carrier, and the shop tells none", why)

	shop, err = parse([]byte(fulfils("{says: shipped}")))
	require.NoError(t, err)
	_, why = shop.Story(Story{ID: "x", Injections: Schedule{On(BookParcel).Closes()}})
	require.Equal(t, "it needs a carrier, and the shop tells none", why)
	sent, is := shop.Sent(observe.Entry{State: observe.StatusShipped, Reference: "order-1", Basket: "b-ana"})
	require.True(t, is)
	require.Equal(t, observe.Entry{Op: observe.ParcelBooked, Reference: "order-1", Owner: "b-ana"}, sent)
	_, is = shop.Sent(observe.Entry{State: observe.StatusChecking})
	require.False(t, is)
}

func TestAWrongFulfilmentIsToldWithItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"{callee: mail}": "shop.yaml:8:1: fulfilment: say which call of a callee sends the goods, such as {callee: mail, post: /send, key: {json: /id}}",
		"{callee: mail, post: /send, says: paid}":      "say which call of a callee sends the goods",
		"{callee: mail, post: /send, key: {json: id}}": "a pointer begins with /, such as /id",
		"{callee: mail, post: /send, key: {}}":         "fulfilment.key: ",
		"{callee: post, post: /send}":                  "shop.yaml:8:22: fulfilment.callee: there is no callee \"post\": describe it under callees",
		"{callee: mail, post: /gone}":                  "fulfilment: callees.mail.answers has no answer to POST /gone with a status below 400: add one",
		"{callee: mail, post: /no}":                    "has no answer to POST /no with a status below 400",
		"{says: checking}":                             "checking says of no goods that they were sent: say shipped or paid",
		"{says: paid}":                                 "no screen says paid",
	} {
		_, err := parse([]byte(fulfils(text)))
		require.ErrorContains(t, err, want, text)
	}
	_, err := parse([]byte(strings.Replace(fulfils("{says: shipped}"), "shipping: none\n", "", 1)))
	require.ErrorContains(t, err, "fulfilment: the carrier's ledger says what was sent: say shipping: none, or leave this out")
	named := strings.Replace(fulfils("{callee: mail, post: /send}"), "{post: /send, status: 202}", "{post: /send, operation: SendMail, status: 202}", 1)
	_, err = parse([]byte(named))
	require.ErrorContains(t, err, "callees.mail.answers.0.operation: this call sends the goods, as fulfilment says, so it is the operation BookParcel: leave operation out")
}

// Whose the goods are, the request says.
func TestARequestSaysWhoseItIs(t *testing.T) {
	shop, err := parse([]byte(strings.Replace(smallest, "money:", "payments: {reference: \"pay-${order}\"}\nmoney:", 1)))
	require.NoError(t, err)
	o := shop.Owners()
	learn := o.Learn(observe.Nobody)
	clicks := func(basket, order string) {
		learn(observe.Event{Act: &observe.Act{Does: observe.Clicks, Basket: basket, Order: order}})
	}
	owner := func(o *target.Owners, texts ...string) string {
		_, basket := o.Named(texts)
		return basket
	}
	clicks("b-ana", "77")
	require.Equal(t, "b-ana", owner(o, "nothing"), "nobody else buys")
	clicks("b-bo", "78")
	for _, text := range []string{"78", "pay-78", "b-bo", "b-bo-later"} {
		require.Equal(t, "b-bo", owner(o, "send", text), text)
	}
	require.Empty(t, owner(o, "nothing"))
}

func TestAnOrderIsSentInSoManyParcels(t *testing.T) {
	for text, want := range map[string]int{"": 0, "shipping: {parcels: 2}\n": 2} {
		shop, err := parse([]byte(smallest + text))
		require.NoError(t, err)
		own, why := shop.Story(Story{ID: "x"})
		require.Empty(t, why)
		require.Equal(t, want, own.Shop.Parcels)
	}
	for _, wrong := range []string{"0", "101", "two"} {
		_, err := parse([]byte(smallest + "shipping: {parcels: " + wrong + "}\n"))
		require.ErrorContains(t, err, "shipping: say none, or {}", wrong)
	}
}
