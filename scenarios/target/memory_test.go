package target_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// “go test” answers from memory where nothing has changed that it knows of: so it
// must know of the settings, and must not try where a shop's own code matters.
func TestGoTestDoesNotAnswerFromMemoryWhereItCannotKnow(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the suite")
	}
	suite := func(settings ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "go", "test", "-run", "^TestScenarios$", "../")
		cmd.Env = append(os.Environ(), append(settings,
			"UNHAPPY_WORLD=virtual", "UNHAPPY_REPLAY=customer-3-double-click")...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	report := "UNHAPPY_REPORT=" + filepath.Join(t.TempDir(), "report")
	for range 2 {
		out, err := suite(report)
		require.NoError(t, err, out)
	}
	out, err := suite(report, "UNHAPPY_WITHOUT=one-payment")
	require.Error(t, err, out)
	require.Contains(t, out, "was charged TWICE")

	shop, err := filepath.Abs("../testdata/targets/go/mended.yaml")
	require.NoError(t, err)
	out, err = suite("UNHAPPY_TARGET=" + shop)
	require.Error(t, err)
	require.Contains(t, out, "add -count=1")
}
