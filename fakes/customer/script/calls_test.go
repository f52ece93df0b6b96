package script

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhoeverLeavesCancelsHerCallsInTheirOrderAndAwaitsTheirEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls calls
		var ended []int
		for n := range 20 {
			ctx, over := calls.begin(time.Hour)
			go func() {
				defer over()
				<-ctx.Done()
				time.Sleep(time.Duration(20-n) * time.Millisecond) // the last would be the first to end
				ended = append(ended, n)
			}()
		}
		calls.cancel()
		require.Len(t, ended, 20)
		require.IsIncreasing(t, ended)
		late, over := calls.begin(time.Hour)
		require.Error(t, late.Err(), "nothing begins on a page that is left")
		over()
	})
}
