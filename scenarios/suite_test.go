package scenarios_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/scenarios"
)

func TestMain(m *testing.M) {
	has := func(flag string) bool { // nothing is parsed yet
		return slices.ContainsFunc(os.Args, func(arg string) bool { return strings.HasPrefix(strings.TrimLeft(arg, "-"), flag) })
	}
	if os.Getenv("UNHAPPY_TARGET") != "" && !has("test.run") {
		// Anyone who tests a shop of his own does not want to test this suite.
		_ = flag.Set("test.run", "^(TestScenarios|TestExploration)$")
	}
	if has("test.short") && os.Getenv("UNHAPPY_TARGET") == "" && os.Getenv("UNHAPPY_WORLD") == "" {
		_ = os.Setenv("UNHAPPY_WORLD", "virtual") // no time passes there
	}
	scenarios.Main(m)
}

func TestScenarios(t *testing.T) { scenarios.RunStories(t) }

func TestExploration(t *testing.T) { scenarios.ExploreStories(t) }

// run runs this very suite once more, with settings of its own.
func run(t *testing.T, settings []string, flags ...string) (output string, code int, report string) {
	t.Helper()
	report = t.TempDir()
	suite := command(t, report, settings, flags...)
	var out bytes.Buffer
	suite.Stdout, suite.Stderr = &out, &out
	err := suite.Run()
	if err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return out.String(), suite.ProcessState.ExitCode(), report
}

func command(t *testing.T, report string, settings []string, flags ...string) *exec.Cmd {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs the suite once more: make test runs it")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	suite := exec.CommandContext(t.Context(), self, append([]string{"-test.run=^TestScenarios$", "-ginkgo.no-color"}, flags...)...)
	for _, pair := range os.Environ() {
		ours := strings.HasPrefix(pair, "UNHAPPY_") && !strings.HasPrefix(pair, "UNHAPPY_CLOCK=")
		if !ours && !strings.HasPrefix(pair, "GITHUB_") { // what is red on purpose is not this job's to tell
			suite.Env = append(suite.Env, pair)
		}
	}
	suite.Env = append(append(suite.Env, "UNHAPPY_REPORT="+report), settings...)
	return suite
}

