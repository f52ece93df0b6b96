// Package corpus reads the known defects of real shops, each a patch for the
// reference checkout, and builds the suite with one of them in it. The
// checkout's own files stay as they are.
package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/suite"
)

// Defect is one patch of the corpus.
type Defect struct {
	Name   string   // of the file, without its ending
	Says   string   // what the code does wrong
	Source string   // where such a thing happened
	Breaks []string // the standard promises of which one breaks; none: it is harmless
	By     string   // the provider by whom the shop has to be paid; "": whichever
	files  []*gitdiff.File
}

// Harmless says whether the patch changes nothing that a customer could see.
func (d Defect) Harmless() bool { return len(d.Breaks) == 0 }

// Read reads every patch of a folder, and the harmless ones below it.
func Read(folder string) ([]Defect, error) {
	var list []Defect
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
			d, err := parse(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			d.Name = strings.TrimSuffix(filepath.Base(path), ".patch")
			list = append(list, d)
		}
	}
	return list, nil
}

// parse reads a patch with its header: “Defect:”, “Source:” and “Breaks:”,
// or “Harmless:”, each on a line of its own; “PaidBy:” where it shows by one provider only.
func parse(text []byte) (Defect, error) {
	files, preamble, err := gitdiff.Parse(bytes.NewReader(text))
	if err != nil {
		return Defect{}, fmt.Errorf("no patch: %w", err)
	}
	d := Defect{files: files}
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
		case "PaidBy":
			d.By = value
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
	case harmless == !d.Harmless() || !harmless && d.Source == "":
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
	return slices.ContainsFunc(judge.StandardPromises(), func(p judge.Promise) bool { return p.Name == name })
}

// overlay writes the patched files into a folder, and beside them the file with
// which go build takes them for the ones under root. Nothing under root changes.
func (d Defect) overlay(root, folder string) (path string, err error) {
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

// Build builds the suite with the patch in it and returns its program, which
// lies in the folder. root is the module's.
func (d Defect) Build(ctx context.Context, root, folder string) (program string, err error) {
	overlay, err := d.overlay(root, folder)
	if err != nil {
		return "", err
	}
	program = filepath.Join(folder, "suite.test")
	if err := suite.Build(ctx, root, program, "-overlay", overlay); err != nil {
		return "", fmt.Errorf("with the patch %s: %w", d.Name, err)
	}
	return program, nil
}
