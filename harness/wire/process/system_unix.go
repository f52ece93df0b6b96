//go:build unix

package process

import (
	"io"
	"os"
	"syscall"
)

func attributes(c *Credential) (*syscall.SysProcAttr, error) {
	a := &syscall.SysProcAttr{Setpgid: true}
	if c != nil {
		a.Credential = &syscall.Credential{Uid: c.UID, Gid: c.GID}
	}
	dieWithParent(a)
	return a, nil
}

func killGroup(leader *os.Process) error {
	if syscall.Kill(-leader.Pid, syscall.SIGKILL) == nil {
		return nil
	}
	// Darwin refuses to signal a group in which only a dead leader is left. Ask
	// for the leader itself, so that "already dead" and "not allowed" differ.
	if err := leader.Kill(); err != nil && err != os.ErrProcessDone {
		return err
	}
	return nil
}

func ask(leader *os.Process, signal os.Signal, _ io.Closer) error {
	if signal == nil {
		signal = syscall.SIGTERM
	}
	if err := leader.Signal(signal); err != nil && err != os.ErrProcessDone {
		return err
	}
	_ = resumeGroup(leader) // a paused program would hear nothing
	return nil
}

func resumeGroup(leader *os.Process) error { return syscall.Kill(-leader.Pid, syscall.SIGCONT) }

func pauseGroup(leader *os.Process) error {
	if err := syscall.Kill(-leader.Pid, syscall.SIGSTOP); err != nil {
		return err
	}
	return awaitPause(leader.Pid)
}
