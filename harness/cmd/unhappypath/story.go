package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"github.com/spf13/cobra"
)

func newStory() *cobra.Command {
	folder := ""
	c := &cobra.Command{
		Use:   `story "TITLE"`,
		Short: "Begin a story: a file that is red until it is told",
		Long: `Writes a story's file, named after the first words of its title, into the folder
of stories. It compiles, and is red, and says what to fill in. A file that is there is never
overwritten. In a folder without a suite, it writes suite_test.go as well.`,
		Example: `  unhappypath new story "Ana pays and closes the lid"
  UNHAPPY_REPLAY=ana-pays-and-closes-the-lid go test ./scenarios -count=1 -run TestScenarios
  unhappypath new story "The courier rings twice" --dir ./stories   # in another module`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("a story has one title, in quotes: %s", c.Example[2:strings.IndexByte(c.Example, '\n')])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			id := storyID(args[0])
			if id == "suite" {
				return usage("suite_test.go is the suite's own file; give the story another title")
			}
			if id == "" {
				return usage("%q has no word with a letter or digit that an id could be made of; valid is a sentence such as “Ana pays and closes the lid”", args[0])
			}
			written, err := beginStory(folder, id, args[0])
			for _, path := range written {
				fmt.Fprintf(c.OutOrStdout(), "%s\n", path)
			}
			if err != nil {
				return err
			}
			at := filepath.ToSlash(filepath.Clean(folder))
			if !filepath.IsAbs(folder) {
				at = "./" + at
			}
			fmt.Fprintf(c.OutOrStdout(), "It is red until you tell it: UNHAPPY_REPLAY=%s go test %s -run TestScenarios\n", id, at)
			return nil
		},
	}
	c.Flags().StringVar(&folder, "dir", "scenarios", "the folder of stories")
	return c
}

// longestID is how many characters of a title become its id: fewer than an id may
// have, so that the lines that name it stay short.
const longestID = 40

// storyID makes an id of a title: its first words in lower case with hyphens
// between.
func storyID(title string) string {
	// Letters that other languages have keep a form that an id may have.
	plain := strings.NewReplacer("æ", "ae", "ø", "o", "å", "a", "ä", "a", "ö", "o", "ü", "u", "ß", "ss", "é", "e", "è", "e", "’", "", "'", "")
	words := strings.FieldsFunc(plain.Replace(strings.ToLower(title)), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	id := ""
	for i, word := range words {
		longer := strings.TrimPrefix(id+"-"+word, "-")
		switch {
		case len(longer) <= longestID:
			id = longer
		case i == 0:
			return word[:longestID]
		default:
			return id
		}
	}
	return id
}

// beginStory writes the story, and a suite where there is none, and says which
// files it wrote.
func beginStory(folder, id, title string) (written []string, err error) {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, usage("there is no folder %s here; make it, or name yours with --dir", folder)
	}
	pkg, suite, err := packageOf(folder)
	if err != nil {
		return nil, err
	}
	plot := strings.TrimSpace(title)
	if !strings.HasSuffix(plot, ".") {
		plot += "."
	}
	about := struct{ Package, ID, Plot string }{pkg, id, plot}
	// An id has hyphens, and so its file: after an underscore, “windows” would
	// be a file for Windows alone.
	files := map[string]*template.Template{id + "_test.go": storyText}
	if !suite {
		files["suite_test.go"] = suiteText
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		var text bytes.Buffer
		if err := files[name].Execute(&text, about); err != nil {
			return written, harnessFailed("%s: %w", name, err)
		}
		formatted, err := format.Source(text.Bytes())
		if err != nil {
			return written, harnessFailed("%s: %w", name, err)
		}
		path := filepath.Join(folder, name)
		if err := writeNew(path, formatted); err != nil {
			return written, err
		}
		written = append(written, path)
	}
	return written, nil
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage("%s is there already and is left as it is; choose another name", path)
	}
	if err != nil {
		return cannotWrite("%w", err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return harnessFailed("%w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

// packageOf is the package of a folder's tests, and whether one of them stages
// the stories.
func packageOf(folder string) (name string, suite bool, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return "", false, harnessFailed("%w", err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", false, harnessFailed("%w", err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.PackageClauseOnly)
		if err != nil {
			return "", false, harnessFailed("%s is no Go that can be read: %w", path, err)
		}
		stages := bytes.Contains(text, []byte("RunStories("))
		if suite = suite || stages; name == "" || stages {
			name = file.Name.Name
		}
	}
	if name == "" {
		full, err := filepath.Abs(folder)
		if err != nil {
			return "", false, harnessFailed("%w", err)
		}
		name = strings.ReplaceAll(storyID(filepath.Base(full)), "-", "") + "_test"
	}
	return name, suite, nil
}

var (
	storyText = template.Must(template.New("story").Parse(`package {{.Package}}

import (
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

var _ = Tell(Story{
	ID: {{printf "%q" .ID}},
	// What happens, as the customer would tell it: what she does, what goes wrong,
	// what she sees, what she pays.
	Plot: {{printf "%q" .Plot}},
	// What goes wrong on the way, and when; CONTRIBUTING.md has a table.
	//
	//	Injections: Schedule{
	//		OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Closes(),
	//	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		panic("fill in what she does after her click, such as ana.WaitsToBeTold(), and what goes wrong under Injections")
	},
	// What comes true to the letter without the safeguard that saves her, so that
	// the alarm is known to ring.
	//
	//	Complaint: Without("order-identity").Orders(2).Charges(2).Parcels(2).Screen("shipped").Breaking("charged-once"),
})
`))
	suiteText = template.Must(template.New("suite").Parse(`package {{.Package}}

import (
	"testing"

	"github.com/unhappypath/unhappypath/scenarios"
)

func TestMain(m *testing.M) { scenarios.Main(m) }

func TestScenarios(t *testing.T) { scenarios.RunStories(t) }
`))
)
