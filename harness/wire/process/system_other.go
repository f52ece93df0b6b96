//go:build !unix

package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
)

func attributes(c *Credential) (*syscall.SysProcAttr, error) {
	if c != nil {
		return nil, unsupported("another user")
	}
	return nil, nil
}

// killGroup kills the leader: there are no groups here.
func killGroup(leader *os.Process) error {
	if err := leader.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// ask ends the program's input: there is no signal here that asks.
func ask(_ *os.Process, _ os.Signal, stdin io.Closer) error {
	_ = stdin.Close() // closed already is fine
	return nil
}

func pauseGroup(*os.Process) error  { return unsupported("pausing") }
func resumeGroup(*os.Process) error { return unsupported("resuming") }

func unsupported(what string) error {
	return fmt.Errorf("%s on %s: %w", what, runtime.GOOS, errors.ErrUnsupported)
}
