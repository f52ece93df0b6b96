package target

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// checkPlaces looks whether what the file names is there.
func (t *Target) checkPlaces(file string) error {
	if t.Service.URL != "" {
		return nil
	}
	if _, err := t.workFolder(); err != nil {
		return fmt.Errorf("%s: service.folder: %w", file, err)
	}
	commands := map[string][]string{"service.command": t.Service.Command}
	if len(t.Reset.Command) > 0 {
		commands["reset.command"] = t.Reset.Command
	}
	for place, command := range commands {
		if _, err := t.program(command[0]); err != nil {
			return fmt.Errorf("%s: %s: %w", file, place, err)
		}
	}
	return nil
}

// workFolder is where the service runs.
func (t *Target) workFolder() (string, error) {
	folder, err := t.inside(t.Service.Folder)
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