// With the customer's safeguard off the suite is red, and its text tells a
// person what happened and how to see it again.
func TestWithoutItsSafeguardEachStoryIsRedInWords(t *testing.T) {
	t.Parallel()
	for story, want := range map[string]struct {
		without string
		words   []string
	}{
		lostConfirmation.ID: {"status-page", []string{
			"the screen never told her anything", "told-in-time"}},
		contractDrift.ID: {"tolerant-reader", []string{
			"the screen never told her anything", "told-in-time"}},
		chargedTwice.ID: {"order-identity", []string{
			"was charged TWICE (NOK 998.00 instead of NOK 499.00, NOK 499.00 too much)", "“shipped” after"}},
		doubleClick.ID: {"one-payment", []string{
			"was charged TWICE (NOK 998.00 instead of NOK 499.00, NOK 499.00 too much)", "“shipped” after"}},
		clickSilenceClick.ID: {"one-payment", []string{
			"was charged TWICE (NOK 998.00 instead of NOK 499.00, NOK 499.00 too much)", "“shipped” after"}},
	} {
		t.Run(story, func(t *testing.T) {
			output, code, report := run(t, []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_WITHOUT=" + want.without, "UNHAPPY_REPLAY=" + story})
			require.Equal(t, 1, code)
			replay := "UNHAPPY_WITHOUT=" + want.without + " UNHAPPY_REPLAY=" + story + " go test github.com/unhappypath/unhappypath/scenarios -count=1 -v -run '^TestScenarios$'"
			for _, words := range append(want.words, "BROKE — "+story, replay) {
				require.Contains(t, output, words)
			}
			for _, file := range []string{"report.html", "junit.xml", "runs.jsonl"} {
				require.FileExists(t, filepath.Join(report, file))
			}
		})
	}
}

func TestASettingThatIsNoneIsRefusedInOneLine(t *testing.T) {
	for setting, words := range map[string]string{
		"UNHAPPY_WORLD=mars":                            "valid: virtual, wire",
		"UNHAPPY_CLOCK=fast":                            "valid: wall, or a divisor from 1 to 1000",
		"UNHAPPY_SEED=x":                                "valid: a number",
		"UNHAPPY_DB=oracle":                             "valid: sqlite, postgres",
		"UNHAPPY_WITHOUT=luck":                          "there is no safeguard \"luck\"; valid: order-identity",
		"UNHAPPY_REPLAY=A Story":                        "valid: the id of a story",
		"UNHAPPY_ROUNDS=0":                              "valid: a number from 1 to 10000",
		"UNHAPPY_SOMETHING=1":                           "unknown setting UNHAPPY_SOMETHING: valid are UNHAPPY_BASELINE, UNHAPPY_BUDGET, UNHAPPY_CLOCK",
		"UNHAPPY_WITHOUT=one-payment,no":                "there is no safeguard \"no\"",
		"UNHAPPY_SPACE=planets":                         "valid: messages, machines, people",
		"UNHAPPY_SHARD=4/3":                             "valid: 1/1 to 1000/1000",
		"UNHAPPY_BUDGET=soon":                           "valid: a time such as 20s, or a number of schedules",
		"UNHAPPY_REPLAY=u1.eyJz":                        "a replay token has three parts",
		"UNHAPPY_REPLAY=u1.e30.00000000":                "this replay token is damaged",
		"UNHAPPY_REPLAY=" + onAHopThatIsNone().String(): `no hop "moon>earth": the shop has [customer>checkout`,
		"UNHAPPY_STRICT=yes":                            "UNHAPPY_STRICT=yes: \"yes\" is unknown; valid: 1",
		"UNHAPPY_BASELINE=no-such.jsonl":                "no such file or directory; valid: a record that an earlier staging left",
		"UNHAPPY_BASELINE=" + os.DevNull:                "it has no runs to compare with; valid: a record",
		"UNHAPPY_BASELINE=README.md":                    "record, line 1: no JSON line of a record",
		"UNHAPPY_WITHOUT=,":                             "UNHAPPY_WITHOUT=,: \",\" names nothing; valid: names of safeguards",
		"UNHAPPY_TARGET=/no/such.yaml":                  "UNHAPPY_TARGET=/no/such.yaml: open /no/such.yaml: no such file or directory; valid: a file that describes your checkout",
		"UNHAPPY_TARGET=shop.yaml":                      "UNHAPPY_TARGET=shop.yaml: there is no such file where this suite runs",
		"UNHAPPY_TARGET=" + os.TempDir():                "is a directory; valid: a file that describes your checkout",
		"UNHAPPY_REPORT=/dev/null/x":                    "UNHAPPY_REPORT=/dev/null/x: mkdir /dev/null: not a directory; valid: a folder",
	} {
		output, code, _ := run(t, []string{setting})
		require.Equal(t, 2, code, setting)
		require.Contains(t, output, words)
		require.Equal(t, 1, strings.Count(output, "\n"), "one line: %s", output)
	}
}

// onAHopThatIsNone is the token of a schedule that no world can stage.
func onAHopThatIsNone() record.Replay {
	return record.Replay{Story: "plain-purchase", Injections: injection.Schedule{{Hop: "moon>earth", Fault: fault.Fault{Kind: fault.Down}}}}
}

// A schedule may name a message that the story does not have: its injection never
// takes effect, which proves nothing.
func TestAReplayOfAMessageThatNeverComesIsRed(t *testing.T) {
	token := record.Replay{Story: "plain-purchase", Seed: 1, Injections: injection.Schedule{
		injection.OnPath(observe.ProviderHop, "POST", "/no/such/path").Nth(1).Closes(),
	}}.String()
	output, code, _ := run(t, []string{"UNHAPPY_WORLD=virtual", "UNHAPPY_REPLAY=" + token})
	require.Equal(t, 1, code)
	require.Contains(t, output, "UNPROVEN")
	require.Contains(t, output, "had no effect: no POST /no/such/path came on checkout>provider; what came: ")
}

func TestAFilterThatFitsNothingIsRed(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]struct{ settings, flags []string }{
		"label":  {nil, []string{"-ginkgo.label-filter=nothing-has-this-label"}},
		"replay": {[]string{"UNHAPPY_REPLAY=no-such-story"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			output, code, _ := run(t, how.settings, how.flags...)
			require.NotZero(t, code)
			require.Contains(t, output, "no story was staged")
		})
	}
}

// A story that is there and is not staged is red with the reason, not as if it
// were unknown.
func TestAStoryThatIsSkippedSaysWhyInRed(t *testing.T) {
	output, code, _ := run(t, []string{"UNHAPPY_WORLD=wire", "UNHAPPY_REPLAY=next-morning"})
	require.Equal(t, 1, code, output)
	require.Contains(t, output, "no story was staged: it takes hours: staged in virtual time only\n")
	require.NotContains(t, output, "dry-run")
}

