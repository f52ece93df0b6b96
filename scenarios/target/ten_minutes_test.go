package target_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const guide = "../../docs/your-own-checkout.md"

var fenced = regexp.MustCompile("(?s)```(sh|yaml)\n(.*?)```")

// steps are the guide's blocks of commands, and its description of a shop.
func steps(t *testing.T) (commands []string, description string) {
	text, err := os.ReadFile(guide)
	require.NoError(t, err)
	for _, block := range fenced.FindAllStringSubmatch(string(text), -1) {
		if block[1] == "yaml" {
			description = block[2]
		} else {
			commands = append(commands, block[2])
		}
	}
	return commands, description
}

// In a folder with a shop and nothing else, the guide's own commands lead to a
// report in ten minutes. Only the address that it clones is ours, for what is
// tested is this checkout.
func TestTenMinutesFromAnEmptyFolderToAReport(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes, most of them the compiler's")
	}
	needs(t, "node", "apt-get install nodejs")
	needs(t, "make", "apt-get install make")
	commands, description := steps(t)
	require.LessOrEqual(t, strings.Count(description, "\n"), 40, "lines of YAML")
	folder := t.TempDir()
	put := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	for _, name := range []string{"naive.js", "partners.js"} {
		text, err := os.ReadFile("../testdata/targets/node/" + name)
		require.NoError(t, err)
		put(name, string(text))
	}
	put("shop.yaml", description)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	began := time.Now()
	for i, step := range commands {
		step = strings.Replace(step, "git clone https://github.com/unhappypath/unhappypath ", "ln -sfn '"+root+"' ", 1)
		step = strings.Replace(step, "go get -t", "go mod edit -replace github.com/unhappypath/unhappypath='"+root+"'\ngo get -t", 1)
		if strings.Contains(step, "go mod init") {
			// It is the same suite: one story shows that it is found and built.
			step = strings.Replace(step, "UNHAPPY_TARGET", "UNHAPPY_REPLAY=customer-3-double-click UNHAPPY_TARGET", 1)
		}
		out, code := follow(t, folder, step)
		t.Logf("step %d, after %s, exit code %d:\n%s%s", i+1, time.Since(began).Round(time.Second), code, step, tail(out))
		if !strings.Contains(step, "UNHAPPY_TARGET") {
			require.Zero(t, code, out)
			continue
		}
		// The shop of the guide is a naive one, and that is what it learns.
		require.Equal(t, 1, code, out)
		require.Contains(t, out, "was charged TWICE")
		require.FileExists(t, filepath.Join(folder, "unhappypath", "report.html"))
	}
	t.Logf("to the first report and beyond: %s", time.Since(began).Round(time.Second))
	require.Less(t, time.Since(began), 10*time.Minute)
}

// follow runs a block of commands as a person would who goes on in the same
// shell: with the suite in PATH, and no setting of ours.
func follow(t *testing.T, folder, commands string) (out string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-ec", commands)
	cmd.Dir = folder
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "UNHAPPY_") && !strings.HasPrefix(pair, "PATH=") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, "PATH="+filepath.Join(folder, "unhappypath-checkout", "dist")+":"+os.Getenv("PATH"), "GOFLAGS=-mod=mod")
	text, err := cmd.CombinedOutput()
	if err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return string(text), cmd.ProcessState.ExitCode()
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "\n")
}

// needs skips where a program is missing, with how to get it; with CI=true that
// is a failure.
func needs(t *testing.T, program, advice string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("there is no %s: %s", program, advice)
		}
		t.Skipf("there is no %s: %s", program, advice)
	}
}
