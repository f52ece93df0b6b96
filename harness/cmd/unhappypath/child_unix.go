//go:build unix

package main

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	endWithParent(a)
	return a
}

// pass passes a signal on. The suite does not know of a terminal that is gone, and what it
// does about the other two is the same.
func pass(child *os.Process, s os.Signal) {
	if s == syscall.SIGHUP {
		s = syscall.SIGTERM
	}
	_ = child.Signal(s) // it may be over
}
