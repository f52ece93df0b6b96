package wire

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Eight shops of 100 ms start in turns of two; where one waits for something, the others
// go on after a second.
func TestShopsStartInTurns(t *testing.T) {
	for _, row := range []struct{ takes, all time.Duration }{
		{100 * time.Millisecond, 400 * time.Millisecond},
		{10 * time.Second, 3*longestTurn + 10*time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began, starts := time.Now(), NewStarts(2)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					done, err := starts.turn(t.Context())
					require.NoError(t, err)
					time.Sleep(row.takes)
					done()
				})
			}
			all.Wait()
			require.Equal(t, row.all, time.Since(began))
			require.Equal(t, row.takes, starts.Shortest())
		})
	}
}
