package process

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// awaitPause returns when every thread of the program has stopped, or it has
// ended: a signal that was sent is not one that has arrived, and a program on
// another processor answers meanwhile.
func awaitPause(pid int) error {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED|unix.WEXITED|unix.WNOWAIT, nil)
		switch {
		case err == nil, errors.Is(err, unix.ECHILD):
			return nil
		case !errors.Is(err, unix.EINTR):
			return fmt.Errorf("waiting for it to stop: %w", err)
		}
	}
}
