package customer_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
)

// What a page waits for while the lid is closed comes when it is opened, in the order in
// which it was due; what was not due by then comes in its time.
func TestTimersOfAComputerThatSlept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lid customer.Lid
		began := time.Now()
		type came struct{ due, at time.Duration }
		timers := make(chan came, 5)
		for _, due := range []time.Duration{30 * time.Minute, 20 * time.Second, 2 * time.Hour, 10 * time.Second, time.Second} {
			go func() {
				require.NoError(t, lid.Wait(t.Context(), due))
				timers <- came{due, time.Since(began).Truncate(time.Microsecond)}
			}()
		}
		time.Sleep(2 * time.Second)
		lid.Close()
		time.Sleep(time.Hour - 2*time.Second)
		require.Len(t, timers, 1)
		lid.Open()
		for _, want := range []came{
			{time.Second, time.Second}, {10 * time.Second, time.Hour}, {20 * time.Second, time.Hour},
			{30 * time.Minute, time.Hour}, {2 * time.Hour, 2 * time.Hour},
		} {
			require.Equal(t, want, <-timers)
		}
	})
}

// What is under way when the lid is closed is cut, in the order in which it began, and what
// begins meanwhile has no network.
func TestALidCutsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lid customer.Lid
		cut := make(chan int, 3)
		for i := range 3 {
			ctx, done := lid.Within(t.Context())
			go func() {
				defer done()
				<-ctx.Done()
				require.ErrorIs(t, context.Cause(ctx), context.Canceled)
				cut <- i
			}()
		}
		over, done := lid.Within(t.Context())
		done()
		require.Error(t, over.Err())
		lid.Close()
		for i := range 3 {
			require.Equal(t, i, <-cut)
		}
		none, done := lid.Within(t.Context())
		defer done()
		require.Error(t, none.Err())
		lid.Open()
		again, done := lid.Within(t.Context())
		defer done()
		require.NoError(t, again.Err())
	})
}

func TestWhoIsGoneDoesNotWaitForALid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lid customer.Lid
		lid.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		slept, err := lid.Await(ctx)
		require.True(t, slept)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		lid.Open()
		slept, err = lid.Await(t.Context())
		require.False(t, slept)
		require.NoError(t, err)
		var none *customer.Lid // of a page on no computer
		require.NoError(t, none.Wait(t.Context(), time.Second))
	})
}
