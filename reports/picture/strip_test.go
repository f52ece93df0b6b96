package picture

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTicksAreRoundAndFew(t *testing.T) {
	for seconds, want := range map[int]int{1: 6, 5: 6, 60: 7, 71: 8, 300: 6, 86400: 7} {
		list := ticks(time.Duration(seconds) * time.Second)
		require.LessOrEqual(t, len(list), 8, "%d s", seconds)
		require.Len(t, list, want, "%d s", seconds)
		require.Regexp(t, "^0 (s|min|h)$", list[0].Text)
	}
}
