package terminal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/terminal"
)

func TestNothingElseIsATerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	require.NoError(t, err)
	defer null.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	defer file.Close()
	require.False(t, terminal.Is(null), "a device that is no terminal")
	require.False(t, terminal.Is(file))
	require.False(t, terminal.Is(&bytes.Buffer{}))
}

func TestPaint(t *testing.T) {
	require.Equal(t, "\x1b[32mwell\x1b[0m", terminal.Paint(true).Good("well"))
	require.Equal(t, "\x1b[31mill\x1b[0m", terminal.Paint(true).Bad("ill"))
	require.Equal(t, "well", terminal.Paint(false).Good("well"))
}
