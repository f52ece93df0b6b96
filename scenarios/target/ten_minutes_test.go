package target_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/unhappypath/unhappypath/scenarios/samples"
)

const (
	guide   = "../../docs/your-own-checkout.md"
	example = "../../docs/example"
)

var fenced = regexp.MustCompile("(?s)```(sh|yaml)\n(.*?)```")

// steps are a page's blocks of commands, and its description of a shop.
func steps(t *testing.T, page string) (commands []string, description string) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, block := range fenced.FindAllStringSubmatch(string(text), -1) {
		switch {
		case block[1] != "yaml":
			commands = append(commands, block[2])
		case description == "": // the others are parts of one
			description = block[2]
		}
	}
	return commands, description
}

// In a folder with a shop and nothing else, the guide's own commands lead to a
// report in ten minutes. Only where it clones and fetches from is ours, for what
// is tested is this checkout, as it was committed.
func TestTenMinutesFromAnEmptyFolderToAReport(t *testing.T) {
	commands, description := steps(t, guide)
	require.LessOrEqual(t, strings.Count(description, "\n"), 40, "lines of YAML")
	folder := shopFolder(t, description)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	published := publish(t, root)
	began := time.Now()
	for i, step := range commands {
		step = strings.Replace(step, "git clone https://github.com/unhappypath/unhappypath ", "ln -sfn '"+root+"' ", 1)
		if strings.Contains(step, "go mod init") {
			// It is the same suite: one story shows that it is found and built.
			step = strings.Replace(step, "UNHAPPY_TARGET", "UNHAPPY_REPLAY=customer-3-double-click UNHAPPY_TARGET", 1)
		}
		out, code := follow(t, folder, published, step)
		t.Logf("step %d, after %s, exit code %d:\n%s%s", i+1, time.Since(began).Round(time.Second), code, step, tail(out))
		if !stages(step) {
			require.Zero(t, code, out)
			continue
		}
		// The shop of the guide is a naive one, and that is what it learns.
		require.Equal(t, 1, code, out)
		require.Contains(t, out, "was charged TWICE")
		require.FileExists(t, filepath.Join(folder, "unhappypath", "shop", "report.html"))
		again := replay(t, out, "customer-3-double-click")
		if !strings.Contains(step, "go mod init") { // a built suite runs anywhere
			again = "cd \"$(mktemp -d)\"\n" + again
		}
		out, code = follow(t, folder, published, again)
		require.Equal(t, 1, code, out)
		require.Contains(t, out, "was charged TWICE")
	}
	t.Logf("to the first report and beyond: %s", time.Since(began).Round(time.Second))
	require.Less(t, time.Since(began), 10*time.Minute)
}

// The same commands at each mended sample, copied to a folder of its own, whatever
// language it is in: all that can be staged is kept, exploring finds nothing, and the
// exit code says so.
func TestTheGuideIsGreenAtMendedShops(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes: the stories of a shop in real time")
	}
	needs(t, "make", "apt-get install make")
	commands, _ := steps(t, guide)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for _, sample := range []samples.Sample{
		{Language: "node", Kind: "mended"}, {Language: "python", Kind: "mended"}, {Language: "go", Kind: "mended"},
		{Language: "php", Kind: "mended"}, {Language: "node", Kind: "graphql-mended"}, {Language: "stripe", Kind: "mended"},
	} {
		t.Run(sample.String(), func(t *testing.T) {
			description, err := sample.Prepare(t.Context(), "../testdata/targets", filepath.Join(t.TempDir(), "my shop's"))
			if errors.Is(err, samples.ErrMissing) && os.Getenv("CI") != "true" {
				t.Skip(err)
			}
			require.NoError(t, err)
			folder := filepath.Dir(description)
			require.NoError(t, os.Rename(description, filepath.Join(folder, "shop.yaml")))
			for _, step := range commands {
				step = strings.Replace(step, "git clone https://github.com/unhappypath/unhappypath ", "ln -sfn '"+root+"' ", 1)
				out, code := follow(t, folder, usualProxy(t), step)
				t.Logf("exit code %d:\n%s%s", code, step, tail(out))
				require.Zero(t, code, out)
				if stages(step) {
					require.NotContains(t, out, "UNFINISHED")
					break // what follows is other ways to do the same
				}
			}
			require.FileExists(t, filepath.Join(folder, "unhappypath", "shop", "report.html"))
			require.FileExists(t, filepath.Join(folder, "unhappypath", "shop", "exploration.html"))
		})
	}
}

// stages says whether a command of a guide stages stories.
func stages(step string) bool {
	return strings.Contains(step, "UNHAPPY_TARGET") || strings.Contains(step, "unhappypath run ") || strings.Contains(step, "unhappypath replay ")
}

func usualProxy(t *testing.T) string { return goEnv(t, "GOPROXY") }

