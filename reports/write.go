package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/export"
	"github.com/unhappypath/unhappypath/reports/html"
	"github.com/unhappypath/unhappypath/reports/model"
)

// Write puts report.html, and what other tools read of it (junit.xml, ctrf.json,
// summary.md), into the folder, which it makes if need be, and returns the absolute path of report.html. Each file is there whole
// or not at all: a reader never meets half of one, and what was there before
// stays until the new one is complete.
func Write(dir string, runs []*judge.Run, about model.About) (string, error) {
	if err := redacted(runs); err != nil {
		return "", err
	}
	page, err := html.Build(runs, about)
	if err != nil {
		return "", err
	}
	junit, err := export.JUnit(runs, about)
	if err != nil {
		return "", err
	}
	ctrf, err := export.CTRF(runs, about)
	if err != nil {
		return "", err
	}
	return write(dir, "report.html", map[string][]byte{
		"report.html": page, "junit.xml": junit, "ctrf.json": ctrf, "summary.md": export.Summary(runs, about),
	})
}

// WriteFolder puts the report as a folder into dir, for servers that forbid
// style and scripts within pages, and returns the absolute path of its
// index.html. Other files that are there are left alone.
func WriteFolder(dir string, runs []*judge.Run, about model.About) (string, error) {
	if err := redacted(runs); err != nil {
		return "", err
	}
	files, err := html.BuildFolder(runs, about)
	if err != nil {
		return "", err
	}
	return write(dir, "index.html", files)
}

// redacted says of which run the history still has its secrets, or nil.
func redacted(runs []*judge.Run) error {
	for _, r := range runs {
		if r.Redact != nil {
			return fmt.Errorf("the history of the run %s has its secrets: nothing is reported of it", r.ID)
		}
	}
	return nil
}

// write puts the files into the folder, that of the given name last, and
// returns its absolute path. Then the pages of the folder learn of each other.
func write(dir, last string, files map[string][]byte) (string, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return "", fmt.Errorf("the folder of the report: %w", err)
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool { return name == last })
	for _, name := range append(names, last) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), replace(path, files[name])); err != nil {
			return "", fmt.Errorf("the report could not be written: %w", err)
		}
	}
	if err := introduce(dir); err != nil {
		return "", fmt.Errorf("the report could not be linked with the other pages of %s: %w", dir, err)
	}
	return filepath.Join(dir, last), nil
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
	// Temporary files are private; a report is for anyone who may read its folder.
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// introduce makes the pages of a folder lead to each other, whichever was
// written first.
func introduce(dir string) error {
	var present []html.Sibling
	for _, s := range html.Siblings() {
		_, err := os.Stat(filepath.Join(dir, s.Name))
		switch {
		case err == nil:
			present = append(present, s)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	for _, s := range present {
		path := filepath.Join(dir, s.Name)
		page, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		linked, err := html.WithLinks(page, s, present)
		if err != nil {
			return err
		}
		if !bytes.Equal(page, linked) {
			if err := replace(path, linked); err != nil {
				return err
			}
		}
	}
	return nil
}
