package terminal_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/terminal"
)

// On Linux, opening /dev/ptmx makes a terminal.
func TestATerminalIsOne(t *testing.T) {
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer pty.Close()
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	require.True(t, terminal.Is(pty))
	require.True(t, bool(terminal.For(pty)))
	t.Setenv("NO_COLOR", "1")
	require.False(t, bool(terminal.For(pty)))
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "dumb")
	require.False(t, bool(terminal.For(pty)))
}
