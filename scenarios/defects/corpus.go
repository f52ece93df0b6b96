package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"

	"github.com/unhappypath/unhappypath/harness"
)

// defect is one patch of the corpus.
type defect struct {
	Name   string   // of the file, without its ending
	Says   string   // what the code does wrong
	Source string   // where such a thing happened
	Breaks []string // the standard promises of which one breaks; none: it is harmless
	files  []*gitdiff.File
}

// harmless says whether the patch changes nothing that a customer could see.
func (d defect) harmless() bool { return len(d.Breaks) == 0 }

// readCorpus reads every patch of a folder, and the harmless ones below it.
func readCorpus(folder string) ([]defect, error) {
	var list []defect
	for _, pattern := range []string{"*.patch", "harmless/*.patch"} {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return nil, err
		}
		slices.Sort(paths)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			d, err := parseDefect(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			d.Name = strings.TrimSuffix(filepath.Base(path), ".patch")
			list = append(list, d)
		}
	}
	return list, nil
}

// parseDefect reads a patch with its header: “Defect:”, “Source:” and “Breaks:”,
// or “Harmless:”, each on a line of its own.
func parseDefect(text []byte) (defect, error) {
	files, preamble, err := gitdiff.Parse(bytes.NewReader(text))
	if err != nil {
		return defect{}, fmt.Errorf("no patch: %w", err)
	}
	d := defect{files: files}
	harmless := false
	for line := range strings.Lines(preamble) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch name {
		case "Defect":
			d.Says = value
		case "Harmless":
			d.Says, harmless = value, true
		case "Source":
			d.Source = value
		case "Breaks":
			for _, promise := range strings.Split(value, ",") {
				d.Breaks = append(d.Breaks, strings.TrimSpace(promise))
			}
		}
	}
	switch {
	case len(files) == 0:
		return d, fmt.Errorf("the patch changes no file")
	case d.Says == "":
		return d, fmt.Errorf("a patch begins with the line “Defect:” or “Harmless:” that says what it changes")
	case harmless == !d.harmless() || !harmless && d.Source == "":
		return d, fmt.Errorf("a defect has the lines “Source:” and “Breaks:”, and a harmless patch has neither")
	}
	for _, promise := range d.Breaks {
		if !isStandardPromise(promise) {
			return d, fmt.Errorf("%q is no standard promise", promise)
		}
	}
	return d, nil
}

func isStandardPromise(name string) bool {
	return slices.ContainsFunc(harness.Always(), func(p harness.Promise) bool { return p.Name == name })
}

// overlay writes the patched files into a folder, and beside them the file with
// which go build takes them for the ones under root. Nothing under root changes.
func (d defect) overlay(root, folder string) (path string, err error) {
	replace := map[string]string{}
	for i, f := range d.files {
		if f.IsNew || f.IsDelete || f.OldName != f.NewName {
			return "", fmt.Errorf("%s: a defect changes files; it neither adds nor removes nor renames any", f.NewName)
		}
		original := filepath.Join(root, filepath.FromSlash(f.OldName))
		text, err := os.ReadFile(original)
		if err != nil {
			return "", err
		}
		var patched bytes.Buffer
		if err := gitdiff.Apply(&patched, bytes.NewReader(text), f); err != nil {
			return "", fmt.Errorf("the patch does not fit %s any more: %w", f.OldName, err)
		}
		replace[original] = filepath.Join(folder, fmt.Sprintf("%d-%s", i, filepath.Base(original)))
		if err := os.WriteFile(replace[original], patched.Bytes(), 0o644); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, "overlay.json")
	return path, os.WriteFile(path, text, 0o644)
}
