package injection_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	. "github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
)

// An epilogue takes effect with each submit that is answered while submits are sent again,
// and with nothing else.
func TestAnEpilogueTakesEffectWithSubmits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(units.Wall, On(observe.Submit).ResubmitsAfterRestarting("checkout"))
		answered := func(of observe.Operation, n int) {
			d.Meet(Point{Hop: observe.CustomerHop, Operation: of, Phase: fault.Answered, N: n})
		}
		d.Start()
		answered(observe.Submit, 1)
		d.Injector.Stop()
		require.Zero(t, d.Len(), "it waits for the end")
		require.NoError(t, d.Restart(0))
		require.Equal(t, []string{"kill checkout", "revive checkout"}, d.did)
		d.Again(0, func() {
			d.Meet(Point{Hop: observe.CustomerHop, Operation: observe.Submit, Phase: fault.Arrives, N: 2})
			answered(observe.Submit, 2)
			answered(observe.OrderStatus, 3)
		})
		answered(observe.Submit, 4)
		h := d.History()
		require.Len(t, h, 1)
		require.Equal(t, observe.Effect{
			Injection: 0, What: observe.Fired, Text: "the shop got the same submit again, when all was over", N: 2, Hop: "customer>checkout",
		}, *h[0].Effect)
	})
}

func TestWhatDoesNotRunIsNotRestarted(t *testing.T) {
	d := arm(units.Wall, On(observe.Submit).ResubmitsAfterRestarting("checkout"), On(observe.Submit).Resubmits())
	d.fails = ErrNotRunning
	require.ErrorIs(t, d.Restart(0), ErrNotRunning)
	require.Equal(t, []string{"kill checkout"}, d.did, "what was never started is not")
	require.NoError(t, d.Restart(1))
}
