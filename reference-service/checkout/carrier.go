package checkout

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// carrier speaks the carrier's API. The carrier books a parcel for each new
// key and asks no questions, so that one parcel for an order is ours to ensure.
type carrier struct {
	url    string
	caller *caller
}

type shipment struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	State     string `json:"state"`
}

func (c *carrier) request(o order) string {
	return frozen(struct {
		Reference string `json:"reference"`
		Basket    string `json:"basket"`
	}{o.id, o.basket})
}

func (c *carrier) book(ctx context.Context, key, request string) (answer, error) {
	return c.caller.call(ctx, http.MethodPost, c.url+"/shipments", http.Header{"Idempotency-Key": {key}}, request)
}

// booked lists the parcels of an order that are on their way.
func (c *carrier) booked(ctx context.Context, order string) ([]shipment, error) {
	a, err := c.caller.call(ctx, http.MethodGet, c.url+"/shipments?reference="+url.QueryEscape(order), http.Header{}, "")
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, fmt.Errorf("list the parcels of %s: %v", order, a)
	}
	var list struct {
		Shipments *[]shipment `json:"shipments"`
	}
	if err := a.decode(&list); err != nil {
		return nil, err
	}
	if list.Shipments == nil {
		return nil, fmt.Errorf("list the parcels of %s: the answer has no shipments", order)
	}
	var live []shipment
	for _, parcel := range *list.Shipments {
		if parcel.Reference != order || parcel.ID == "" || parcel.State == "" {
			return nil, fmt.Errorf("list the parcels of %s: the answer makes no sense: %v", order, a)
		}
		if parcel.State != "cancelled" {
			live = append(live, parcel)
		}
	}
	return live, nil
}

// recall cancels a parcel. False means that it has left already.
func (c *carrier) recall(ctx context.Context, id string) (bool, error) {
	a, err := c.caller.call(ctx, http.MethodPost, c.url+"/shipments/"+url.PathEscape(id)+"/cancel", http.Header{}, "")
	switch {
	case err != nil:
		return false, err
	case a.status == http.StatusConflict:
		return false, nil
	case a.status != http.StatusOK:
		return false, fmt.Errorf("cancel the parcel %s: %v", id, a)
	}
	var parcel shipment
	if err := a.decode(&parcel); err != nil {
		return false, err
	}
	if parcel.ID != id || parcel.State != "cancelled" {
		return false, fmt.Errorf("cancel the parcel %s: the answer says otherwise: %v", id, a)
	}
	return true, nil
}
