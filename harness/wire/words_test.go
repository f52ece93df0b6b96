package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/wire"
)

// A line is cut after it was masked: half a secret would not be known as one.
func TestALineThatIsCutShowsNoHalfOfASecret(t *testing.T) {
	recorder := harness.NewRecorder(harness.Wall, nil)
	recorder.Conceal("correct horse battery staple 42")
	words := wire.NewWords(recorder.Clean)
	words.Hear([]byte(strings.Repeat("x", 480) + " correct horse battery staple 42 and more of it"))
	require.NotContains(t, words.Last(), "horse")
	require.Contains(t, words.Last(), "xxx")
}
