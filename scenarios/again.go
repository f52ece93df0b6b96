package scenarios

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/reports"
)

// ours is this package, whose stories are staged by TestScenarios.
const ours = "github.com/unhappypath/unhappypath/scenarios"

// isStagedBy says which test stages the stories, so that a replay can ask for them
// alone. "" is for a suite that has not said so yet.
func (t *runner) isStagedBy(test string) { t.Command = commandOf(os.Args[0], test) }

// commandOf is how a suite is run again as a shell reads it: by itself where it was
// built beforehand, since anyone who uses it may have no Go, and else by go test.
func commandOf(program, test string) string {
	folder := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		folder = strings.TrimSuffix(info.Path, ".test")
	}
	if test == "" && folder == ours { // an exploration may be all that is run
		test = "TestScenarios"
	}
	words, flag := []string{"go", "test", folder, "-count=1", "-v"}, "-run"
	if !strings.HasSuffix(strings.TrimSuffix(program, ".exe"), ".test") {
		words, flag = []string{fromAnywhere(program)}, "-test.run"
	}
	if test != "" {
		words = append(words, flag, "^"+test+"$")
	}
	for i := range words {
		words[i] = settings.ShellQuote(words[i])
	}
	return strings.Join(words, " ")
}

// fromAnywhere is how a program is called in whatever folder: by its name where PATH
// has it and says so absolutely, and else by its path.
func fromAnywhere(program string) string {
	if filepath.Base(program) != program {
		if path, err := filepath.Abs(program); err == nil {
			return path
		}
	}
	if found, err := exec.LookPath(program); err == nil && filepath.IsAbs(found) {
		return program
	}
	if self, err := os.Executable(); err == nil {
		return self
	}
	return program
}

// whyNone says why no story was staged, and how to see which there are.
func (t *runner) whyNone(skips []reports.Skip) string {
	var reasons []string
	for _, skip := range skips { // of stories that were told, which others of the suite's specs are not
		id, _, _ := strings.Cut(skip.Name, " ")
		if _, known := storyNamed(id); known && !slices.Contains(reasons, skip.Reason) {
			reasons = append(reasons, skip.Reason)
		}
	}
	if len(reasons) > 0 {
		return strings.Join(reasons, "; ")
	}
	if part := t.origin.Part(); part != "" {
		return fmt.Sprintf("%s has none that the filter fits, of %d stories", part, len(told))
	}
	own := t.Settings
	own.Tool = "" // which has no filters
	return "the filter fits none. This lists them:\n" + own.Line() + " -ginkgo.dry-run -ginkgo.v"
}
