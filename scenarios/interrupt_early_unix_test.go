//go:build unix

package scenarios_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/wire/postgres"
)

// Before any story a database is made, which takes seconds. An interruption then leaves
// nothing of it.
func TestCtrlCWhileTheDatabaseIsMadeLeavesNothing(t *testing.T) {
	if _, err := postgres.Find(); err != nil && os.Getenv("CI") != "true" {
		t.Skip("no PostgreSQL: ", err)
	}
	report := t.TempDir()
	scratch, err := os.MkdirTemp("", "interrupted-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(scratch)) })
	require.NoError(t, os.Chmod(scratch, 0o711)) // the database has a user of its own, who passes through
	suite := begins(t, report, []string{"UNHAPPY_WORLD=wire", "UNHAPPY_DB=postgres", "TMPDIR=" + scratch})
	files := func(folder, pattern string) []string {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		require.NoError(t, err)
		return found
	}
	gomega.NewWithT(t).Eventually(func() []string { return files(scratch, "unhappy-postgres-*/password") }, time.Minute).ShouldNot(gomega.BeEmpty(), suite.out.String)
	require.NoError(t, suite.signal(os.Interrupt))
	require.Equal(t, 3, suite.ends(t), "nobody knows of the shop")
	require.Contains(t, suite.out.String(), "interrupted while PostgreSQL was started: nothing was staged")
	require.Empty(t, files(scratch, "unhappy-*"), "no cluster is left")
	require.Empty(t, files(report, "*"), "no record is left")
}
