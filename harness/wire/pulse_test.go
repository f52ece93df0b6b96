package wire_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/wire"
)

// Who has work to do waits where every core is busy several times over, and the
// pulse says so.
func TestThePulseFeelsBusyCores(t *testing.T) {
	pulse := wire.NewPulse()
	defer pulse.Close()
	before := time.Now()
	var stop atomic.Bool
	var hogs sync.WaitGroup
	for range 8 * runtime.NumCPU() {
		hogs.Go(func() {
			for !stop.Load() {
			}
		})
	}
	require.Eventually(t, func() bool { return pulse.Worst(before) > 10*time.Millisecond }, 20*time.Second, 50*time.Millisecond)
	require.Eventually(t, func() bool { return pulse.CoresAreTaken(before) }, 20*time.Second, 50*time.Millisecond)
	stop.Store(true)
	hogs.Wait()
	require.Zero(t, pulse.Worst(time.Now()))
	require.False(t, pulse.CoresAreTaken(time.Now()), "nothing is known since then")
}
