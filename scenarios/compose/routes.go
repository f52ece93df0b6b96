package compose

import (
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/shipping"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// Routes are how the reference shop and its partners spell what their messages are
// for, where it is paid by its usual provider.
func Routes() observe.Routes { return RoutesPaidBy("") }

// RoutesPaidBy are they where it is paid by that one.
func RoutesPaidBy(provider string) observe.Routes {
	by := paidBy(provider)
	return slices.Concat(shopRoutes(by.name), by.kind.Routes, shipping.Routes())
}

// TargetRoutes are how somebody's own shop and its partners spell them.
func TargetRoutes(t *target.Target) observe.Routes {
	return t.AllRoutes()
}

func shopRoutes(provider string) observe.Routes {
	return observe.Routes{
		{Operation: observe.ReturnToShop, Hop: observe.CustomerHop, Method: "GET", Path: "/checkout/{basket}",
			Where: observe.Where{Query: checkout.Returned, Value: "yes"}},
		{Operation: observe.OpenPage, Hop: observe.CustomerHop, Method: "GET", Path: "/checkout/{basket}"},
		{Operation: observe.ChangeBasket, Hop: observe.CustomerHop, Method: "PUT", Path: "/baskets/{basket}"},
		{Operation: observe.Submit, Hop: observe.CustomerHop, Method: "PUT", Path: "/orders/{id}"},
		{Operation: observe.Submit, Hop: observe.CustomerHop, Method: "POST", Path: "/checkout/{basket}"}, // the page without its script
		{Operation: observe.OrderStatus, Hop: observe.CustomerHop, Method: "GET", Path: "/orders/{id}"},
		{Operation: observe.PaymentWebhook, Hop: observe.WebhookHop, Method: "POST", Path: checkout.WebhookPath(provider)},
	}
}
