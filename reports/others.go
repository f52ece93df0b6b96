package reports

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/unhappypath/unhappypath/harness"
)

// writeForOthers puts what other tools read, beside junit.xml, into the folder.
func writeForOthers(dir string, runs []*harness.Run, about About) error {
	ctrf, err := CTRF(runs, about)
	if err != nil {
		return err
	}
	err = errors.Join(
		replace(filepath.Join(dir, "ctrf.json"), ctrf),
		replace(filepath.Join(dir, "summary.md"), Summary(runs, about)),
	)
	if err != nil {
		return fmt.Errorf("the report could not be written: %w", err)
	}
	return nil
}
