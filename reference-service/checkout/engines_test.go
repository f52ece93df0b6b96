package checkout

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/harness/wire/postgres"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if server != nil {
		server.Close()
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// onEveryEngine runs a test on a fresh database of each engine.
func onEveryEngine(t *testing.T, test func(*testing.T, *sql.DB, Dialect)) {
	t.Run("SQLite", func(t *testing.T) {
		db, err := OpenSQLite(t.TempDir() + "/a?b#c%d.db")
		require.NoError(t, err)
		defer db.Close()
		test(t, db, SQLite)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		db, err := OpenPostgres(newPostgres(t))
		require.NoError(t, err)
		defer db.Close()
		test(t, db, PostgreSQL)
	})
}

// newPostgres gives the URL of an empty database, or of an empty schema on the
// server that TEST_DATABASE_URL names.
func newPostgres(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("TEST_DATABASE_URL"); given != "" {
		return newSchema(t, given)
	}
	startServer.Do(func() { server, errServer = postgres.Start(context.Background()) })
	if errServer != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no PostgreSQL server, and CI must test on one: %v", errServer)
		}
		t.Skipf("no PostgreSQL server: %v; install one or set TEST_DATABASE_URL", errServer)
	}
	created, err := server.NewDatabase(t.Context())
	require.NoError(t, err)
	return created
}

// The one server of this run, started by the first test that needs it.
var (
	startServer sync.Once
	server      *postgres.Server
	errServer   error
)

func newSchema(t *testing.T, given string) string {
	t.Helper()
	name := "checkout_test_" + strings.ToLower(rand.Text()[:8])
	db, err := OpenPostgres(given)
	require.NoError(t, err)
	_, err = db.Exec("CREATE SCHEMA " + name)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.Exec("DROP SCHEMA " + name + " CASCADE")
		require.NoError(t, err)
		require.NoError(t, db.Close())
	})
	u, err := url.Parse(given)
	require.NoError(t, err)
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
	return u.String()
}
