package unhappypath_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// systems are those that the tool is built for beside Linux, on which it is tested.
var systems = []string{"darwin", "windows"}

// faultsOn is what a compiler has to say against the sources on another system, the tests'
// among them. Types are checked from sources alone: to compile all that is depended on, as
// vet would, takes minutes for each system.
func faultsOn(t *testing.T, system string, overlay map[string][]byte, patterns ...string) (faults []packages.Error) {
	t.Helper()
	list, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
		Env:   append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
		Tests: true, Overlay: overlay,
	}, patterns...)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	packages.Visit(list, nil, func(p *packages.Package) { faults = append(faults, p.Errors...) })
	return faults
}

func TestTheSourcesFitTheOtherSystems(t *testing.T) {
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
