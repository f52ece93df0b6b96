package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/record"
)

// What was found in virtual time is replayed there, whichever world is named
// first: on the wire, ten hours take six minutes.
func TestRegressionsAreReplayedWhereTheyWereFound(t *testing.T) {
	t.Parallel()
	for worlds, says := range map[string]string{
		"virtual":      "world: virtual, seed 1",
		"wire,virtual": "world: virtual, seed 1",
		"wire":         "not replayed: testdata/regressions/customer-1-contract-drift-",
	} {
		output, _, _ := run(t, []string{"UNHAPPY_WORLD=" + worlds}, "-ginkgo.label-filter=no-story")
		require.Contains(t, output, says, worlds)
	}
}

// A token is of virtual time, too; the wire has to be asked for, and leaves out
// what takes hours.
func TestATokenIsReplayedWhereItCanBe(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		worlds, story string
		code          int
		says          string
	}{
		"in virtual time":       {"wire,virtual", "next-morning", 0, "world: virtual"},
		"no case, on the wire":  {"wire", "plain-purchase", 0, "world: wire"},
		"not hours on the wire": {"wire", "next-morning", 1, "the schedule cannot be replayed here: it takes hours"},
	} {
		t.Run(name, func(t *testing.T) {
			token := record.Replay{Story: row.story, Seed: 1, Injections: injection.Schedule{
				injection.On(observe.BookParcel).Nth(1).Answers(503),
			}}
			output, code, _ := run(t, []string{"UNHAPPY_WORLD=" + row.worlds, "UNHAPPY_REPLAY=" + token.String()}, "-ginkgo.v")
			require.Equal(t, row.code, code, output)
			require.Contains(t, output, row.says)
		})
	}
}