// The line to paste lists the stories, and does nothing else.
func TestStoriesAreListedByTheLineThatSaysSo(t *testing.T) {
	t.Parallel()
	output, _, report := run(t, nil, "-ginkgo.label-filter=nothing-has-this-label")
	require.Contains(t, output, "go test github.com/unhappypath/unhappypath/scenarios -count=1 -v -run '^TestScenarios$' -ginkgo.dry-run -ginkgo.v")
	require.NoError(t, os.RemoveAll(report))
	output, code, report := run(t, []string{"UNHAPPY_TARGET="}, "-ginkgo.dry-run", "-ginkgo.v")
	require.Zero(t, code, output)
	for _, story := range []string{doubleClick.ID, chargedTwice.ID, "plain-purchase"} {
		require.Contains(t, output, story+" is kept in virtual time")
	}
	require.NotContains(t, output, "seed 1", "nothing is staged")
	left, err := os.ReadDir(report)
	require.NoError(t, err)
	require.Empty(t, left)
}

// A story that was copied with its id, where a test asks for it.
var _ = func() bool { return os.Getenv("COPIED") != "" && scenarios.Tell(doubleClick).ID != "" }()

func TestTwoStoriesOfOneIDAreRefused(t *testing.T) {
	output, code, report := run(t, []string{"COPIED=1", "UNHAPPY_WORLD=virtual", "UNHAPPY_REPLAY=" + doubleClick.ID})
	require.Equal(t, 2, code, output)
	require.Regexp(t, `^two stories are called "customer-3-double-click", at \S+_test\.go:\d+ and \S+_test\.go:\d+: give one`, output)
	require.Contains(t, output, "suite_test.go:")
	require.NoFileExists(t, filepath.Join(report, "report.html"))
}

// Stories that are told wrong, where a test asks for them.
var _ = func() (wrong []harness.Story) {
	for _, name := range strings.Fields(os.Getenv("TOLD_WRONG")) {
		s := doubleClick
		s.ID = "wrong-" + name
		switch name {
		case "safeguard":
			s.Complaint = judge.Without("one-paymnet")
		case "promise":
			s.Complaint = judge.Without("one-payment").Breaking("charged-onec")
		case "length":
			s.ID = strings.Repeat("wrong-", 10) + "length"
		}
		wrong = append(wrong, scenarios.Tell(s))
	}
	return wrong
}()

// What is wrong with a story is said at the start with its place, and nothing is
// staged.
func TestAStoryThatIsToldWrongIsRefused(t *testing.T) {
	for name, want := range map[string]string{
		"safeguard": `wrong-safeguard has a complaint without a safeguard that there is: there is no safeguard "one-paymnet"; valid: `,
		"promise":   `wrong-promise has a complaint that breaks "charged-onec", which is no promise: charged-once, `,
		"length":    `has 66 characters: want 43 at most`,
	} {
		output, code, report := run(t, []string{"TOLD_WRONG=" + name, "UNHAPPY_WORLD=virtual"})
		require.Equal(t, 2, code, output)
		require.Regexp(t, `^\S+suite_test\.go:\d+: story `, output)
		require.Contains(t, output, want)
		require.Equal(t, 1, strings.Count(output, "\n"), output)
		require.NoFileExists(t, filepath.Join(report, "report.html"))
	}
	output, _, _ := run(t, []string{"TOLD_WRONG=safeguard promise"})
	require.Equal(t, 2, strings.Count(output, "\n"), "a line for each: %s", output)
}

func TestTheSuiteSaysItsVersion(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	for _, flag := range []string{"--version", "-version"} {
		out, err := exec.CommandContext(t.Context(), self, flag).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Regexp(t, `(?m)^go +go1\.`, string(out))
	}
}

// One seed is one order, and another seed another: what is red by its order can be
// seen again.
func TestTheSeedIsTheSuitesOrder(t *testing.T) {
	t.Parallel()
	order := func(seed string, flags ...string) string {
		output, code, _ := run(t, []string{"UNHAPPY_SEED=" + seed}, append(flags, "-ginkgo.dry-run", "-ginkgo.v")...)
		require.Zero(t, code, output)
		return strings.Join(regexp.MustCompile(`(?m)^[a-z0-9-]+ (is kept|comes true).*$`).FindAllString(output, -1), "\n")
	}
	first := order("7")
	require.Contains(t, first, doubleClick.ID)
	require.Equal(t, first, order("7"))
	require.NotEqual(t, first, order("8"))
	require.Equal(t, first, order("8", "-ginkgo.seed=7"), "Ginkgo's own flag is stronger")
}
