// Package toxic says which of Toxiproxy's toxics stages a transport fault, in
// both worlds alike.
package toxic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
	"github.com/rs/zerolog/log"

	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/units"
)

// silence quietens zerolog's global logger: the bandwidth toxic writes to it,
// and not to the logger that its server was given.
var silence = sync.OnceFunc(func() { log.Logger = zerolog.Nop() })

// Of returns the toxic of a fault with its times divided like the clock, and
// its rate multiplied. Nothing about it is random: Toxiproxy draws jitter and
// variation from a source that no seed replays, so there are none.
func Of(f fault.Fault, clock units.Clock) (toxics.Toxic, error) {
	silence()
	made := toxics.New(&toxics.ToxicWrapper{Type: string(f.Kind)})
	if made == nil || !f.IsTransport() {
		return nil, fmt.Errorf("%s is no toxic", f.Kind)
	}
	filled := map[string]int64{}
	for _, a := range f.Spec().Toxic {
		n, err := amount(f, a.Of, clock)
		if err != nil {
			return nil, err
		}
		filled[a.Name] = n
	}
	text, err := json.Marshal(filled)
	if err != nil {
		return nil, err
	}
	// Toxiproxy accepts an attribute that its toxic does not have, and stages nothing.
	attributes := json.NewDecoder(bytes.NewReader(text))
	attributes.DisallowUnknownFields()
	if err := attributes.Decode(made); err != nil {
		return nil, fmt.Errorf("the toxic %s: %w", f.Kind, err)
	}
	return made, nil
}

// amount is what an attribute of the fault's toxic is filled with.
func amount(f fault.Fault, q fault.Quantity, clock units.Clock) (int64, error) {
	switch q {
	case fault.Microseconds:
		return whole(time.Microsecond, f.Duration, clock)
	case fault.KBsOfClock:
		times := int64(clock.Story(1))
		if f.Rate > math.MaxInt64/100/max(1, times) { // Toxiproxy multiplies it by 100
			return 0, fmt.Errorf("%d KB/s at a clock of ÷%s are more than a toxic can count", f.Rate, clock)
		}
		return f.Rate * times, nil
	case fault.BytesOfFault:
		return f.Rate, nil
	}
	return whole(time.Millisecond, f.Duration, clock)
}

// whole is a time of the story in the whole units that a toxic knows.
func whole(unit, d time.Duration, clock units.Clock) (int64, error) {
	real := clock.Real(d)
	if d > 0 && real < unit {
		return 0, fmt.Errorf("%s of the story are %s at a clock of ÷%s, and a toxic knows whole %s only: use a slower clock",
			d, real, clock, map[time.Duration]string{time.Millisecond: "milliseconds", time.Microsecond: "microseconds"}[unit])
	}
	return int64(real / unit), nil
}
