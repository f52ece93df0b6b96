package webhooks

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

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
