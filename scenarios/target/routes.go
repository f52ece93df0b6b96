package target

import (
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

const (
	// LoadStep is a request of a page's load before the one that brings the page.
	LoadStep observe.Operation = "LoadStep"
	// BasketStep is a request that fills the basket, before the first page is loaded.
	BasketStep observe.Operation = "BasketStep"
	// LoginStep is a request with which a customer logs in.
	LoginStep observe.Operation = "LoginStep"
)

// Routes are how the shop spells what its customers and the provider send to it, and
// how the provider and the callees spell what the shop sends there. The carrier's are
// its own.
func (t *Target) Routes() (list observe.Routes) {
	list = t.page().routes()
	if t.Webhooks != "" {
		list = append(list, observe.Route{Operation: observe.PaymentWebhook, Hop: observe.WebhookHop, Method: http.MethodPost, Path: t.Webhooks})
	}
	return append(append(list, t.provider.Routes...), t.calleeRoutes()...)
}

// route is how the page spells an operation; zero: it has none.
func (t *Target) route(of observe.Operation) observe.Route {
	for _, r := range t.page().routes().Of(of) {
		return r
	}
	return observe.Route{}
}

// submits, looks and changes are the messages that a click sends, that ask how the
// order stands, and that change the basket.
func (t *Target) submits() observe.Route { return t.route(observe.Submit) }
func (t *Target) looks() observe.Route   { return t.route(observe.OrderStatus) }
func (t *Target) changes() observe.Route { return t.route(observe.ChangeBasket) }

// alike says whether one message may be meant by both.
func alike(a, b observe.Route) bool {
	return a.Method == b.Method && a.Where == b.Where && overlap(a.Path, b.Path)
}
