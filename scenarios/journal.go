package scenarios

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// resumes opens the journal that an exploration is to go on with.
func (t *runner) resumes() error {
	if t.Budget == (settings.Budget{}) {
		return fmt.Errorf("%s: nothing is resumed without a budget; name one, such as %s", t.With("UNHAPPY_RESUME", "1"), t.With("UNHAPPY_BUDGET", "1h"))
	}
	of, err := t.explored()
	if err == nil {
		t.journal, err = explore.ResumeJournal(t.journalPath(), of, t.targetShop != nil)
	}
	if err != nil {
		return fmt.Errorf("%s: %w; valid: where an exploration with a budget, of this build and this description, left its journal", t.With("UNHAPPY_RESUME", "1"), err)
	}
	return nil
}

// begins opens a journal in which an exploration is written down that has a budget of its
// own, unless it goes on with one.
func (t *runner) begins() error {
	if t.journal != nil || t.Budget == (settings.Budget{}) {
		return nil
	}
	of, err := t.explored()
	if err == nil {
		t.journal, err = explore.NewJournal(t.journalPath(), of, t.targetShop != nil)
	}
	if err != nil {
		return t.cannotReport(err)
	}
	return nil
}

func (t *runner) journalPath() string {
	name := "exploration-journal.jsonl"
	if t.Shard.Of > 1 {
		name = fmt.Sprintf("exploration-journal-%d-of-%d.jsonl", t.Shard.I, t.Shard.Of)
	}
	return filepath.Join(t.folder, name)
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
