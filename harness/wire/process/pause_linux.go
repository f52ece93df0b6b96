package process

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// stopsWithin is how long a program is given to stop: one that waits for a child
// of its own in the kernel never does, and answers nobody either.
const stopsWithin = time.Second

// awaitPause returns when every thread of the program has stopped, or it has
// ended: a signal that was sent is not one that has arrived, and a program on
// another processor answers meanwhile.
func awaitPause(pid int) error {
	for began := time.Now(); time.Since(began) < stopsWithin; time.Sleep(100 * time.Microsecond) {
		var changed unix.Siginfo
		err := unix.Waitid(unix.P_PID, pid, &changed, unix.WSTOPPED|unix.WEXITED|unix.WNOWAIT|unix.WNOHANG, nil)
		switch {
		case errors.Is(err, unix.ECHILD), err == nil && changed.Signo != 0:
			return nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return fmt.Errorf("waiting for it to stop: %w", err)
		}
	}
	return nil
}
