//go:build unix

package process_test

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func leaveGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func TestKillIsASIGKILL(t *testing.T) {
	p := startReady(t, as("polite"))
	require.NoError(t, p.Kill())
	status := p.State().Sys().(syscall.WaitStatus)
	require.True(t, status.Signaled())
	require.Equal(t, syscall.SIGKILL, status.Signal())
	require.EqualError(t, syscall.Kill(p.PID(), 0), syscall.ESRCH.Error(), "it is reaped, too")
}

func TestStopSendsTheSignalThatWasGiven(t *testing.T) {
	c := as("hangsUp")
	c.StopSignal = syscall.SIGHUP
	c.Grace = time.Hour
	p := startReady(t, c)
	require.NoError(t, p.Stop(t.Context()))
	require.Equal(t, 7, p.State().ExitCode())
}

func TestKillTakesTheGrandchildren(t *testing.T) {
	s := newStand(t)
	p := start(t, as("family", s.env()))
	w := s.hear()
	w.alive()
	require.NotEqual(t, p.PID(), w.pid)
	require.NoError(t, p.Kill())
	w.gone()
}

func TestAProgramThatEndsTakesItsGroupWithIt(t *testing.T) {
	s := newStand(t)
	p := start(t, as("family", s.env()))
	w := s.hear()
	w.alive()
	require.NoError(t, p.Stop(t.Context())) // SIGTERM to the parent; the witness ignores it anyway
	require.Equal(t, syscall.SIGTERM, p.State().Sys().(syscall.WaitStatus).Signal())
	w.gone()
}

// A descendant out of reach must not keep us waiting for its output.
func TestADescendantThatLeftTheGroupDoesNotHoldTheEnd(t *testing.T) {
	s := newStand(t)
	c := as("family", s.env(), "CHILD_LEAVES_GROUP=true")
	c.Stdout = func([]byte) {}
	p := start(t, c)
	w := s.hear()
	require.NoError(t, p.Kill())
	w.alive()
	require.NoError(t, syscall.Kill(w.pid, syscall.SIGKILL))
	w.gone()
}

func TestAPausedProgramIsSilentUntilItIsResumed(t *testing.T) {
	s := newStand(t)
	p := start(t, as("witness", s.env()))
	w := s.hear()
	w.alive()

	require.NoError(t, p.Pause())
	_, err := w.Write([]byte("alive?\n"))
	require.NoError(t, err)
	require.NoError(t, w.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = w.in.ReadByte()
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	require.NoError(t, p.Resume())
	require.NoError(t, w.SetReadDeadline(time.Now().Add(patience)))
	line, err := w.in.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "alive?\n", line)
}

func TestAPausedProgramCanBeStoppedAndKilled(t *testing.T) {
	polite := startReady(t, as("polite"))
	require.NoError(t, polite.Pause())
	require.NoError(t, polite.Stop(t.Context()))
	require.True(t, polite.State().Success(), polite.State())

	stubborn := startReady(t, as("stubborn"))
	require.NoError(t, stubborn.Pause())
	require.NoError(t, stubborn.Kill())
	require.NoError(t, stubborn.Pause(), "nothing to do any more")
}
