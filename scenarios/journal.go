package scenarios

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// journal is what an exploration with a budget of its own writes down, so that another one
// can go on from there; nil: nothing is.
func (t *runner) journal() (*explore.Journal, error) {
	if t.Budget == (settings.Budget{}) {
		if t.Resume {
			return nil, errors.New("UNHAPPY_RESUME=1: nothing is resumed without a budget; name one, such as UNHAPPY_BUDGET=1h")
		}
		return nil, nil
	}
	of, err := t.explored()
	if err != nil {
		return nil, err
	}
	name := "exploration-journal.jsonl"
	if t.Shard.Of > 1 {
		name = fmt.Sprintf("exploration-journal-%d-of-%d.jsonl", t.Shard.I, t.Shard.Of)
	}
	path := filepath.Join(t.folder, name)
	if !t.Resume {
		j, err := explore.NewJournal(path, of, t.targetShop != nil)
		if err != nil {
			return nil, t.cannotReport(err)
		}
		return j, nil
	}
	j, err := explore.ResumeJournal(path, of, t.targetShop != nil)
	if err != nil {
		return nil, fmt.Errorf("UNHAPPY_RESUME=1: %w; valid: where an exploration with a budget, this build and this description left its journal", err)
	}
	return j, nil
}

// explored is the same for the same build of this suite with the same shop, as far as we
// know it: a shop of somebody's own may have changed behind its description.
func (t *runner) explored() (string, error) {
	sum := sha256.New()
	self, err := os.Executable()
	if err == nil {
		err = addFile(sum, self)
	}
	if err == nil && t.targetShop != nil {
		err = addFile(sum, t.Target)
	}
	return fmt.Sprintf("%s%x", t.Provider, sum.Sum(nil)), err
}

func addFile(sum io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(sum, file)
	return err
}
