package scenarios_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A story of a description is a story of the suite: it is listed first, staged by its
// name on any clock, and known by its place.
func TestAShopsOwnStoriesAreTold(t *testing.T) {
	setting := shopOnTheWall(t, "")
	path := strings.TrimPrefix(setting, "UNHAPPY_TARGET=")
	describe := func(id string) {
		require.NoError(t, os.WriteFile(path, []byte(onTheWall+"stories:\n  - {id: "+id+", plot: The answer is lost., injections: [\"Capture #1 answered: close\"]}\n"), 0o600))
	}
	describe("capture-lost-here")
	output, code, _ := run(t, []string{setting, "UNHAPPY_SEED=7"}, "-ginkgo.dry-run", "-ginkgo.v")
	require.Zero(t, code, output)
	own := strings.Index(output, "capture-lost-here is kept by A shop that does not start")
	require.Positive(t, own)
	require.Less(t, own, strings.Index(output, "capture-answer-lost is kept"), output)

	output, code, _ = run(t, []string{setting, "UNHAPPY_REPLAY=capture-lost-here"})
	require.Equal(t, 1, code, output)
	require.Contains(t, output, "UNFINISHED capture-lost-here")

	describe("two-tabs")
	output, code, _ = run(t, []string{setting})
	require.Equal(t, 2, code, output)
	require.Contains(t, output, `two stories are called "two-tabs", at `)
	require.Contains(t, output, "and shop.yaml:11: give one")
}
