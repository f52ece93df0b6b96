package picture

import (
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/model"
)

// lanes are who takes part, from left to right: the customers, the checkout,
// the provider, the carrier, any other callee of the shop, and the hops between them.
type lanes struct {
	names     []string
	customers []string
	run       *judge.Run
}

func newLanes(r *judge.Run) lanes {
	l := lanes{run: r, customers: r.Index().Customers()}
	if len(l.customers) == 0 {
		l.customers = []string{"customer"}
	}
	l.names = append(slices.Clone(l.customers), model.CheckoutLane, model.ProviderLane, model.CarrierLane)
	l.names = append(l.names, model.FurtherCallees(r)...)
	return l
}

// Where the outer lanes run, in pixels of the picture: left of them stand times,
// right of them words need room.
const (
	pictureWidth        = 1120
	leftLane, rightLane = 200, 1010
)

func (l lanes) at(i int) int {
	return leftLane + i*(rightLane-leftLane)/(len(l.names)-1)
}

// of is the lane of somebody who takes part.
func (l lanes) of(name string) int {
	if name == "shipping" {
		name = model.CarrierLane
	}
	if name == "customer" && !slices.Contains(l.names, name) {
		name = l.customers[0]
	}
	if i := slices.Index(l.names, name); i >= 0 {
		return l.at(i)
	}
	return l.at(slices.Index(l.names, model.CheckoutLane))
}

// network is where the bytes of a hop are on their way: beside the tap.
func (l lanes) network(hop observe.Hop) int {
	checkout := l.of(model.CheckoutLane)
	if hop == observe.DatabaseHop {
		return checkout // its bytes never leave the checkout's lane
	}
	other := hop.Caller()
	switch other {
	case model.CheckoutLane:
		other = hop.Callee()
	case "customer":
		other = l.customers[len(l.customers)-1]
	}
	if name := l.of(other); name > checkout {
		return name - l.half()
	}
	return checkout - l.half()
}

func (l lanes) half() int { return (rightLane - leftLane) / (len(l.names) - 1) / 2 }

// end is the lane at which the message's event was seen. The tap before the checkout
// stands with it.
func (l lanes) end(e observe.Event, c *history.Call) int {
	atCaller := e.Kind == observe.Sent || e.Kind == observe.Received || e.Kind == observe.Failed
	if e.Kind == observe.Failed && e.Actor == string(c.Hop) && c.Hop.Callee() == model.CheckoutLane {
		atCaller = false
	}
	return l.side(c, atCaller)
}

func (l lanes) side(c *history.Call, atCaller bool) int {
	if atCaller {
		return l.of(l.run.Index().CallerOf(c))
	}
	return l.of(c.Hop.Callee())
}
