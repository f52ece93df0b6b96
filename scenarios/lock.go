package scenarios

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
	"github.com/onsi/ginkgo/v2"
)

// takeLock keeps two stagings at somebody's own shop from writing one report over the
// other. A replay has a folder of its own, and waits for no staging of all stories. The
// system lets go of a lock when its process ends, however it ends. Its file stays: to remove
// it would take it away from a process that has just opened it.
func (t *runner) takeLock() error {
	if config, _ := ginkgo.GinkgoConfiguration(); t.targetShop == nil || config.DryRun {
		return nil
	}
	folder, name := t.runsFolder(), ".lock"
	if folder != t.folder { // which is made when there is something to report
		name += "-" + filepath.Base(folder)
	}
	path := filepath.Join(t.folder, name)
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
	taken, err := lock.TryLock()
	if err != nil {
		return t.cannotReport(err)
	}
	if !taken {
		return fmt.Errorf("the report's folder %s is in use: %s writes there; wait until it ends, or name another folder, such as %s",
			folder, writerOf(path), t.With("UNHAPPY_REPORT", folder+"-2"))
	}
	t.lock = lock
	_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644) // for that sentence; without it, it is a lock, too
	return nil
}

// writerOf is the process that has the lock, in words. On Windows, nobody else reads the file.
func writerOf(path string) string {
	text, err := os.ReadFile(path)
	if process := strings.TrimSpace(string(text)); err == nil && process != "" {
		return "process " + process
	}
	return "another process"
}

// unlocks lets another staging have the folder where this one cannot begin.
func (t *runner) unlocks(err error) error { return errors.Join(err, t.unlock()) }

func (t *runner) unlock() error {
	if t.lock == nil {
		return nil
	}
	return t.lock.Close()
}
