package scenarios

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/unhappypath/unhappypath/harness"
)

// ours is this package, whose stories are staged by TestScenarios.
const ours = "github.com/unhappypath/unhappypath/scenarios"

// isStagedBy says which test stages the stories, so that a replay can ask for them
// alone. "" is for a suite that has not said so yet.
func (t *theatre) isStagedBy(test string) { t.Command = commandOf(os.Args[0], test) }

// commandOf is how a suite is run again as a shell reads it: by itself where it was
// built beforehand, since whoever uses it may have no Go, and else by go test.
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
		if path, err := filepath.Abs(program); err == nil && filepath.Base(program) != program { // else it is in PATH
			program = path
		}
		words, flag = []string{program}, "-test.run"
	}
	if test != "" {
		words = append(words, flag, "^"+test+"$")
	}
	for i := range words {
		words[i] = harness.Quoted(words[i])
	}
	return strings.Join(words, " ")
}
