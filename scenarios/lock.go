package scenarios

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness/record"
)

// takeLock keeps two stagings at somebody's own shop from writing one report over the
// other. A replay has a folder of its own, and waits for no staging of all stories.
func (t *runner) takeLock() error {
	if config, _ := ginkgo.GinkgoConfiguration(); t.targetShop == nil || config.DryRun {
		return nil
	}
	folder, name := t.runsFolder(), ".lock"
	if folder != t.folder { // which is made when there is something to report
		name += "-" + filepath.Base(folder)
	}
	var err error
	t.lock, err = record.TakeLock(filepath.Join(t.folder, name))
	if in := (record.InUse{}); errors.As(err, &in) {
		return fmt.Errorf("the report's folder %s is in use: %w; wait until it ends, or name another folder, such as %s",
			folder, err, t.With("UNHAPPY_REPORT", folder+"-2"))
	}
	if err != nil {
		return t.cannotReport(err)
	}
	return nil
}

// unlocks lets another staging have the folder where this one cannot begin.
func (t *runner) unlocks(err error) error { return errors.Join(err, t.lock.Close()) }
