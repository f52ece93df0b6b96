//go:build unix && !solaris && !illumos && !aix

package record

import (
	"errors"
	"os"
	"syscall"
)

func lock(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// unlock removes the file while it is locked, so that nobody locks one that is gone.
func (l *Lock) unlock() error {
	return errors.Join(os.Remove(l.path), l.file.Close())
}
