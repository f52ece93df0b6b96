package target

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// checkPlaces looks whether what the file names is there.
func (t *Target) checkPlaces(file string, root *yaml.Node) (found Problems) {
	tell := func(err error, place ...string) {
		if err != nil {
			n := nodeAt(root, place)
			found = append(found, Problem{File: file, Line: n.Line, Column: n.Column, Place: spell(place), Says: err.Error()})
		}
	}
	look := func(command []string, folder string, err error, place ...string) {
		if len(command) == 0 {
			return
		}
		_, wrong := t.program(command[0])
		tell(wrong, append(slices.Clone(place), "command", "0")...)
		if err == nil && wrong == nil {
			tell(script(folder, command), append(slices.Clone(place), "command", "1")...)
		}
	}
	folder, err := t.workFolder(t.Service.Folder)
	tell(err, "service", "folder")
	look(t.Service.Command, folder, err, "service")
	look(t.Reset.Command, folder, err, "reset")
	for _, p := range t.Processes {
		own, wrong := folder, err
		if p.Folder != "" {
			own, wrong = t.workFolder(p.Folder)
			tell(wrong, "processes", p.Name, "folder")
		}
		look(p.Command, own, wrong, "processes", p.Name)
	}
	return found
}

// interpreters run the file that is their first argument.
var interpreters = []string{"node", "nodejs", "python", "python3", "ruby", "php", "perl"}

// script says whether the file that a command gives an interpreter is there.
func script(folder string, command []string) error {
	if len(command) < 2 || !slices.Contains(interpreters, filepath.Base(command[0])) ||
		strings.HasPrefix(command[1], "-") || strings.Contains(command[1], "${") {
		return nil
	}
	path := command[1]
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	for _, end := range []string{"", ".js", ".mjs", ".cjs"} {
		if _, err := os.Stat(path + end); err == nil {
			return nil
		}
	}
	return fmt.Errorf("there is no file %q in the folder in which %s runs: name it from there, or say service: {folder: …}", command[1], command[0])
}

// workFolder is where a program runs.
func (t *Target) workFolder(path string) (string, error) {
	folder, err := t.inside(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(folder)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", folder)
	}
	return folder, err
}

// inside is a path of the description: an absolute one as it is, any other one
// below the file's folder, links followed.
func (t *Target) inside(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	if path != "" && !filepath.IsLocal(path) {
		return "", fmt.Errorf("%q leaves the folder that the file lies in: say a path below it, or an absolute one", path)
	}
	base, err := filepath.EvalSymlinks(t.folder)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(filepath.Join(base, path))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("there is no %q below the folder that the file lies in: no such file or directory", path)
	}
	if err != nil {
		return "", err
	}
	if real != base && !strings.HasPrefix(real, base+string(filepath.Separator)) {
		return "", fmt.Errorf("%q leads out of the folder that the file lies in, to %s: say a path below it, or an absolute one", path, real)
	}
	return real, nil
}

// program finds a command's program: a name alone is looked up in PATH, as a
// shell would, and a path is the description's.
func (t *Target) program(name string) (string, error) {
	if strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator) {
		path, err := t.inside(name)
		if err != nil {
			return "", err
		}
		if _, err := exec.LookPath(path); err != nil {
			return "", fmt.Errorf("%s cannot be run: %w", path, errors.Unwrap(err))
		}
		return path, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("there is no program %q in PATH: install it, or say where it is", name)
	}
	return filepath.Abs(path)
}
