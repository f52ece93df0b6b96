package reports_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/export"
)

// owned writes a ledger's line as the world of somebody else's shop does: its
// references say nothing, and the line names its owner.
func (r *reel) owned(op observe.EntryOp, reference, key, owner string, amount int64) {
	r.see(observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{
		Op: op, Reference: reference, Key: key, Owner: owner, Amount: amount, Currency: "NOK"}})
}

func TestCausesAreFoundInAShopOfOnesOwn(t *testing.T) {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	r.in(100).owned("created", "7f3", "k-1", "b-ana", price)
	r.in(100).owned("captured", "7f3", "k-1", "b-ana", price)
	r.in(100).owned("created", "9c1", "k-2", "b-ana", price)
	r.in(100).owned("captured", "9c1", "k-2", "b-ana", price-100)
	hints, _ := told(t, r.run("two-payments", "kept", nil))
	require.Contains(t, hints, "The provider captured 2 payments for b-ana, each under a key of its own (k-1, then k-2)")
	require.Contains(t, hints, "The page showed NOK 499.00 when ana clicked, and NOK 498.00 were captured.")

	r = newReel()
	r.opens()
	r.at(1).clicks()
	r.in(100).see(observe.Event{Actor: "customer>checkout", Kind: observe.Order, Entry: &observe.Entry{
		Op: "told", Reference: "o-7", State: "refused", Basket: "b-ana"}})
	r.in(100).owned("captured", "7f3", "k-1", "b-ana", price)
	hints, _ = told(t, r.run("late-capture", "kept", nil))
	require.Contains(t, hints, "7f3 was captured after it was over: order o-7 is refused.")
}

// A refusal is over when she clicks again.
func TestAPaymentOfTheNextClickIsNoLateOne(t *testing.T) {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	r.in(100).order("b-ana-1", "refused")
	r.at(5).clicks()
	r.in(100).money("captured", "b-ana-2", "k-2")
	hints, _ := told(t, r.run("decline-then-pay", "kept", nil))
	require.NotContains(t, hints, "after it was over")
}

func TestChargedSoFarIsEachCustomersOwn(t *testing.T) {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	r.see(observe.Event{Actor: "bea", Kind: observe.Action, Act: &observe.Act{
		Does: "clicks", Basket: "b-bea", Amount: price, Money: "NOK"}})
	r.in(100).owned("captured", "7f3", "k-1", "b-ana", price)
	r.in(100).owned("captured", "9c1", "k-2", "b-bea", price)
	text := string(export.Summary([]*judge.Run{r.run("two-customers", "kept", nil)}, about()))
	require.Equal(t, 2, len(regexp.MustCompile(`captured \| NOK 499\.00 \| NOK 499\.00 \|`).FindAllString(text, -1)), text)
}

// Where no carrier is told, “paid” is how an order ends.
func TestPaidIsAnEnd(t *testing.T) {
	ends := func(says observe.Status) *judge.Run {
		r := newReel()
		r.opens()
		r.at(1).clicks()
		r.in(10).screen("waiting", "")
		r.at(9).screen(says, "Thank you")
		r.at(200).see(observe.Event{Actor: "stage", Kind: observe.Note, Text: "at rest"})
		return r.run("ends-"+string(says), "kept", nil)
	}
	page := build(t, []*judge.Run{ends("paid")}, about())
	strip := part(t, page, `<svg class="strip"`, "</div>")
	says(t, strip, ">10 s</text>")
	saysNot(t, strip, ">3 min</text>")
	says(t, strip, "s-paid")
	says(t, page, ".s-paid .fill")
	says(t, build(t, []*judge.Run{ends("perhaps")}, about()), ">3 min</text>")

	// She who was told waited less than she who never was, and so stands below.
	index, _, _ := strings.Cut(build(t, []*judge.Run{ends("paid"), ends("perhaps")}, about()), "<article")
	require.Less(t, strings.Index(index, "ends-perhaps"), strings.Index(index, "ends-paid"))
}

// A page of somebody's own names its calls after the customer and her tab.
func TestACallIsDrawnAtItsCustomersLane(t *testing.T) {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	r.see(observe.Event{Actor: "bea", Kind: observe.Action, Act: &observe.Act{Does: "clicks", Basket: "b-bea", Amount: price, Money: "NOK"}})
	for _, call := range []string{"bea/1-1", "bea/1-2", "bea/1-3"} {
		r.in(5).message("customer>checkout", observe.Arrived, observe.CustomerHop, call, "GET", "/order", 0, "")
		r.in(5).message("customer>checkout", observe.Answered, observe.CustomerHop, call, "GET", "/order", 200, "{}")
	}
	picture := part(t, build(t, []*judge.Run{r.run("whose-call", "kept", nil)}, about()), `<path class="way many" d="`, `"`)
	says(t, picture, "M402 ") // five lanes from 200 to 1010, and hers is the second
}

// Of several processes, the one that was killed is blamed for its own calls alone.
func TestAKillIsBlamedForTheCallsOfItsProcess(t *testing.T) {
	for process, blamed := range map[string]bool{"worker": true, "web": false} {
		r := newReel()
		r.opens()
		r.at(1).clicks()
		r.in(5).see(observe.Event{Actor: "checkout>provider", Kind: observe.Sent, Message: &observe.Message{
			Hop: observe.ProviderHop, Call: "p-1", N: 1, Method: "POST", Path: "/payments", Process: "worker"}})
		r.in(1).see(observe.Event{Actor: "checkout", Kind: observe.Process, Life: &observe.Life{Process: process, What: observe.ProcessKilled}})
		hints, _ := told(t, r.run("killed", "kept", nil))
		require.Equal(t, blamed, strings.Contains(hints, "was killed between its call POST /payments"), hints)
	}
}

// What replicas have in memory is the first thing to look at.
func TestASubmitAtTwoReplicasIsACause(t *testing.T) {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	for n, process := range []string{"checkout-1", "checkout-2"} {
		r.in(5).see(observe.Event{Actor: "customer>checkout", Kind: observe.Arrived, Message: &observe.Message{
			Hop: observe.CustomerHop, N: n + 1, Method: "PUT", Path: "/orders/1", Process: process}})
	}
	hints, _ := told(t, r.run("two-replicas", "kept", nil))
	require.Contains(t, hints, "The same order was submitted 2 times (PUT /orders/1), after 1 click. They came to checkout-1 and checkout-2: what one of them has in memory, the others do not.")
}
