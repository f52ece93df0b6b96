package tap_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// Two requests of two callers reach the callee together, and no third one waits.
func TestTwoRequestsMeet(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(2).WaitsForAnother(time.Hour))
	came := make(chan outcome, 2)
	send := func(path string) {
		ctx, c := within(t, soon), newClient(t)
		go func() { came <- call(ctx, c, "PUT", h.url(path), "") }()
	}
	require.Equal(t, 200, call(within(t, soon), newClient(t), "PUT", h.url("/orders/b-ana-1"), "").status)
	send("/orders/b-ana-1")
	h.await(t, func(e Event) bool { return e.Message != nil && e.Message.N == 2 })
	require.Equal(t, 1, h.InFlight())
	require.Equal(t, 1, shop.commits(), "it waits")
	call(within(t, soon), newClient(t), "GET", h.url("/orders/b-bo-1"), "")
	require.Empty(t, h.evidence(), "another operation")
	send("/orders/b-bo-1")
	for range 2 {
		require.Equal(t, 200, (<-came).status)
	}
	require.Equal(t, 200, call(within(t, soon), newClient(t), "PUT", h.url("/orders/b-bo-1"), "").status)
	require.Equal(t, []string{
		"the request waited for another one, and both went on at once",
		"the request came while another one waited for it, and both went on at once",
	}, h.evidence())
	var hit []int
	for _, e := range h.History() {
		if e.Kind == observe.Injected {
			hit = append(hit, e.Effect.N)
		}
	}
	require.Equal(t, []int{2, 4}, hit, "both are told of by their numbers")
}

// A request for which no other one comes goes on alone, and the injection had no effect.
func TestARequestThatMeetsNobodyGoesOn(t *testing.T) {
	for name, row := range map[string]struct {
		atMost, lasts time.Duration
	}{"in its time": {aWhile, 0}, "when it heals": {time.Hour, aWhile}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := newLedger(t)
			h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").WaitsForAnother(row.atMost).Lasting(row.lasts))
			saw := call(within(t, soon), newClient(t), "PUT", h.url("/orders/b-ana-1"), "")
			require.Equal(t, 200, saw.status)
			require.GreaterOrEqual(t, saw.took, aWhile)
			require.Equal(t, 200, call(within(t, soon), newClient(t), "PUT", h.url("/orders/b-bo-1"), "").status, "who comes later waits for nobody")
			require.Empty(t, h.evidence())
			require.Equal(t, []string{"injection 1 had no effect on the request PUT /orders/b-ana-1: no other one came within " + row.atMost.String()}, h.notes())
		})
	}
}

// A copy that differs goes to the callee under the same keys. The first request and what
// is recorded of it stay as they are.
func TestACopyDiffers(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(1).DuplicatesChanged("/amount", "1", time.Millisecond))
	const first, second = `{"amount":49900,"basket":"b-ana"}`, `{"amount":1,"basket":"b-ana"}`
	c := newClient(t)
	require.Equal(t, 200, call(within(t, soon), c, "PUT", h.url("/orders/b-ana-1"), first, "Content-Type", "application/json", "Idempotency-Key", "k").status)
	h.await(t, func(e Event) bool { return e.Effect != nil && e.Effect.What == observe.Fired })
	require.Equal(t, []string{`the callee got the request again, 1ms after the first: the field "/amount" of the request became "1", and was answered 200`}, h.evidence())
	require.Equal(t, 2, shop.commits())
	require.ElementsMatch(t, []string{first, second}, shop.committed)
	recorded := map[bool]string{}
	for _, e := range h.History() {
		if e.Kind == observe.Arrived {
			recorded[e.Message.Copy] = e.Message.Body
			require.Equal(t, "k", e.Message.Header["Idempotency-Key"])
		}
	}
	require.Equal(t, map[bool]string{false: first, true: second}, recorded)
}

// A request without the field is not copied, and the run proves nothing.
func TestACopyThatCannotDifferIsNotSent(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(1).DuplicatesChanged("/amount", "1", time.Millisecond))
	require.Equal(t, 200, call(within(t, soon), newClient(t), "PUT", h.url("/orders/b-ana-1"), `{"basket":"b-ana"}`).status)
	require.NoError(t, h.Close())
	require.Equal(t, 1, shop.commits())
	require.Empty(t, h.evidence())
}
