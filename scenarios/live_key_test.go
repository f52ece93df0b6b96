package scenarios_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A shop that holds a live key, wherever it has it from, is stopped at the first request
// that carries it. That is no finding: the suite was called wrongly.
func TestALiveKeyOnTheWireStopsTheRun(t *testing.T) {
	t.Parallel()
	path := altered(t, "node", "naive")
	client := filepath.Join(filepath.Dir(path), "partners.js")
	text, err := os.ReadFile(client)
	require.NoError(t, err)
	const header = "...account, Authorization"
	require.Contains(t, string(text), header)
	live := strings.Replace(string(text), header, "...account, 'X-Key': 'sk_' + 'live_0123456789abcdef', Authorization", 1)
	require.NoError(t, os.WriteFile(client, []byte(live), 0o600))

	output, code, _ := run(t, []string{"UNHAPPY_TARGET=" + path}, "-test.run=^(TestScenarios|TestExploration)$")
	require.Equal(t, 2, code, output)
	require.Contains(t, output, "carries a live key (sk_live_… in the header X-Key), with which real money is moved")
	require.Contains(t, output, "CALLED WRONGLY: a live key was refused: ")
	require.NotContains(t, output, "nobody could buy")
	require.NotContains(t, output, "0123456789abcdef")
	require.Equal(t, 1, strings.Count(output, " plain-purchase ("), "nothing else is staged: %s", output)
}
