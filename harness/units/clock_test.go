package units_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness/units"
)

func TestAPaceTurnsStoryTimeIntoTheWorldsAndBack(t *testing.T) {
	require.Equal(t, 450*time.Millisecond, Clock(100).Real(45*time.Second))
	require.Equal(t, 45*time.Second, Clock(100).Story(450*time.Millisecond))
	require.Equal(t, time.Second, Clock(0).Real(time.Second), "the zero Clock is the wall clock")
	for text, clock := range map[string]Clock{"wall": Wall, "1": Wall, "100": 100, "1000": 1000} {
		read, err := ParseClock(text)
		require.NoError(t, err)
		require.Equal(t, clock, read)
		again, err := ParseClock(read.String())
		require.NoError(t, err)
		require.Equal(t, clock, again)
	}
	for _, text := range []string{"", "0", "-1", "1001", "fast", "1.5"} {
		_, err := ParseClock(text)
		require.ErrorContains(t, err, "invalid clock")
	}
}
