package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Beside PATH, where packages put the binaries: Debian and Ubuntu leave them out
// of PATH, and so do Red Hat's and Homebrew's versioned packages.
var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/local/pgsql/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/bin",
	"/opt/homebrew/bin",
}

// Find names the folder that holds PostgreSQL's postgres and initdb: the one in
// PATH, or else the highest version among the usual places. Its error says how
// to install them.
func Find() (bindir string, err error) {
	if runtime.GOOS == "windows" {
		return "", fmt.Errorf("PostgreSQL on windows: %w: use SQLite there", errors.ErrUnsupported)
	}
	return find(usualPlaces)
}

func find(places []string) (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if dir, ok := complete(filepath.Dir(path)); ok {
			return dir, nil
		}
	}
	for _, place := range places {
		dirs, err := filepath.Glob(place)
		if err != nil {
			return "", fmt.Errorf("find PostgreSQL in %s: %w", place, err)
		}
		if star := strings.Index(place, "*"); star >= 0 {
			slices.SortFunc(dirs, func(a, b string) int { return version(b[star:]) - version(a[star:]) })
		}
		for _, dir := range dirs {
			if dir, ok := complete(dir); ok {
				return dir, nil
			}
		}
	}
	return "", fmt.Errorf("find PostgreSQL: postgres and initdb are neither in PATH nor in %s; %s",
		strings.Join(places, ", "), advice())
}

// complete tells whether both programs are in dir, or in the folder that dir
// only links to.
func complete(dir string) (string, bool) {
	path, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return "", false
	}
	for _, dir := range []string{filepath.Dir(path), dir} {
		if executable(filepath.Join(dir, "postgres")) && executable(filepath.Join(dir, "initdb")) {
			return dir, true
		}
	}
	return "", false
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// version is the number that a path such as 15/bin begins with; 0 if there is
// none. Versions such as 9.6, long out of support, count as 9.
func version(path string) int {
	end := strings.IndexFunc(path, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(path[:max(end, 0)])
	if err != nil {
		return 0
	}
	return n
}

func advice() string {
	if runtime.GOOS == "darwin" {
		return "install them: brew install postgresql"
	}
	return "install them: apt-get install postgresql (Debian, Ubuntu), " +
		"dnf install postgresql-server (Fedora)"
}
