package unhappypath_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The words of an event stand once, in fakes/observe: elsewhere they are constants,
// so that nobody has a list of his own that lacks one. The test reads the words
// where they are declared. It knows no types: a literal is found by its text.
const vocabulary = "fakes/observe"

// vocabularyTypes are those whose constants are an event's words. Kinds of events
// and of errors are left out: as texts they are ordinary words ("order", "timeout").
var vocabularyTypes = []string{"Status", "EntryOp", "Verb", "Fate", "Stage", "Hop"}

// sameLetters are literals that are spelled like a word of an event and mean
// something else: folder or file, the word, and what it is there. An exception that
// nothing needs is an error.
var sameLetters = []struct{ in, word, why string }{
	{"reference-service", "*", "the service has states of its own and reads those of its callees; it does not know who watches"},
	{"fakes/stripe", "*", "fields and words of its API"},
	{"scenarios/target/check.go", "ready", "a key of a description"},
	{"scenarios/target/processes.go", "ready", "a key of a description"},
	{"reports/model/books.go", "captured", "a class of the style sheet"},
}

// literalWord is a string literal that is a word of an event.
type literalWord struct{ file, word, at string }

// words reads the vocabulary from its package.
func words(root fs.FS) (map[string]bool, error) {
	found := map[string]bool{}
	err := parseGo(root, vocabulary, func(string) bool { return true }, func(_ string, _ *token.FileSet, file *ast.File) {
		for _, decl := range file.Decls {
			general, is := decl.(*ast.GenDecl)
			if !is || general.Tok != token.CONST {
				continue
			}
			for _, spec := range general.Specs {
				value := spec.(*ast.ValueSpec)
				name, typed := value.Type.(*ast.Ident)
				if !typed || !slices.Contains(vocabularyTypes, name.Name) {
					continue
				}
				for _, v := range value.Values {
					found[textOf(v)] = true
				}
			}
		}
	})
	return found, err
}

// literalWords finds them in all Go files that are no tests, and in the stories,
// which are tests to Go.
func literalWords(root fs.FS, words map[string]bool) (found []literalWord, err error) {
	err = parseGo(root, ".", func(name string) bool {
		return !within(path.Dir(name), vocabulary)
	}, func(name string, set *token.FileSet, file *ast.File) {
		if strings.HasSuffix(name, "_test.go") && !tellsStory(file) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				return n.Tag == nil // a tag spells JSON, and a type has no texts
			case *ast.BasicLit:
				if word := textOf(n); n.Kind == token.STRING && words[word] {
					found = append(found, literalWord{name, word, set.Position(n.Pos()).String()})
				}
			}
			return true
		})
	})
	return found, err
}

// tellsStory says whether a file has a story: var _ = Tell(Story{…}).
func tellsStory(file *ast.File) (tells bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		if call, is := n.(*ast.CallExpr); is {
			name, plain := call.Fun.(*ast.Ident)
			tells = tells || plain && name.Name == "Tell"
		}
		return !tells
	})
	return tells
}

func textOf(e ast.Expr) string {
	literal, is := e.(*ast.BasicLit)
	if !is || literal.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(literal.Value)
	return text
}

// parseGo parses the Go files below a folder that are chosen.
func parseGo(root fs.FS, folder string, chosen func(string) bool, see func(string, *token.FileSet, *ast.File)) error {
	return fs.WalkDir(root, folder, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") ||
			d.Name() == "testdata" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || !chosen(name):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		see(name, set, file)
		return nil
	})
}

// misspelled are the literals that no exception is for, and the exceptions that
// are for none.
func misspelled(found []literalWord) (wrong []string) {
	used := make([]bool, len(sameLetters))
	for _, literal := range found {
		excused := false
		for i, e := range sameLetters {
			if within(literal.file, e.in) && (e.word == "*" || e.word == literal.word) {
				used[i], excused = true, true
			}
		}
		if !excused {
			wrong = append(wrong, fmt.Sprintf("%s: %q is a word of an event: write the constant of %s", literal.at, literal.word, vocabulary))
		}
	}
	for i, e := range sameLetters {
		if !used[i] {
			wrong = append(wrong, fmt.Sprintf("nothing in %s needs the exception for %q: delete it", e.in, e.word))
		}
	}
	return wrong
}

func TestWordsOfEventsStandOnce(t *testing.T) {
	root := os.DirFS(".")
	known, err := words(root)
	require.NoError(t, err)
	for _, word := range []string{"shipped", "handed over", "waits to be told", "healed", "exited", "customer>checkout"} {
		require.True(t, known[word], "%q is read from %s", word, vocabulary)
	}
	found, err := literalWords(root, known)
	require.NoError(t, err)
	for _, wrong := range misspelled(found) {
		t.Error(wrong)
	}
}

func TestALiteralWordIsFound(t *testing.T) {
	known := map[string]bool{"shipped": true, "customer>checkout": true}
	for name, row := range map[string]struct {
		file, text string
		want       int
	}{
		"compared":            {"reports/x.go", `var is = view.Says == "shipped"`, 1},
		"in a list":           {"harness/x.go", `var list = []string{"paid", "shipped"}`, 1},
		"in a case":           {"harness/x.go", "func f(s string) { switch s { case `shipped`: } }", 1},
		"a hop":               {"fakes/customer/x.go", `const hop = "customer>checkout"`, 1},
		"an argument":         {"scenarios/x.go", `var _ = see("shipped")`, 1},
		"in a story":          {"scenarios/x_test.go", `var _ = Tell(Story{Complaint: Without("x").Screen("shipped")})`, 1},
		"in another test":     {"scenarios/x_test.go", `var _ = see("shipped")`, 0},
		"where it is at home": {"fakes/observe/x.go", `const Shipped = "shipped"`, 0},
		"a field's tag":       {"harness/x.go", "type x struct { Shipped bool \"shipped\" }", 0},
		"part of a sentence":  {"harness/x.go", `var text = "was shipped"`, 0},
		"data of a test":      {"harness/testdata/x.go", `var text = "shipped"`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.MkdirAll(path.Join(dir, path.Dir(row.file)), 0o755))
			require.NoError(t, os.WriteFile(path.Join(dir, row.file), []byte("package x\n\n"+row.text+"\n"), 0o644))
			found, err := literalWords(os.DirFS(dir), known)
			require.NoError(t, err)
			require.Len(t, found, row.want)
		})
	}
}

func TestAnExceptionIsForSomething(t *testing.T) {
	wrong := misspelled(nil)
	require.Len(t, wrong, len(sameLetters))
	require.Contains(t, wrong[0], "delete it")
	require.Len(t, misspelled([]literalWord{
		{"reference-service/checkout/x.go", "shipped", "x.go:1"}, {"fakes/stripe/x.go", "created", "x.go:1"}, {"scenarios/target/check.go", "ready", "x.go:1"}, {"scenarios/target/processes.go", "ready", "x.go:1"},
		{"reports/model/books.go", "captured", "x.go:1"}, {"reports/x.go", "captured", "x.go:1"},
	}), 1, "an exception is for its file alone")
}
