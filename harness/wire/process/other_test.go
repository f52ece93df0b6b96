//go:build !unix

package process_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/wire/process"
)

func leaveGroup() *syscall.SysProcAttr { return nil }

func TestWhatThisSystemCannotDoIsAnError(t *testing.T) {
	c := as("polite")
	p := startReady(t, c)
	require.ErrorIs(t, p.Pause(), errors.ErrUnsupported)
	require.ErrorIs(t, p.Resume(), errors.ErrUnsupported)

	c.Credential = &process.Credential{}
	_, err := process.Start(c)
	require.ErrorIs(t, err, errors.ErrUnsupported)
}
