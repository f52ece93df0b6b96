package scenarios_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/record"
)

// onTheWall describes a shop whose clock is the wall's. It ends as soon as it is
// started, so that anyone who tries it says so at once.
const onTheWall = `version: 1
name: A shop that does not start
service: {command: ["false"]}
money: {amount: 49900, currency: NOK}
customer:
  open: [{get: "/cart/${basket}"}]
  submit: {post: "/cart/${basket}/buy"}
  timeout: 45s
  screens: [{status: 200, says: shipped}]
`

// shopOnTheWall is the setting that names such a shop, with a file among its
// regressions.
func shopOnTheWall(t *testing.T, regression string) string {
	t.Helper()
	folder := t.TempDir()
	kept := filepath.Join(folder, "unhappypath", "regressions")
	require.NoError(t, os.MkdirAll(kept, 0o755))
	if regression != "" {
		require.NoError(t, os.WriteFile(filepath.Join(kept, "one.json"), []byte(regression), 0o600))
	}
	path := filepath.Join(folder, "shop.yaml")
	require.NoError(t, os.WriteFile(path, []byte(onTheWall), 0o600))
	return "UNHAPPY_TARGET=" + path
}

// On the wall's clock a suite stages the cases and explores nothing, unless it is
// asked to: what is asked for is tried, here in a shop that does not start.
func TestOnTheWallClockWhatIsAskedForIsDone(t *testing.T) {
	injections := injection.Schedule{injection.OnHopOf(observe.GetPayment).Down()}
	token := record.Replay{Story: "plain-purchase", Seed: 1, Injections: injections}
	const kept = `{"version":1,"story":"plain-purchase","seed":1,"strikes":["checkout>provider: down"]}`
	explores, another := "-test.run=^TestExploration$", "-ginkgo.focus=customer-3-double-click"
	for name, row := range map[string]struct {
		settings   []string
		flag       string
		regression string
		says       string
	}{
		"an exploration":       {[]string{"UNHAPPY_BUDGET=20s"}, explores, "", "UNPROVEN: nobody could buy: the shop could not be started: the shop ended"},
		"one of a story":       {[]string{"UNHAPPY_BUDGET=20s", "UNHAPPY_REPLAY=two-tabs"}, explores, "", "UNPROVEN: nobody could buy"},
		"a story":              {[]string{"UNHAPPY_REPLAY=plain-purchase"}, "-ginkgo.v", "", "UNFINISHED plain-purchase"},
		"a token":              {[]string{"UNHAPPY_REPLAY=" + token.String()}, "-ginkgo.v", "", "UNFINISHED plain-purchase"},
		"a regression":         {nil, another, kept, "UNPROVEN: nobody could buy"},
		"a damaged regression": {nil, another, "{", "one.json: this is no regression"},
	} {
		t.Run(name, func(t *testing.T) {
			output, code, _ := run(t, append(row.settings, shopOnTheWall(t, row.regression)), row.flag)
			require.Equal(t, 1, code, output)
			require.Contains(t, output, row.says)
			require.NotContains(t, output, "no story was staged")
		})
	}
}

func TestToExploreNoStoryIsRed(t *testing.T) {
	output, code, _ := run(t, []string{"UNHAPPY_BUDGET=20s", "UNHAPPY_REPLAY=webhook-a-day-late", shopOnTheWall(t, "")}, "-test.run=^TestExploration$")
	require.Equal(t, 1, code, output)
	require.Contains(t, output, "nothing was explored, for no story can be: it takes hours")
}
