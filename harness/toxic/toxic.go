// Package toxic says which of Toxiproxy's toxics stages a transport fault, in
// both worlds alike.
package toxic

import (
	"fmt"
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
	"github.com/rs/zerolog/log"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// silence quietens zerolog's global logger: the bandwidth toxic writes to it,
// and not to the logger that its server was given.
var silence = sync.OnceFunc(func() { log.Logger = zerolog.Nop() })

// Of returns the toxic of a fault with its times divided like the clock, and
// its rate multiplied. Nothing about it is random: Toxiproxy draws jitter and
// variation from a source that no seed replays, so there are none.
func Of(f harness.Fault, clock harness.Clock) (toxics.Toxic, error) {
	silence()
	unit := time.Millisecond
	if f.Kind == fault.Slicer {
		unit = time.Microsecond
	}
	n, err := whole(unit, f.Duration, clock)
	if err != nil {
		return nil, err
	}
	switch f.Kind {
	case fault.Latency:
		return &toxics.LatencyToxic{Latency: n}, nil
	case fault.Bandwidth:
		return &toxics.BandwidthToxic{Rate: f.Rate * int64(clock.Story(1))}, nil
	case fault.Timeout:
		return &toxics.TimeoutToxic{Timeout: n}, nil
	case fault.ResetPeer:
		return &toxics.ResetToxic{Timeout: n}, nil
	case fault.SlowClose:
		return &toxics.SlowCloseToxic{Delay: n}, nil
	case fault.Slicer:
		return &toxics.SlicerToxic{AverageSize: int(f.Rate), Delay: int(n)}, nil
	case fault.LimitData:
		return &toxics.LimitDataToxic{Bytes: f.Rate}, nil
	}
	return nil, fmt.Errorf("%s is no toxic", f.Kind)
}

// whole is a time of the story in the whole units that a toxic knows.
func whole(unit, d time.Duration, clock harness.Clock) (int64, error) {
	real := clock.Real(d)
	if d > 0 && real < unit {
		return 0, fmt.Errorf("%s of the story are %s at a clock of ÷%s, and a toxic knows whole %s only: use a slower clock",
			d, real, clock, map[time.Duration]string{time.Millisecond: "milliseconds", time.Microsecond: "microseconds"}[unit])
	}
	return int64(real / unit), nil
}
