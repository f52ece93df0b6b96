package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
)

// A line is cut after it was masked: half a secret would not be known as one.
func TestALineThatIsCutShowsNoHalfOfASecret(t *testing.T) {
	recorder := environment.NewRecorder(units.Wall, nil)
	recorder.AddSecrets("correct horse battery staple 42")
	words := wire.NewWords(recorder.Redact)
	words.Hear([]byte(strings.Repeat("x", 480) + " correct horse battery staple 42 and more of it"))
	require.NotContains(t, words.Last(), "horse")
	require.Contains(t, words.Last(), "xxx")
}

// A terminal shows what a program said, and does not obey it; no colour hides a secret.
func TestWordsAreShownAndNotObeyed(t *testing.T) {
	recorder := environment.NewRecorder(units.Wall, nil)
	recorder.AddSecrets("correct horse battery staple 42")
	words := wire.NewWords(recorder.Redact)
	words.Hear([]byte("\x1b[31mred\x1b[0m\x1b[2J\x1b]0;title\a\r: correct \x1b[1mhorse battery staple 42"))
	require.NotContains(t, words.Last(), "\x1b")
	require.NotContains(t, words.Last(), "\a")
	require.NotContains(t, words.Last(), "horse")
	require.Contains(t, words.Last(), "red")
}

// A program prints a private key line by line, and no line of it shows.
func TestAPrivateKeyIsNotHeard(t *testing.T) {
	words := wire.NewWords(environment.NewRecorder(units.Wall, nil).Redact)
	const mark = "-----"
	for _, line := range []string{"key:", mark + "BEGIN PRIVATE KEY" + mark, "\x1b[31mZm9vYmFy", "Zm9v", mark + "END PRIVATE KEY" + mark, "paid"} {
		words.Hear([]byte(line))
	}
	require.Equal(t, "it last said:\nkey:\n•••\n•••\n•••\n•••\npaid", words.Last())
}
