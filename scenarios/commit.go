package scenarios

import (
	"os/exec"
	"runtime/debug"
	"strings"
)

// commit is the revision of what is tested, or "" where nobody knows it. “go
// build” stamps it and “go test” does not; there Git is asked.
func commit() string {
	revision, modified := stamped()
	if revision == "" {
		revision, modified = checkedOut()
	}
	if modified {
		revision += " and changes"
	}
	return revision
}

func stamped() (revision string, modified bool) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", false
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = true
		}
	}
	return revision, modified
}

func checkedOut() (revision string, modified bool) {
	head, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		return "", false // no Git, or no repository
	}
	status, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output()
	return strings.TrimSpace(string(head)), err == nil && len(status) > 0
}
