package unhappypath_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// docs/glossary.md has one word for each thing. staleWords are those that it replaces,
// and sentences that it says better. They are looked for in Go (identifiers, comments
// and texts), in documents, pages, scripts and the Makefile. A line without the letters
// of has needs no expression, which takes twenty times as long.
var staleWords = []struct{ pattern, has, better string }{
	{`(?i)strikes?|struck`, "str", "injection, hit"},
	{`(?i:\bcues?\b)|[a-z]Cue|Cue[A-Z]`, "cue", "trigger"},
	{`(?i)armou?r(y|ies)`, "arm", "injector"},
	{`(?i:\bcrews?\b)|[a-z]Crew|Crew[A-Z]`, "crew", "injector"},
	{`(?i:\bblows?\b)|[a-z]Blow`, "blow", "fault, effect"},
	{`(?i)\btroupe|stage ?hands?\b`, "", "world"},
	{`(?i)\bstillness`, "stillness", "quiescence"},
	{`(?i:\bguests?\b)|[a-z]Guest|Guest[A-Z]`, "guest", "target"},
	{`(?i)clean[- ]?runs?\b`, "clean", "control run"},
	{`(?i)control purchase`, "control", "control run"},
	{`(?i)shr[aiu]nk`, "shr", "minimize"},
	{`(?i)\bconceal|[a-z]Conceal`, "conceal", "redact"},
	{`(?i:\bpaces?\b)|[a-z]Pace\b|\bPace[A-Z]|ParsePace`, "pace", "clock"},
	{`(?i)\bcurtain`, "curtain", "start"},
	{`(?i)\b(throng|crowd)`, "", "busy"},
	{`(?i)\bhow-manieth`, "manieth", "ordinal"},
	{`(?i)\bof (its|her|his|their) own accord`, "accord", "by itself"},
	{`(?i)\bwhat(ever)? became of`, "of", "what happened to"},
	{`(?i)\bwhoever`, "whoever", "anyone who, or name it"},
	{`(?i)(^|[^-\w])(bites?|bitten)\b|\bEverBit\b|\b(never|have|has|had|they|faults?|injections?|toxics?) bit\b|%% bit\b`, "bit", "took effect"},
	{`(?i)(missed|effect) is a lie\b`, "is a lie", "proves nothing"},
	{`(?i)\bis no (clock|setting of)\b`, "is no ", "invalid …: want …"},
	{`\bit does not run"`, "does not run", "process not running"},
	{`(?i)-th of what\b`, "-th of", "#3 needs a message"},
	{`(?i)\b(knows first is believed|nobody is asked)\b`, "", "the first result wins; optional"},
	{`(?i)\bas good as not set\b`, "as good", "empty means unset"},
	{`(?i)\bfor it was over before\b`, "for it was", "out of time"},
	{`(?i)\btold is what\b|\bCompared are\b`, "", "subject first, verb second"},
	{`(?i)\bin each other's midst\b`, "midst", "are interleaved"},
	{`(?i)\bwhere it is to be one\b`, "where it is", "when re-executed"},
	{`(?i)\bis nobody else's\b`, "is nobody", "is not charged to others"},
	{`(?i)\bin which nothing hints at\b`, "hints", "starting from the happy path"},
}

// readersOfOld read records, regressions and tokens of earlier versions, or are the
// tests of that: in them the words of those versions are excused.
var (
	readersOfOld = []string{
		"harness/record/old.go", "harness/record/old_test.go", "harness/record/writer_test.go", "harness/record/replay.go",
		"harness/explore/keep_test.go", "scenarios/own_shop_test.go", "scenarios/record_schema_test.go", "scenarios/wall_clock_test.go",
	}
	wordsOfOld = []string{"strike", "strikes", "struck", "blow"}
)

// notRead are folders and files that keep old words: what runs left, what is said of
// past versions, and what lists the words.
var notRead = []string{"testdata", "node_modules", "dist", "out", "samples", "CHANGELOG.md", "words_test.go"}

// staleIn says which stale words a text has, each with its line. The customers' plots
// keep their voice.
func staleIn(name, text string, stale []*regexp.Regexp) (found []string) {
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "Plot:") {
			continue
		}
		lower := strings.ToLower(line)
		for j, expression := range stale {
			if !strings.Contains(lower, staleWords[j].has) {
				continue
			}
			for _, word := range expression.FindAllString(line, -1) {
				if slices.Contains(readersOfOld, name) && slices.Contains(wordsOfOld, strings.ToLower(word)) {
					continue
				}
				found = append(found, fmt.Sprintf("%s:%d: %q: write %s", name, i+1, strings.TrimSpace(word), staleWords[j].better))
			}
		}
	}
	return found
}

// staleBelow reads every text that people read or write.
func staleBelow(root fs.FS) (found []string, err error) {
	var stale []*regexp.Regexp
	for _, word := range staleWords {
		stale = append(stale, regexp.MustCompile(word.pattern))
	}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		left := slices.Contains(notRead, d.Name()) || strings.HasPrefix(d.Name(), ".") && name != "."
		switch {
		case left && d.IsDir():
			return fs.SkipDir
		case left || d.IsDir():
			return nil
		}
		known := slices.Contains([]string{".go", ".md", ".js", ".css", ".html", ".sh", ".yml", ".yaml", ".json"}, path.Ext(name))
		if !known && d.Name() != "Makefile" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		found = append(found, staleIn(name, string(text), stale)...)
		return err
	})
	return found, err
}

func TestOneWordForOneThing(t *testing.T) {
	found, err := staleBelow(os.DirFS("."))
	require.NoError(t, err)
	for _, word := range found {
		t.Error(word)
	}
}

func TestAStaleWordIsFound(t *testing.T) {
	for name, row := range map[string]struct {
		file, text string
		want       int
	}{
		"a type":                   {"harness/x.go", "type Strike struct{}", 1},
		"part of a name":           {"harness/x.go", "var firstStrikes int", 1},
		"a trigger":                {"harness/x.go", "func parseCue() {}", 1},
		"a comment":                {"harness/x.go", "// whoever waits", 1},
		"a message":                {"harness/x.go", `errors.New("x is no clock")`, 1},
		"an effect":                {"reports/x.go", `"the fault never bit"`, 1},
		"a guide":                  {"docs/x.md", "The clean run comes first.", 1},
		"a page":                   {"reports/html/page/x.html", "<p>what became of her</p>", 1},
		"help":                     {"Makefile", "x: ## shrink what was found", 1},
		"an old key":               {"harness/record/old.go", "Strike int `json:\"strike\"`", 0},
		"another word in a reader": {"harness/record/old.go", "// a cue", 1},
		"a plot":                   {"scenarios/x_test.go", `Plot: "The clock strikes.",`, 0},
		"the past":                 {"CHANGELOG.md", "Strike", 0},
		"data":                     {"harness/record/testdata/x.json", "strike", 0},
		"other words":              {"harness/x.go", "// rescue a workspace, below 64-bit, a bit late: construct, habit, guesthouse, restricted", 0},
		"a call without a hit":     {"harness/x.go", "func drawUnstruck() {}", 1},
		"a target":                 {"scenarios/x.go", "var asGuest bool", 1},
		"a sentence of before":     {"harness/x.go", "// the first is believed, and Nil: nobody is asked", 1},
		"an error of before":       {"harness/x.go", `fmt.Errorf("the %d-th of what?", n)`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := staleBelow(fstest.MapFS{row.file: {Data: []byte(row.text)}})
			require.NoError(t, err)
			require.Len(t, found, row.want)
		})
	}
}
