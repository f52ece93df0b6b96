package process_test

import (
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
