package unhappypath_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// wordOfOld finds the words for which docs/glossary.md has better ones.
var wordOfOld = regexp.MustCompile(`(?i)\b(un)?(strikes?|striking|struck)\b|strike[A-Z]|Strike|\bcues?\b|Cue[A-Z]|armou?ry|\bcrew\b|\bblows?\b|troupe|stillness|stage.?hands?|` +
	`\bguests?\b|(?-i:Guest[A-Z]|[a-z]Guest)|clean run|\b(un)?shr[iu]nk|\bconceal|curtain|\bown accord\b|\bbit(es|ten)\b|\bpace\b|throng|\bcrowd`)

// inOldForms are the files that read what earlier versions wrote, or show that it is
// refused or read.
var inOldForms = []string{
	"CHANGELOG.md", "words_test.go", "harness/record_old.go", "harness/record_old_test.go", "harness/record_test.go", "harness/replay.go",
	"harness/explore/keep_test.go", "harness/explore/regression.go", "scenarios/own_shop_test.go", "scenarios/wall_clock_test.go", "scenarios/record_schema_test.go",
}

// One word is used for one thing, in code, comments, messages and docs.
func TestNoWordOfOldIsLeft(t *testing.T) {
	listed, err := exec.Command("git", "ls-files").Output()
	if err != nil {
		t.Skip("this is no git checkout")
	}
	for _, file := range strings.Fields(string(listed)) {
		isText := slices.Contains([]string{".go", ".md", ".html", ".css", ".js", ".json", ".sh", ".yaml", ".yml", ""}, filepath.Ext(file))
		if !isText || slices.Contains(inOldForms, file) || strings.Contains(file, "testdata/") || strings.HasPrefix(file, "docs/samples/") {
			continue
		}
		text, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue // removed, and not committed yet
		}
		require.NoError(t, err)
		for n, line := range strings.Split(string(text), "\n") {
			if word := wordOfOld.FindString(line); word != "" {
				t.Errorf("%s:%d: %q: docs/glossary.md has a better word", file, n+1, word)
			}
		}
	}
	for _, wrong := range []string{"// a strike hits", "type Cue struct", "drawStrikes", "the curtain falls", "asGuest", "shrunk", "it bites", "at a pace"} {
		require.Regexp(t, wordOfOld, wrong)
	}
	for _, right := range []string{"habit", "a bit", "rescue", "the guesthouse", "space", "namespace", "encrypted", "restricted"} {
		require.NotRegexp(t, wordOfOld, right)
	}
}