// The example module, copied to where there is no checkout of ours, tells its
// own story of the guide's shop, by the commands of its own page.
func TestTheExampleModuleTellsAStoryOfItsOwn(t *testing.T) {
	commands, _ := steps(t, example+"/README.md")
	_, description := steps(t, guide)
	folder := shopFolder(t, description)
	for _, name := range []string{"go.mod", "stories_test.go"} {
		text, err := os.ReadFile(filepath.Join(example, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o644))
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	published := publish(t, root)
	var out string
	var code int
	for _, step := range append(commands, "") {
		if step == "" {
			step = replay(t, out, "she-reloads-while-it-pays") // which comes to the same
		}
		out, code = follow(t, folder, published, step)
		t.Logf("exit code %d:\n%s%s", code, step, tail(out))
		if strings.Contains(step, "UNHAPPY_TARGET") {
			require.Equal(t, 1, code, out)
			require.Contains(t, out, "✖ BROKE she-reloads-while-it-pays")
			require.Contains(t, out, "was charged TWICE")
		}
	}
}

// The suite says itself where its report is; where it wrote none, there is no other.
func TestMakeStoriesNamesNoReportOfAnotherDay(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the suite once more")
	}
	needs(t, "make", "apt-get install make")
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "report.html"), []byte("of another day"), 0o644))
	make := exec.CommandContext(t.Context(), "make", "-C", "../..", "stories", "UNHAPPY_REPORT="+folder, "UNHAPPY_SHARD=4/3")
	out, err := make.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "UNHAPPY_SHARD=4/3")
	require.NotContains(t, string(out), folder)
}

// replay is the line to paste that a suite printed for a story, in whatever order it
// staged them.
func replay(t *testing.T, out, story string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^Replay: (unhappypath replay .* ` + story + `|.*UNHAPPY_REPLAY=` + story + ` .*)$`).FindStringSubmatch(out)
	require.NotNil(t, found, out)
	return found[1]
}

// shopFolder has the guide's shop in it, its description, and nothing else.
func shopFolder(t *testing.T, description string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes minutes, most of them the compiler's")
	}
	needs(t, "node", "apt-get install nodejs")
	needs(t, "make", "apt-get install make")
	folder := filepath.Join(t.TempDir(), "my shop's")
	require.NoError(t, os.Mkdir(folder, 0o755))
	for _, name := range []string{"naive.js", "partners.js"} {
		text, err := os.ReadFile("../testdata/targets/node/" + name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "shop.yaml"), []byte(description), 0o644))
	return folder
}

// follow runs a block of commands as a person would who goes on in the same
// shell: with the suite in PATH, and no setting of ours.
func follow(t *testing.T, folder, proxy, commands string) (out string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-ec", commands)
	cmd.Dir = folder
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "UNHAPPY_") && !strings.HasPrefix(pair, "PATH=") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, "PATH="+filepath.Join(folder, "unhappypath-checkout", "dist")+":"+os.Getenv("PATH"),
		"GOPROXY="+proxy, "GONOSUMDB="+ours, "GOFLAGS=-mod=mod -modcacherw")
	text, err := cmd.CombinedOutput()
	if err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return string(text), cmd.ProcessState.ExitCode()
}

const ours = "github.com/unhappypath/unhappypath"

// publish makes a module proxy in front of the usual ones, with one more module
// in it: this checkout, as a version that no other commit has.
func publish(t *testing.T, root string) (proxy string) {
	t.Helper()
	commit, err := exec.CommandContext(t.Context(), "git", "-C", root, "rev-parse", "HEAD").Output()
	require.NoError(t, err)
	version := module.Version{Path: ours, Version: "v0.1.0-" + string(commit[:12])}
	folder := t.TempDir()
	at := filepath.Join(folder, version.Path, "@v")
	require.NoError(t, os.MkdirAll(at, 0o755))
	put := func(name string, text []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(at, name), text, 0o644))
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	put("list", []byte(version.Version+"\n"))
	put(version.Version+".info", []byte(`{"Version":"`+version.Version+`"}`))
	put(version.Version+".mod", mod)
	var archive bytes.Buffer
	require.NoError(t, zip.CreateFromVCS(&archive, version, root, "HEAD", ""))
	put(version.Version+".zip", archive.Bytes())
	cache, usual := goEnv(t, "GOMODCACHE"), goEnv(t, "GOPROXY")
	t.Cleanup(func() { // nobody else can have fetched this version
		traces, err := filepath.Glob(filepath.Join(cache, "cache", "download", version.Path, "@v", version.Version+"*"))
		require.NoError(t, err)
		for _, trace := range append(traces, filepath.Join(cache, version.String())) {
			require.NoError(t, os.RemoveAll(trace))
		}
	})
	return "file://" + folder + ",file://" + filepath.Join(cache, "cache", "download") + "," + usual
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(text))
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
