// Package samples prepares the sample shops of testdata/targets, as their reader
// would: it copies them, and builds those that have to be built.
package samples

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// Sample is a shop that nobody here links with: another language, another design,
// and a file that describes it. Its folder is called after its language, and that of
// shops paid by another provider than the others after that.
type Sample struct{ Language, Kind string }

func (s Sample) String() string { return s.Language + "-" + s.Kind }

// Languages are those in which there is a naive, a mended and a switched shop with the
// same front end, in the order in which they are staged.
func Languages() []string { return []string{"node", "python", "go"} }

// ErrMissing says that a program is not here which a shop is written for.
var ErrMissing = errors.New("the program is missing")

var programs = map[string]struct{ program, debian string }{
	"node": {"node", "nodejs"}, "python": {"python3", "python3"}, "go": {"go", "golang"},
	"php":    {"php", "nginx-light php-cli php-fpm php-sqlite3 php-curl"},
	"stripe": {"node", "nodejs"},
}

// Prepare copies the shop of that language from the folder of all samples to one of its
// own below folder, builds it there, and returns the path of its description.
func (s Sample) Prepare(ctx context.Context, all, folder string) (description string, err error) {
	needs, known := programs[s.Language]
	if !known {
		return "", fmt.Errorf("invalid language %q: want one of %s", s.Language, strings.Join(slices.Sorted(maps.Keys(programs)), ", "))
	}
	if _, err := exec.LookPath(needs.program); err != nil {
		return "", fmt.Errorf("%w: there is no %q in PATH; install it (Debian: apt-get install %s)", ErrMissing, needs.program, needs.debian)
	}
	at := filepath.Join(folder, s.String())
	if err := os.CopyFS(at, os.DirFS(filepath.Join(all, s.Language))); err != nil {
		return "", err
	}
	switch s.Language {
	case "go":
		build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join("bin", s.Kind), "./"+s.Kind)
		build.Dir = at
		if said, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("go build: %w\n%s", err, said)
		}
	case "php": // it needs more than php
		if said, err := exec.CommandContext(ctx, "php", filepath.Join(at, "start.php"), "--check").CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", ErrMissing, bytes.TrimSpace(said))
		}
	}
	return filepath.Join(at, s.Kind+".yaml"), nil
}

// Load prepares the shop and reads its description.
func (s Sample) Load(ctx context.Context, all, folder string) (*target.Target, error) {
	description, err := s.Prepare(ctx, all, folder)
	if err != nil {
		return nil, err
	}
	shop, err := target.Load(description, fakes.Providers())
	if err == nil && s.Language == "python" {
		var program string
		program, err = realPython(ctx)
		for _, p := range shop.Shop() {
			p.Command[0] = program
		}
	}
	return shop, err
}

// realPython is the interpreter itself: where versions are managed, python3 is a
// shell script that takes longer to find it than it takes to start.
func realPython(ctx context.Context) (string, error) {
	said, err := exec.CommandContext(ctx, "python3", "-c", "import sys; print(sys.executable)").Output()
	return strings.TrimSpace(string(said)), err
}
