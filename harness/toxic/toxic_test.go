package toxic_test

import (
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/toxic"
	"github.com/unhappypath/unhappypath/harness/units"
)

func TestToxicsAreFilledByTheClock(t *testing.T) {
	for _, row := range []struct {
		fault Fault
		want  toxics.Toxic
	}{
		{Latency(time.Minute), &toxics.LatencyToxic{Latency: 600}},
		{Bandwidth(3), &toxics.BandwidthToxic{Rate: 300}},
		{Silence(0), &toxics.TimeoutToxic{}},
		{Silence(5 * time.Second), &toxics.TimeoutToxic{Timeout: 50}},
		{ResetPeer(3 * time.Second), &toxics.ResetToxic{Timeout: 30}},
		{SlowClose(time.Second), &toxics.SlowCloseToxic{Delay: 10}},
		{Slicer(20, time.Second), &toxics.SlicerToxic{AverageSize: 20, Delay: 10000}},
		{LimitData(10), &toxics.LimitDataToxic{Bytes: 10}},
	} {
		made, err := toxic.Of(row.fault, 100)
		require.NoError(t, err)
		require.Equal(t, row.want, made)
	}
}

// What Toxiproxy would take for something else is an error: a time that becomes zero, a
// rate that runs over, and what is no toxic.
func TestToxicsThatToxiproxyMistakes(t *testing.T) {
	for because, f := range map[string]Fault{
		"a toxic knows whole milliseconds only": Latency(10 * time.Millisecond),
		"a toxic knows whole microseconds only": Slicer(1, 10*time.Microsecond),
		"more than a toxic can count":           Bandwidth(1 << 55),
		"down is no toxic":                      {Kind: fault.Down},
		"hang is no toxic":                      {Kind: fault.Hang},
	} {
		_, err := toxic.Of(f, 100)
		require.ErrorContains(t, err, because)
	}
}

// Each fault of bytes but the one that stops the proxy has a toxic with attributes that
// Toxiproxy has.
func TestEveryProxyFaultHasAToxic(t *testing.T) {
	for _, s := range fault.Kinds() {
		if s.Dealt != fault.ByProxy || s.Kind == fault.Down {
			continue
		}
		require.NotEmpty(t, s.Toxic, s.Kind)
		for _, f := range s.Rows(fault.Spot{Of: fault.AHop}) {
			_, err := toxic.Of(f, units.Wall)
			require.NoError(t, err)
		}
	}
}
