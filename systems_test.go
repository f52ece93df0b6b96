package unhappypath_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// systems are those that the tool is built for beside Linux, on which it is tested.
var systems = []string{"darwin", "windows"}

// faultsOn is what a compiler has to say against the sources on another system, the tests'
// among them. Types are checked from sources alone: to compile all that is depended on, as
// vet would, takes minutes for each system. Go's own packages fit every system as they are,
// and only what they declare is read.
func faultsOn(t *testing.T, system string, overlay map[string][]byte, patterns ...string) (faults []packages.Error) {
	t.Helper()
	own, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	root := filepath.Join(strings.TrimSpace(string(own)), "src") + string(filepath.Separator)
	list, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedTypes | packages.NeedSyntax,
		Env:   append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
		Tests: true, Overlay: overlay,
		ParseFile: func(set *token.FileSet, path string, text []byte) (*ast.File, error) {
			if !strings.HasPrefix(path, root) {
				return parser.ParseFile(set, path, text, parser.AllErrors|parser.SkipObjectResolution)
			}
			return declared(set, path, text)
		},
	}, patterns...)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	packages.Visit(list, nil, func(p *packages.Package) {
		for _, fault := range p.Errors {
			// A file of Go's own without bodies imports what it does not use.
			if !strings.HasPrefix(fault.Pos, root) {
				faults = append(faults, fault)
			}
		}
	})
	return faults
}

// declared is a file without the bodies of its functions.
func declared(set *token.FileSet, path string, text []byte) (*ast.File, error) {
	file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		if f, is := d.(*ast.FuncDecl); is {
			f.Body = nil
		}
	}
	return file, nil
}

func TestTheSourcesFitTheOtherSystems(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads all that is depended on, twice: make test runs it")
	}
	for _, system := range systems {
		t.Run(system, func(t *testing.T) { require.Empty(t, faultsOn(t, system, nil, "./...")) })
	}
}

func TestWhatFitsNoOtherSystemIsSeen(t *testing.T) {
	added, err := filepath.Abs("harness/units/added_test.go")
	require.NoError(t, err)
	for system, text := range map[string]string{
		"windows": "package units\n\nimport \"syscall\"\n\nvar _ = syscall.Kill\n",
		"darwin":  "package units\n\nimport \"syscall\"\n\nvar _ = syscall.EpollCreate1\n",
	} {
		t.Run(system, func(t *testing.T) {
			faults := faultsOn(t, system, map[string][]byte{added: []byte(text)}, "./harness/units")
			require.NotEmpty(t, faults)
			require.Contains(t, faults[0].Msg, "undefined: syscall.")
		})
	}
}
