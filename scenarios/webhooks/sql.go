package webhooks

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// statementForm is what reads and does not write.
var statementForm = regexp.MustCompile(`(?is)^\s*(select|with)\s[^;]*;?\s*$`)

// checkSQL says what is wrong with a count that a database is asked for, or "".
func (c Count) checkSQL() (says, key string) {
	switch {
	case !statementForm.MatchString(c.Query):
		return "a query is one statement that reads: SELECT count(*) FROM credits WHERE order_id = ${reference}", "query"
	case strings.Contains(c.Query, "'${") || strings.Contains(c.Query, `"${`):
		return "${…} is bound as a text: write it without quotes", "query"
	case c.Postgres != "":
		config, err := pgx.ParseConfig(c.Postgres)
		if err != nil {
			return "invalid address of a database: want postgres://user:password@127.0.0.1:5432/shop", "postgres"
		}
		if host := config.Host; host != "127.0.0.1" && host != "localhost" && host != "::1" && !strings.HasPrefix(host, "/") {
			return fmt.Sprintf("%q is another machine: a handler is tested on this machine only", host), "postgres"
		}
	}
	return "", ""
}

// database is one that a count asks, in which nothing can be written.
func (c *counter) database(how Count) (*sql.DB, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := how.Postgres + how.SQLite
	if db, open := c.databases[name]; open {
		return db, nil
	}
	var db *sql.DB
	if how.Postgres != "" {
		config, err := pgx.ParseConfig(how.Postgres)
		if err != nil {
			return nil, errors.New("invalid address of a database")
		}
		config.RuntimeParams["default_transaction_read_only"] = "on"
		db = stdlib.OpenDB(*config)
	} else {
		path := fill(how.SQLite, c.service, plain)
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.d.folder, path)
		}
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("the database %s: %w", how.SQLite, errors.Unwrap(err))
		}
		file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(1)"}
		var err error
		if db, err = sql.Open("sqlite", file.String()); err != nil {
			return nil, err
		}
	}
	db.SetMaxOpenConns(4)
	if c.databases == nil {
		c.databases = map[string]*sql.DB{}
	}
	c.databases[name] = db
	return db, nil
}

// ask asks a database. What the query names is bound, never part of its text.
func (c *counter) ask(ctx context.Context, how Count, facts map[string]string) (int, error) {
	db, err := c.database(how)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil // the handler has not begun it
	}
	if err != nil {
		return 0, err
	}
	var bound []any
	query := described.Placeholder.ReplaceAllStringFunc(how.Query, func(found string) string {
		bound = append(bound, facts[found[2:len(found)-1]])
		if how.Postgres != "" {
			return fmt.Sprintf("$%d", len(bound))
		}
		return fmt.Sprintf("?%d", len(bound))
	})
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	n, err := one(ctx, db, strings.TrimRight(query, "; \n\t"), bound)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return 0, fmt.Errorf("the query gave no number within %s: let it be quick", answerWithin)
	}
	if err != nil {
		return 0, fmt.Errorf("the query: %w", err)
	}
	return n, nil
}

// one is the only number that a query gives; none, or NULL as of a sum of nothing: 0.
func one(ctx context.Context, db *sql.DB, query string, bound []any) (n int, err error) {
	rows, err := db.QueryContext(ctx, query, bound...)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	if len(columns) != 1 {
		return 0, fmt.Errorf("it has %d columns: want one number, such as SELECT count(*)", len(columns))
	}
	if !rows.Next() {
		return 0, rows.Err()
	}
	var value sql.NullString
	if err := rows.Scan(&value); err != nil {
		return 0, err
	}
	if rows.Next() {
		return 0, errors.New("it gave several rows: want one number, such as SELECT count(*)")
	}
	if !value.Valid {
		return 0, rows.Err()
	}
	if n, err = whole(value.String, "its value"); err != nil {
		return 0, err
	}
	return n, rows.Err()
}
