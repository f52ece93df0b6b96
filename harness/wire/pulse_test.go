package wire_test

import (
	"runtime"
	"slices"
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
	stop.Store(true)
	hogs.Wait()
	require.Zero(t, pulse.Worst(time.Now().Add(time.Hour)), "what came before the time that is asked for is left out")
}

func TestCoresAreTakenWhereMostWorkTakesThreeTimesAsLong(t *testing.T) {
	const best = 4 * time.Millisecond
	for name, row := range map[string]struct {
		took  []time.Duration // after one piece of work at best, and a slow one, before the time that is asked for
		taken bool
	}{
		"nothing is known":      {nil, false},
		"all at best":           {[]time.Duration{best, best, best}, false},
		"one is late":           {[]time.Duration{best, 10 * best, best}, false},
		"all are a little":      {[]time.Duration{best * 5 / 2, best * 5 / 2}, false},
		"most three times":      {[]time.Duration{3 * best, best, 4 * best}, true},
		"long ago, and no more": {slices.Repeat([]time.Duration{best}, 100), false},
	} {
		t.Run(name, func(t *testing.T) {
			since := time.Now()
			var pulse wire.Pulse
			pulse.Worked(since.Add(-time.Second), best)
			pulse.Worked(since.Add(-time.Second), 10*best)
			for _, took := range row.took {
				pulse.Worked(since.Add(time.Second), took)
			}
			require.Equal(t, row.taken, pulse.CoresAreTaken(since))
		})
	}
}
