package target_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// several is the smallest description with these processes, and more.
func several(processes, more string) string {
	return strings.Replace(smallest, "service:\n  command: [go, version]\n", "service: {environment: {A: all, B: all}}\nprocesses:\n"+processes, 1) + more
}

const twoProcesses = "  web: {command: [go, version], serves: true, environment: {B: \"${service.port}\"}}\n  worker: {command: [go, env], replicas: 2, environment: {C: \"${service.replica}\"}}\n"

// They are started in the order of the file, each with what is said for all of them.
func TestProcessesAreStartedAsWritten(t *testing.T) {
	shop, err := parse([]byte(several(twoProcesses, "")))
	require.NoError(t, err)
	require.Equal(t, []string{"web", "worker-1", "worker-2"}, shop.ProcessNames())
	var environments [][]string
	for _, p := range shop.Shop() {
		command, err := shop.Start(p, target.Facts{"service.port": "1", "service.replica": "2"}, units.Wall)
		require.NoError(t, err)
		environments = append(environments, slices.DeleteFunc(command.Env, func(pair string) bool { return strings.HasPrefix(pair, "PATH=") }))
	}
	require.Equal(t, [][]string{{"A=all", "B=1"}, {"A=all", "B=all", "C=2"}}, environments)
}

func TestAServiceIsOneProcess(t *testing.T) {
	for old, names := range map[string][]string{
		"[go, version]":                 {"checkout"},
		"[go, version]\n  replicas: 1":  {"checkout"},
		"[go, version]\n  replicas: 2":  {"checkout-1", "checkout-2"},
		"[go, version]\n  folder: some": {"checkout"},
	} {
		shop, err := parse([]byte(strings.Replace(smallest, "[go, version]", old, 1)))
		require.NoError(t, err)
		require.Equal(t, names, shop.ProcessNames())
	}
}

func TestAStoryNamesAProcess(t *testing.T) {
	kill := func(process string) error {
		_, err := parse([]byte(several(twoProcesses, "stories:\n  - id: own\n    plot: Ana buys.\n    injections: [\"Capture #1 answered: kill "+process+", for 2s\"]\n")))
		return err
	}
	for _, process := range []string{"checkout", "web", "worker-1", "worker-2"} {
		require.NoError(t, kill(process))
	}
	require.ErrorContains(t, kill("worker"), "there is no process \"worker\": there is “checkout”, “web”, “worker-1”, “worker-2”")
}

func TestAWrongProcessIsToldWithItsRemedy(t *testing.T) {
	const web = "  web: {command: [go, version], serves: true}\n"
	for text, want := range map[string]string{
		several("  web: {command: [go, version]}\n", ""):                                    "shop.yaml:4:1: processes: say serves: true of the process that listens at ${service.port}",
		several(web+"  api: {command: [go, env], serves: true}\n", ""):                      "shop.yaml:6:37: processes.api.serves: one process serves, and these say so: web, api; where they are alike, say replicas: 2 of one",
		several(web+"  worker: {command: [go, env], ready: {get: /health}}\n", ""):          "only the process that serves can be asked: say ready: {line: …} with what this one prints, or leave it out",
		several(web+"  checkout: {command: [go, env]}\n", ""):                               "checkout is a name of the harness: give the process another one, such as web",
		several(web+"  w: {command: [go, env], replicas: 2}\n  w-2: {command: [go]}\n", ""): "two processes are called w-2: give one of them another name",
		several(web+"  Worker: {command: [go, env]}\n", ""):                                 "each process has a name of up to 20 small letters, digits and hyphens, such as worker: {command: [node, worker.js]}",
		strings.Replace(smallest, "service:\n  command: [go, version]\n", "", 1):            "it lacks service",
		several("", ""):                   "shop.yaml:4:11: processes: each process has a name",
		several(web+"  worker: {}\n", ""): "processes.worker: it lacks command",
		several(web+"  worker: {command: [go, \"${service.ports}\"]}\n", ""):                 "processes.worker.command.1: nothing is known as ${service.ports}",
		several(web+"  worker: {command: [go, env], environment: {URL: http://a.no}}\n", ""): "processes.worker.environment.URL: \"a.no\" is another machine",
		strings.Replace(several(web, ""), "service: {", "service: {command: [go, env], ", 1): "service.command: say this of one of the processes: where there are several, service is what all of them have",
		strings.Replace(smallest, "[go, version]", "[go, version]\n  replicas: 0", 1):        "replicas",
		strings.Replace(several(web, ""), "processes:\n"+web, "processes: [web]\n", 1):       "shop.yaml:4:1: processes: each process has a name",
	} {
		_, err := parse([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

// What the guide makes of a compose file can be staged.
func TestTheGuidesProcessesAreValid(t *testing.T) {
	text, err := os.ReadFile("../../docs/your-own-checkout.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(text), "becomes\n\n```yaml\n")
	require.True(t, found)
	block, _, _ := strings.Cut(after, "```")
	shop, err := parse([]byte(strings.Replace(smallest, "service:\n  command: [go, version]\n", block, 1)))
	require.NoError(t, err)
	require.Equal(t, []string{"web", "worker-1", "worker-2"}, shop.ProcessNames())
}

// A service that runs already is set up by hand, with what each provider's account has.
func TestTheGuideHasEveryAccount(t *testing.T) {
	text, err := os.ReadFile("../../docs/your-own-checkout.md")
	require.NoError(t, err)
	for name, kind := range fakes.Providers().Kinds {
		require.NotEmpty(t, kind.Account, name)
		for _, f := range kind.Account {
			require.Contains(t, string(text), "| `"+f.Preset+"` |", name+"'s "+f.Name)
		}
	}
}
