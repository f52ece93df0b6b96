package unhappypath_test

import (
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/unhappypath/unhappypath"

// imports are what the packages of a module import, without their tests:
// folder → import paths, sorted.
type imports map[string][]string

// rule is one thing that no package may do.
type rule struct {
	// breaks says whether a package in the folder must not import the path.
	breaks func(folder, imported string) bool
	why    string
}

// rooms are the packages that a module of stories brings along, from the lowest to the
// highest, and which of them each one may import.
var rooms = map[string][]string{
	"fakes/observe":           nil,
	"harness/redact":          {"fakes/observe"}, // everything that leaves a run is redacted
	"harness/history":         {"fakes/observe"}, // judging, exploring and reporting read alike
	"harness/units":           {"fakes/observe", "harness/redact"},
	"harness/fault":           {"fakes/observe"}, // taps, proxies and processes ask it what to do
	"harness/injection":       {"fakes/observe", "harness/fault", "harness/units"},
	"harness/judge":           {"fakes/observe", "harness/fault", "harness/history", "harness/injection", "harness/redact", "harness/units"},
	"harness/judge/judgetest": {"fakes/observe", "harness/judge"},
	"harness/record":          {"fakes/observe", "harness/injection", "harness/judge", "harness/units"},
	"harness/environment":     {"fakes/observe", "harness/fault", "harness/injection", "harness/judge", "harness/redact", "harness/units"},
	"harness":                 {"fakes/observe", "harness/environment", "harness/fault", "harness/injection", "harness/judge", "harness/units"},
	"harness/enact": {"fakes/observe", "harness", "harness/environment", "harness/judge", "harness/record", "harness/redact",
		"harness/units"},
}

var rules = []rule{
	{
		func(folder, imported string) bool {
			return (within(folder, "reference-service") || within(folder, "fakes")) && within(local(imported), "harness")
		},
		"the service and the fakes do not know that they are watched: a test of another shop takes the fakes alone, and a service that knows its test is another service",
	},
	{
		func(folder, imported string) bool {
			may, room := rooms[folder]
			return room && !isStd(imported) && !slices.Contains(may, local(imported))
		},
		"what a story is told and judged with stands on the standard library and on the rooms below it, so that any module can tell and judge stories without our dependencies",
	},
	{
		func(folder, imported string) bool {
			return folder == "fakes/provider" && !isStd(imported) && local(imported) != "fakes/observe"
		},
		"what a provider has to be names none, and brings nothing along",
	},
	{
		func(folder, imported string) bool {
			return within(imported, "github.com/Shopify/toxiproxy") &&
				!within(folder, "harness/wire") && !within(folder, "harness/virtual") && !within(folder, "harness/toxic")
		},
		"only the worlds bend bytes; a story that names Toxiproxy cannot be staged without it",
	},
	{
		func(folder, imported string) bool {
			to := local(imported)
			wire, virtual := "harness/wire", "harness/virtual"
			return within(folder, wire) && within(to, virtual) || within(folder, virtual) && within(to, wire) ||
				within(folder, "harness/worldtest") && (within(to, wire) || within(to, virtual))
		},
		"worlds are held to one table by somebody who knows neither; what both need is the harness's or a package of its own",
	},
	{
		func(folder, imported string) bool {
			to := local(imported)
			return (within(folder, "harness/wire") || within(folder, "harness/virtual") || within(folder, "harness/tap") ||
				within(folder, "harness/toxic") || within(folder, "harness/worldtest")) &&
				(within(to, "reference-service") || within(to, "scenarios") || within(to, "fakes") && !within(to, "fakes/observe"))
		},
		"worlds know no particular shop: their composer hands them a Compose",
	},
	{
		func(folder, imported string) bool {
			to := local(imported)
			_, room := rooms[to]
			return within(folder, "reports") && to != "" && !room && to != "harness/explore" && to != "harness/settings" && !within(to, "reports")
		},
		"a report is made of runs alone, and of what exploring them came to, so that it can be made again from disk",
	},
	{
		func(folder, imported string) bool {
			may, room := map[string][]string{
				"reports/model":   nil,
				"reports/cause":   {"reports/model"},
				"reports/picture": {"reports/model"},
				"reports/export":  {"reports/model"},
				"reports/html":    {"reports/model", "reports/cause", "reports/picture"},
			}[folder]
			to := local(imported)
			return room && within(to, "reports") && !slices.Contains(may, to)
		},
		"within a report imports lead one way: what is said of the runs knows neither its causes nor how it is drawn, and a drawing knows no other form of the report",
	},
	{
		func(folder, imported string) bool {
			to := local(imported)
			_, room := rooms[to]
			return within(folder, "harness/cmd") && to != "" && !within(to, "harness/cmd") && !room && to != "harness/explore" && to != "harness/settings" && to != "harness/terminal" && !within(to, "reports") && to != "scenarios/target" && to != "scenarios/webhooks" && to != "fakes"
		},
		"the tool composes records, explorations, reports, descriptions of shops and lone handlers of webhooks, and works on what any suite left: it needs no shop, no world and no story, and builds without them",
	},
	{
		func(folder, imported string) bool {
			return within(folder, "harness") && !within(folder, "harness/cmd") && within(local(imported), "reports")
		},
		"what is staged does not know how it is told; a command composes both",
	},
	{
		func(_, imported string) bool { return imported == "math/rand" },
		"math/rand has a global source that anybody may draw from, so that no seed replays a run; use math/rand/v2 with a source of your own",
	},
}

// vague are names under which anything could be filed.
var vague = []string{"util", "utils", "common", "helper", "helpers", "types", "misc"}

// violations says who breaks which rule, and why it is one.
func (m imports) violations() (found []string) {
	for folder, list := range m {
		if slices.Contains(vague, path.Base(folder)) {
			found = append(found, fmt.Sprintf("%s is a name under which anything could be filed: name the package for what it does", folder))
		}
		for _, imported := range list {
			for _, r := range rules {
				if r.breaks(folder, imported) {
					found = append(found, fmt.Sprintf("%s must not import %s: %s", folder, imported, r.why))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// local is an import's folder in this module, or "".
func local(imported string) string {
	folder, _ := strings.CutPrefix(imported, module+"/")
	if folder == imported {
		return ""
	}
	return folder
}

func within(it, parent string) bool { return it == parent || strings.HasPrefix(it, parent+"/") }

// isStd says whether an import is of the standard library: no host, no dot.
func isStd(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// readImports reads all Go files below root, for every system, but for tests.
func readImports(root fs.FS) (imports, error) {
	found := imports{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") ||
			d.Name() == "testdata" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder := path.Dir(name)
		list := found[folder]
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			list = append(list, imported)
		}
		slices.Sort(list)
		found[folder] = slices.Compact(list)
		return nil
	})
	return found, err
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	found, err := readImports(os.DirFS("."))
	require.NoError(t, err)
	for _, folder := range []string{"harness", "harness/tap", "harness/toxic", "harness/virtual", "harness/wire", "fakes/observe", "fakes/vipps", "reference-service/page"} {
		require.Contains(t, found, folder, "the rules are about packages that are there")
	}
	require.Contains(t, found["harness/wire"], "github.com/Shopify/toxiproxy/v2")
	for _, violation := range found.violations() {
		t.Error(violation)
	}
}

func TestEveryImportOfTheRulesIsRead(t *testing.T) {
	// What go/build sees on this system is part of what the rules are about.
	found, err := readImports(os.DirFS("."))
	require.NoError(t, err)
	for folder, list := range found {
		if pkg, err := build.ImportDir(filepath.FromSlash(folder), 0); err == nil {
			require.Subset(t, list, pkg.Imports, folder)
		}
	}
}

func TestEachRuleBites(t *testing.T) {
	for name, row := range map[string]struct{ file, imported, why string }{
		"the service and the harness":      {"reference-service/checkout/x.go", module + "/harness", "do not know that they are watched"},
		"a fake and a tap":                 {"fakes/vipps/x.go", module + "/harness/tap", "do not know that they are watched"},
		"the nouns and a library":          {"harness/x.go", "github.com/stretchr/testify/require", "standard library"},
		"the nouns and a fake":             {"harness/x.go", module + "/fakes/vipps", "standard library"},
		"the nouns and a world":            {"harness/x.go", module + "/harness/wire", "standard library"},
		"redaction and the harness":        {"harness/redact/x.go", module + "/harness", "rooms below it"},
		"judging and a record":             {"harness/judge/x.go", module + "/harness/record", "rooms below it"},
		"an injection and a judge":         {"harness/injection/x.go", module + "/harness/judge", "rooms below it"},
		"an environment and a story":       {"harness/environment/x.go", module + "/harness", "rooms below it"},
		"the seam and a library":           {"fakes/observe/x.go", "golang.org/x/net/http2", "rooms below it"},
		"the seam and a fake":              {"fakes/observe/x.go", module + "/fakes/vipps", "rooms below it"},
		"any provider and one":             {"fakes/provider/x.go", module + "/fakes/vipps", "names none"},
		"a tap and Toxiproxy":              {"harness/tap/x.go", "github.com/Shopify/toxiproxy/v2", "only the worlds bend bytes"},
		"a story and a toxic":              {"scenarios/x.go", "github.com/Shopify/toxiproxy/v2/toxics", "only the worlds bend bytes"},
		"a world and the service":          {"harness/wire/x.go", module + "/reference-service/page", "no particular shop"},
		"a database and a composer":        {"harness/wire/postgres/x.go", module + "/scenarios/compose", "no particular shop"},
		"a world and the other one":        {"harness/virtual/x.go", module + "/harness/wire", "knows neither"},
		"the table and a world":            {"harness/worldtest/x.go", module + "/harness/virtual", "knows neither"},
		"virtual time and the service":     {"harness/virtual/x.go", module + "/reference-service/checkout", "no particular shop"},
		"a tap and a fake":                 {"harness/tap/x.go", module + "/fakes/customer", "no particular shop"},
		"a report and a world":             {"reports/x.go", module + "/harness/wire", "made of runs alone"},
		"a picture and the causes":         {"reports/picture/x.go", module + "/reports/cause", "imports lead one way"},
		"the model and its page":           {"reports/model/x.go", module + "/reports/html", "imports lead one way"},
		"an exporter and the page":         {"reports/export/x.go", module + "/reports/html", "imports lead one way"},
		"a report and the stories":         {"reports/x.go", module + "/scenarios", "made of runs alone"},
		"the tool and a world":             {"harness/cmd/x/x.go", module + "/harness/virtual", "needs no shop, no world"},
		"the tool and the stories":         {"harness/cmd/x/x.go", module + "/scenarios", "needs no shop, no world"},
		"the explorer and a report":        {"harness/explore/x.go", module + "/reports", "does not know how it is told"},
		"anybody and the old randomness":   {"scenarios/load/x.go", "math/rand", "no seed replays a run"},
		"another system's file is no hole": {"harness/x_windows.go", "golang.org/x/sys/windows", "standard library"},
		"a package for anything":           {"harness/util/x.go", "fmt", "name the package for what it does"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Len(t, judged(t, row.file, row.imported), 1)
			require.Contains(t, judged(t, row.file, row.imported)[0], row.why)
		})
	}
}

func TestWhatTheRulesAllowIsNoViolation(t *testing.T) {
	for name, row := range map[string]struct{ file, imported string }{
		"the nouns and the seam":           {"harness/x.go", module + "/fakes/observe"},
		"a world and Toxiproxy":            {"harness/wire/x.go", "github.com/Shopify/toxiproxy/v2"},
		"another world and its toxics":     {"harness/virtual/x.go", "github.com/Shopify/toxiproxy/v2/toxics"},
		"a composer and everything":        {"scenarios/compose/x.go", module + "/harness/wire"},
		"a report and the nouns":           {"reports/x.go", module + "/harness"},
		"a report and an exploration":      {"reports/x.go", module + "/harness/explore"},
		"a page and the causes":            {"reports/html/x.go", module + "/reports/cause"},
		"the writer and the exporters":     {"reports/x.go", module + "/reports/export"},
		"a report and a library":           {"reports/x.go", "github.com/onsi/ginkgo/v2/types"},
		"the tool and a report":            {"harness/cmd/x/x.go", module + "/reports"},
		"the tool and explorations":        {"harness/cmd/x/x.go", module + "/harness/explore"},
		"a test is free":                   {"fakes/vipps/x_test.go", module + "/harness"},
		"testdata is no code":              {"fakes/vipps/testdata/x.go", module + "/harness"},
		"a module that merely sounds like": {"fakes/vipps/x.go", module + "-demo/harness"},
	} {
		t.Run(name, func(t *testing.T) { require.Empty(t, judged(t, row.file, row.imported)) })
	}
}

// judged are the violations of a module with one file that imports one path.
func judged(t *testing.T, file, imported string) []string {
	root := t.TempDir()
	name := filepath.Join(root, filepath.FromSlash(file))
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, fmt.Appendf(nil, "package x\n\nimport _ %q\n", imported), 0o644))
	found, err := readImports(os.DirFS(root))
	require.NoError(t, err)
	return found.violations()
}

// What a story's author reads of package harness fits a few screens: what is not for
// stories has a package of its own.
func TestTheDocsOfHarnessAreShort(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "doc", "-all", "./harness").Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "type Story struct")
	require.LessOrEqual(t, strings.Count(string(out), "\n"), 290)
}
