package process_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// Without a word about its input the witness would live on: here the kernel
// alone kills it.
func TestTheKernelKillsTheProgramWhenWeAreKilled(t *testing.T) {
	s := newStand(t)
	m := start(t, as("middle", s.env()))
	w := s.hear()
	w.alive()
	require.NotEqual(t, m.PID(), w.pid)
	require.NoError(t, m.Kill())
	w.gone()
}

// The kernel's "parent" is a thread. A goroutine that ends while locked takes
// its thread along; the program must not go with them.
func TestTheProgramOutlivesTheThreadThatAskedForIt(t *testing.T) {
	s := newStand(t)
	tid := make(chan int)
	var p *process.Process
	var err error
	go func() {
		runtime.LockOSThread() // for good
		p, err = process.Start(as("witness", s.env()))
		tid <- syscall.Gettid()
	}()
	task := fmt.Sprintf("/proc/self/task/%d", <-tid)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Kill()) })
	w := s.hear()

	if tid := os.Getpid(); task == fmt.Sprintf("/proc/self/task/%d", tid) {
		t.Skip("the runtime chose the main thread, which never ends")
	}
	require.Eventually(t, func() bool {
		_, err := os.Stat(task)
		return errors.Is(err, os.ErrNotExist)
	}, patience, time.Millisecond)
	w.alive()
}

// php-fpm leaves the group and writes its title over its environment: it is killed and
// paused with the program that started it all the same.
func TestKillAndPauseReachWhatLeftTheGroup(t *testing.T) {
	s := newStand(t)
	c := as("family", s.env(), "CHILD_LEAVES_GROUP=true", "CHILD_IS_UNMARKED=true")
	c.Everybody = true
	p := start(t, c)
	w := s.hear()
	require.NoError(t, p.Pause())
	require.Eventually(t, func() bool { return state(t, w.pid) == 'T' }, patience, time.Millisecond)
	require.NoError(t, p.Resume())
	w.alive()
	require.NoError(t, p.Kill())
	w.gone()
}

// state is what the kernel says that a program does.
func state(t *testing.T, pid int) byte {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	return text[bytes.LastIndexByte(text, ')')+2]
}
