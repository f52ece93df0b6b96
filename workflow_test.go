package unhappypath_test

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"github.com/stretchr/testify/require"
)

// linted is what actionlint, and we, have to say against a workflow.
func linted(t *testing.T, name, text string) (found []string) {
	t.Helper()
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	require.NoError(t, err)
	// actionlint knows what goes into an action by its major version alone.
	byVersion := regexp.MustCompile(`@[0-9a-f]{40} # (v\d+)\.\d+\.\d+`).ReplaceAllString(text, "@$1")
	list, err := linter.Lint(name, []byte(byVersion), nil)
	require.NoError(t, err)
	for _, e := range list {
		found = append(found, e.Error())
	}
	pinned := regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for line := range strings.Lines(text) {
		if _, uses, is := strings.Cut(line, "uses: "); is && !pinned.MatchString(strings.TrimSpace(uses)) {
			found = append(found, "an action that is not pinned by its commit, with its version beside it: "+uses)
		}
	}
	if !strings.Contains(text, "\npermissions:\n  contents: read\n\n") {
		found = append(found, "more permissions than to read")
	}
	return found
}

func TestWorkflowsAreSound(t *testing.T) {
	files, err := filepath.Glob(".github/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Empty(t, linted(t, file, string(text)))
	}
}

func TestWhatIsWrongWithAWorkflowIsSeen(t *testing.T) {
	file := ".github/workflows/stories.yml"
	sound, err := os.ReadFile(file)
	require.NoError(t, err)
	for name, row := range map[string]struct{ from, to, because string }{
		"a need of nobody":       {"needs: shard", "needs: shards", "needs job"},
		"a matrix without a row": {"matrix.shard }}/3", "matrix.part }}/3", `property "part" is not defined`},
		"an input that is none":  {"if-no-files-found: error", "if-no-file: error", `input "if-no-file" is not defined`},
		"a machine of nobody":    {"ubuntu-24.04", "ubuntu-1.0", "label \"ubuntu-1.0\" is unknown"},
		"a tag":                  {"08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0", "v5", "not pinned by its commit"},
		"the right to write":     {"contents: read", "contents: write", "more permissions"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.ReplaceAll(string(sound), row.from, row.to)
			require.NotEqual(t, string(sound), text)
			require.Contains(t, strings.Join(linted(t, file, text), "\n"), row.because)
		})
	}
}
