package record

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// beyond is where the lock is: what is locked on Windows, no other process can read.
const beyond = 1 << 30

func lock(file *os.File) error {
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{Offset: beyond})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errLocked
	}
	return err
}

// unlock removes the file when it is closed, for Windows keeps one that is open: so it does
// where another process has opened it.
func (l *Lock) unlock() error {
	err := l.file.Close()
	_ = os.Remove(l.path)
	return err
}
