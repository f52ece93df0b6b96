package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// errInterrupted is for a child that was not started, since an interrupt came before.
var errInterrupted = errors.New("interrupted before it was started")

// apart is how long after one signal a second one means something else. A terminal, timeout
// and CI runners may send one wish to end several times, to us and to our group.
const apart = time.Second

// runChild runs a program to its end, and passes on to it what asks us to end. It has a
// group of its own where there are groups, so that it hears everything once: Ginkgo takes a
// second signal for a wish to leave what is half done.
func runChild(ctx context.Context, child *exec.Cmd) error {
	// Linux tells the child that we died when the thread ends that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, ends()...)
	defer signal.Stop(heard)
	if ctx.Err() != nil {
		return errInterrupted
	}
	child.SysProcAttr = attributes()
	if err := child.Start(); err != nil {
		return err
	}
	over := make(chan struct{})
	defer close(over)
	go eachWish(heard, over, func(s os.Signal) { pass(child.Process, s) })
	return child.Wait()
}

// eachWish passes on the signals that mean something else than the one before, until all is
// over.
func eachWish(heard <-chan os.Signal, over <-chan struct{}, pass func(os.Signal)) {
	var last time.Time
	for {
		select {
		case s := <-heard:
			if time.Since(last) > apart {
				pass(s)
			}
			last = time.Now()
		case <-over:
			return
		}
	}
}

// ends are the signals that ask this program to end. One that was started by nohup does
// not hear that its terminal is gone.
func ends() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}
