package process_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// patience is for what must happen; it is only ever spent by a failing test.
const patience = 30 * time.Second

func start(t *testing.T, c process.Command) *process.Process {
	t.Helper()
	p, err := process.Start(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Kill()) })
	return p
}

// startReady starts a program and returns when it has printed its first line.
func startReady(t *testing.T, c process.Command) *process.Process {
	t.Helper()
	ready := make(chan struct{})
	var once sync.Once
	c.Stdout = func([]byte) { once.Do(func() { close(ready) }) }
	p := start(t, c)
	await(t, ready)
	return p
}

func await(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatal("waited in vain")
	}
}

// stand is where witnesses report.
type stand struct {
	net.Listener
	t *testing.T
}

func newStand(t *testing.T) stand {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return stand{l, t}
}

func (s stand) env() string { return "WITNESS_ADDR=" + s.Addr().String() }

// A testimony is the test's end of a witness's connection.
type testimony struct {
	net.Conn
	in  *bufio.Reader
	pid int
	t   *testing.T
}

func (s stand) hear() testimony {
	s.t.Helper()
	require.NoError(s.t, s.Listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience)))
	conn, err := s.Accept()
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(patience)))
	w := testimony{Conn: conn, in: bufio.NewReader(conn), t: s.t}
	line, err := w.in.ReadString('\n')
	require.NoError(s.t, err)
	w.pid, err = strconv.Atoi(strings.TrimSpace(line))
	require.NoError(s.t, err)
	return w
}

// alive has the witness answer.
func (w testimony) alive() {
	w.t.Helper()
	_, err := fmt.Fprintln(w, "alive?")
	require.NoError(w.t, err)
	line, err := w.in.ReadString('\n')
	require.NoError(w.t, err)
	require.Equal(w.t, "alive?\n", line)
}

// gone waits for the witness's death: only that ends its connection.
func (w testimony) gone() {
	w.t.Helper()
	_, err := w.in.ReadByte()
	require.Error(w.t, err)
	require.False(w.t, errors.Is(err, os.ErrDeadlineExceeded), "process %d still lives", w.pid)
}

func TestStopLetsAPoliteProgramFinish(t *testing.T) {
	p := startReady(t, as("polite"))
	require.Nil(t, p.State())
	require.NoError(t, p.ExitError())

	require.NoError(t, p.Stop(t.Context()))
	require.True(t, p.State().Success(), p.State())
	require.NoError(t, p.ExitError())
	require.NoError(t, p.Stop(t.Context()), "a second time")
	require.NoError(t, p.Kill(), "and a third")
}

func TestStopKillsAStubbornProgramAfterTheGrace(t *testing.T) {
	c := as("stubborn")
	c.Grace = 20 * time.Millisecond
	p := startReady(t, c)

	require.NoError(t, p.Stop(t.Context()))
	require.False(t, p.State().Success())
	var exit *exec.ExitError
	require.ErrorAs(t, p.ExitError(), &exit)
}

func TestStopCutsTheGraceWhenTheContextEnds(t *testing.T) {
	c := as("stubborn")
	c.Grace = time.Hour
	p := startReady(t, c)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, p.Stop(ctx))
	require.False(t, p.State().Success())
}

func TestKillAndStopFromManySidesAgree(t *testing.T) {
	p := startReady(t, as("polite"))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if i%2 == 0 {
				_ = p.Kill()
			} else {
				_ = p.Stop(t.Context())
			}
		})
	}
	all.Wait()
	await(t, p.Done())
}

func TestExitErrorTellsTheStatus(t *testing.T) {
	p := start(t, as("failing"))
	await(t, p.Done())
	require.Equal(t, 3, p.State().ExitCode())
	require.ErrorContains(t, p.ExitError(), "exit status 3")
}

func TestAProgramThatCannotStartIsAnError(t *testing.T) {
	_, err := process.Start(process.Command{Path: filepath.Join(t.TempDir(), "nothing")})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = process.Start(process.Command{})
	require.Error(t, err)
}

func TestTheEnvironmentIsExactlyAsGiven(t *testing.T) {
	t.Setenv("OF_THE_TEST", "must not pass")
	var got []string
	c := as("environ", "A=1", "B=two words")
	c.Stdout = func(line []byte) {
		if !strings.HasPrefix(string(line), "SYSTEMROOT=") { // Windows insists
			got = append(got, string(line))
		}
	}
	await(t, start(t, c).Done())
	require.Equal(t, []string{"A=1", "B=two words", roleVar + "=environ", noExitSleep}, got)
}

func TestAFloodOfOutputNeitherFillsMemoryNorBlocks(t *testing.T) {
	var whole, last int
	c := as("flood")
	c.Stdout = func(line []byte) {
		switch {
		case last > 0:
			t.Error("a line after the last one")
		case len(line) == floodLine-1:
			whole++
		default:
			last = len(line)
			if len(bytes.Trim(line, "y")) > 0 {
				t.Error("a garbled line")
			}
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	await(t, start(t, c).Done())
	runtime.ReadMemStats(&after)

	require.Equal(t, floodBytes/floodLine, whole)
	require.Equal(t, 64<<10, last, "an endless line is cut")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20), "bytes allocated in all")
}

func TestAProgramThatPrintsIsKilledAllTheSame(t *testing.T) {
	p := startReady(t, as("endless"))
	require.NoError(t, p.Kill())
}

func TestBothStreamsAreToldOneAtATime(t *testing.T) {
	var got int // unguarded: the race detector watches
	c := as("chatter")
	tell := func([]byte) { got++ }
	c.Stdout, c.Stderr = tell, tell
	await(t, start(t, c).Done())
	require.Equal(t, 2*chatterLines, got)
}

func TestTheProgramsInputEndsWithOurEndOfIt(t *testing.T) {
	s := newStand(t)
	p := start(t, as("witness", s.env(), "STOP_ON_EOF=true"))
	w := s.hear()
	w.alive()
	require.NoError(t, p.EndInput())
	w.gone()
	await(t, p.Done())
	require.True(t, p.State().Success(), p.State())
}

func TestNoProgramIsLeftWhenWeAreKilled(t *testing.T) {
	s := newStand(t)
	m := start(t, as("middle", s.env(), "STOP_ON_EOF=true"))
	w := s.hear()
	w.alive()
	require.NoError(t, m.Kill()) // reaches the middle's group only; the witness leads another
	w.gone()
}

func TestARestartStormLeavesNothing(t *testing.T) {
	s := newStand(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 25 {
				p, err := process.Start(as("witness", s.env()))
				if err != nil {
					t.Error(err)
					return
				}
				if err := p.Kill(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
