package shipping

import (
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// ListParcels asks for the parcels of one reference.
const ListParcels observe.Operation = "ListParcels"

// Routes are how the carrier spells its operations.
func Routes() observe.Routes {
	return observe.Routes{
		{Operation: observe.BookParcel, Hop: observe.ShippingHop, Method: "POST", Path: "/shipments"},
		{Operation: ListParcels, Hop: observe.ShippingHop, Method: "GET", Path: "/shipments"},
		{Operation: observe.CancelParcel, Hop: observe.ShippingHop, Method: "POST", Path: "/shipments/{id}/cancel"},
	}
}
