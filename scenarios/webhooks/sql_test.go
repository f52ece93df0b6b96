package webhooks

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/wire/postgres"
)

func TestADatabaseIsAsked(t *testing.T) {
	folder := t.TempDir()
	c := newCounter(&Description{folder: folder}, map[string]string{"service.data": folder})
	defer c.close()
	ctx, facts := context.Background(), map[string]string{"reference": "it's ours"}
	how := Count{SQLite: "${service.data}/a b.db", Query: "SELECT count(*) FROM credits WHERE reference = ${reference};"}
	require.Equal(t, "", first(how.checkSQL()))
	n, err := c.one(ctx, how, facts, nil)
	require.NoError(t, err)
	require.Zero(t, n, "the handler has not begun it")

	db, err := sql.Open("sqlite", filepath.Join(folder, "a b.db"))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE credits (reference TEXT); INSERT INTO credits VALUES ('it''s ours'), ('it''s ours'), ('another')")
	require.NoError(t, err)
	n, err = c.one(ctx, how, facts, nil)
	require.NoError(t, err)
	require.Equal(t, 2, n)

	// What the check lets pass cannot write either.
	how.Query = "WITH x AS (SELECT 1) DELETE FROM credits WHERE reference = ${reference}"
	_, err = c.one(ctx, how, facts, nil)
	require.ErrorContains(t, err, "readonly")
	n, err = c.one(ctx, Count{SQLite: how.SQLite, Query: "SELECT count(*) FROM credits"}, facts, nil)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	_, err = c.one(ctx, Count{SQLite: how.SQLite, Query: "SELECT count(*) FROM sung"}, facts, nil)
	require.ErrorContains(t, err, "no such table: sung")
}

// A query gives one whole number, none, or NULL; anything else is told with what to write.
func TestAQueryGivesOneNumber(t *testing.T) {
	c := newCounter(&Description{folder: t.TempDir()}, nil)
	defer c.close()
	db, err := sql.Open("sqlite", filepath.Join(c.d.folder, "shop.db"))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE refunds (amount REAL, text TEXT); INSERT INTO refunds VALUES (500000, char(27) || '[2J'), (500000, '<b>')")
	require.NoError(t, err)
	for query, says := range map[string]string{
		"SELECT amount FROM refunds":                            "the query: it gave several rows: want one number, such as SELECT count(*)",
		"SELECT amount, text FROM refunds":                      "the query: it has 2 columns: want one number",
		"SELECT text FROM refunds LIMIT 1":                      `the query: its value is "\x1b[2J": want a whole number`,
		"SELECT 0.5":                                            `its value is "0.5", no whole number`,
		"SELECT 9223372036854775807":                            "too large for a count",
		"SELECT sum(amount) FROM refunds":                       "1000000",
		"SELECT sum(amount) FROM refunds WHERE text = 'nobody'": "0",
		"SELECT amount FROM refunds WHERE text = 'nobody'":      "0",
	} {
		n, err := c.one(context.Background(), Count{SQLite: "shop.db", Query: query}, nil, nil)
		if err != nil {
			require.ErrorContains(t, err, says, query)
			continue
		}
		require.Equal(t, says, fmt.Sprint(n), query)
	}
}

// A query that takes for ever does not hold up the run.
func TestAQueryMayBeTooLate(t *testing.T) {
	c := newCounter(&Description{folder: t.TempDir()}, nil)
	defer c.close()
	require.NoError(t, os.WriteFile(filepath.Join(c.d.folder, "shop.db"), nil, 0o644))
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := c.one(ctx, Count{SQLite: "shop.db", Query: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n"}, nil, nil)
	require.ErrorContains(t, err, "the query gave no number within 10s: let it be quick")
}

func first(says, _ string) string { return says }

func TestAPostgreSQLDatabaseIsAsked(t *testing.T) {
	if _, err := postgres.Find(); err != nil {
		t.Skip(err)
	}
	server, err := postgres.Start(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Close()) }()
	address, err := server.NewDatabase(t.Context())
	require.NoError(t, err)
	c := newCounter(&Description{}, nil)
	defer c.close()
	how := Count{Postgres: address, Query: "SELECT count(*) FROM (VALUES ('r-1'), ('r-2')) AS v(reference) WHERE reference = ${reference}"}
	n, err := c.one(context.Background(), how, map[string]string{"reference": "r-1"}, nil)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, "", first(how.checkSQL()))
	how.Query = "WITH x AS (DELETE FROM pg_description WHERE false RETURNING 1) SELECT count(*) FROM x WHERE '' <> ${reference}"
	_, err = c.one(context.Background(), how, map[string]string{"reference": "r-1"}, nil)
	require.ErrorContains(t, err, "read-only transaction")
}

func TestAWrongQueryIsRefused(t *testing.T) {
	for says, c := range map[string]Count{
		"one statement that reads":  {SQLite: "a", Query: "DELETE FROM credits"},
		"a query is one statement":  {SQLite: "a", Query: "SELECT 1; DELETE FROM credits"},
		"without quotes":            {SQLite: "a", Query: "SELECT count(*) FROM a WHERE b = '${reference}'"},
		"is another machine":        {Postgres: "postgres://u:p@shop.example/x", Query: "SELECT 1"},
		"invalid address of a data": {Postgres: "postgres://u:p@127.0.0.1:x/x", Query: "SELECT 1"},
	} {
		require.Contains(t, first(c.checkSQL()), says)
	}
}
