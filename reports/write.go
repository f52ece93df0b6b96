package reports

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/unhappypath/unhappypath/harness"
)

// Write puts report.html and junit.xml into the folder, which it makes if need
// be, and returns the absolute path of report.html. Each file is there whole
// or not at all: a reader never meets half of one, and what was there before
// stays until the new one is complete.
func Write(dir string, runs []*harness.Run, about About) (string, error) {
	page, err := Build(runs, about)
	if err != nil {
		return "", err
	}
	junit, err := JUnit(runs, about)
	if err != nil {
		return "", err
	}
	dir, err = filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return "", fmt.Errorf("the folder of the report: %w", err)
	}
	if err := writeForOthers(dir, runs, about); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "report.html")
	if err := errors.Join(replace(filepath.Join(dir, "junit.xml"), junit), replace(path, page)); err != nil {
		return "", fmt.Errorf("the report could not be written: %w", err)
	}
	return path, nil
}

// replace writes the file beside its place and moves it there.
func replace(path string, text []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	_, err = file.Write(text)
	// Temporary files are private; a report is for whoever may read its folder.
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
