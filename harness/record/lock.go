package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// Lock says that one process at a time writes to a folder. The system lets go of it when
// the process ends, however it ends: what a killed one leaves is a file, and no lock.
type Lock struct {
	file *os.File
	path string
}

// InUse is why a lock is not to be had.
type InUse struct{ Process int } // 0: unknown

func (e InUse) Error() string {
	if e.Process == 0 {
		return "another process writes there"
	}
	return fmt.Sprintf("process %d writes there", e.Process)
}

// errLocked is what a system says where another one has the lock.
var errLocked = errors.New("locked")

// TakeLock takes the lock that is a file of that name. It is InUse where another process
// has it; where the file system has no locks, nobody has.
func TakeLock(path string) (*Lock, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		if err := lock(file); errors.Is(err, errLocked) {
			defer file.Close()
			return nil, InUse{writtenIn(file)}
		}
		if !isStill(file, path) { // the one before removed it meanwhile
			_ = file.Close()
			continue
		}
		if err := sign(file); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		return &Lock{file, path}, nil
	}
}

// sign writes into the file of a lock whose it is.
func sign(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteString(strconv.Itoa(os.Getpid()) + "\n")
	return err
}

// writtenIn is the process that the file of a lock names; 0: none.
func writtenIn(file *os.File) int {
	text, _ := io.ReadAll(io.LimitReader(file, 20))
	process, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return process
}

func isStill(file *os.File, path string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(ours, there)
}

// Close gives the lock back.
func (l *Lock) Close() error {
	if l == nil {
		return nil
	}
	return l.unlock()
}
