package scenarios_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// altered is a sample's description with some words replaced, beside its shop.
func altered(t *testing.T, language, kind string, words ...string) string {
	t.Helper()
	if _, err := exec.LookPath(language); err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "targets", language))))
	path := filepath.Join(folder, kind+".yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 0; i < len(words); i += 2 {
		require.Contains(t, string(text), words[i])
	}
	require.NoError(t, os.WriteFile(path, []byte(strings.NewReplacer(words...).Replace(string(text))), 0o600))
	return path
}

// Where nobody can buy, no story proves anything: one sentence says why.
func TestNobodyCanBuy(t *testing.T) {
	for name, c := range map[string]struct {
		words []string
		says  string
		runs  int
	}{
		"a wrong secret": {
			[]string{"${payments.client_secret}", "wrong", "clock: 5", "clock: 100"},
			"nobody could buy: the provider refused POST /accesstoken/get with 401", 3,
		},
		"a shop that cannot start": {
			[]string{"naive.js", "missing.js"},
			"nobody could buy: the wire world could not be built: the shop ended before it listened", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			output, code, report := run(t, []string{"UNHAPPY_TARGET=" + altered(t, "node", "naive", c.words...)},
				"-test.run=^(TestScenarios|TestExploration)$", "-ginkgo.label-filter=!target")
			require.Equal(t, 1, code, output)
			require.Contains(t, output, "UNPROVEN: "+c.says)
			require.Equal(t, 1, strings.Count(output, "nobody could buy"), "it is told once: %s", output)
			require.Equal(t, c.runs, strings.Count(output, " plain-purchase ("), output)
			require.NotContains(t, output, "customer-1")
			require.FileExists(t, filepath.Join(report, "report.html"))
		})
	}
}
