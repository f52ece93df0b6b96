package checkout

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Dialect is the database engine. One SQL text serves both; they differ in how
// a worker claims work.
type Dialect string

const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// skipLocked keeps PostgreSQL's workers from queueing for one row. SQLite has
// one writer at a time anyway.
func (d Dialect) skipLocked() string {
	if d == PostgreSQL {
		return "FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// OpenSQLite opens a database file for one process that survives the loss of
// power. A single connection is one queue for all writers, and keeps them from
// failing with "database is locked".
func OpenSQLite(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+uriPath(path)+"?_txlock=immediate&_pragma=journal_mode(WAL)"+
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, fmt.Errorf("open the SQLite database %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// uriPath writes a file path so that none of it is taken for a parameter.
func uriPath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23", `\`, "/").Replace(path)
}

// OpenPostgres opens a bounded pool of connections, none of them before it is
// needed.
func OpenPostgres(url string) (*sql.DB, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, fmt.Errorf("open the PostgreSQL database: %w", err)
	}
	const atOnce = 16 // a server has 100 for everybody, by default
	db.SetMaxOpenConns(atOnce)
	db.SetMaxIdleConns(atOnce) // a new connection costs more than a purchase
	return db, nil
}

// tables holds what the shop knows. Times are nanoseconds since 1970, given by
// the service: the database's clock is never asked.
//
// An effect is one thing to be done in the outside world, once. Its key and its
// request are frozen when it is decided on, in the transaction that decides.
var tables = []string{`
CREATE TABLE IF NOT EXISTS baskets (
	id         TEXT PRIMARY KEY,
	quantity   BIGINT NOT NULL,
	order_id   TEXT NOT NULL,    -- minted at the first look at the basket; '' before it
	minted     BIGINT NOT NULL,  -- how many ids were
	touched_ns BIGINT NOT NULL)`, `
CREATE TABLE IF NOT EXISTS orders (
	id         TEXT PRIMARY KEY,
	basket     TEXT NOT NULL REFERENCES baskets (id),
	req_hash   TEXT NOT NULL,
	amount     BIGINT NOT NULL,
	currency   TEXT NOT NULL,
	state      TEXT NOT NULL,
	reason     TEXT NOT NULL,    -- of the last failure, for the shop's people
	created_ns BIGINT NOT NULL,
	updated_ns BIGINT NOT NULL)`, `
CREATE TABLE IF NOT EXISTS effects (
	idem_key   TEXT PRIMARY KEY,
	order_id   TEXT NOT NULL REFERENCES orders (id),
	kind       TEXT NOT NULL,
	epoch      BIGINT NOT NULL,
	reference  TEXT NOT NULL,    -- the provider's name for the payment
	request    TEXT NOT NULL,
	result     TEXT NOT NULL,    -- 'created' once the provider said so; in the end, why
	state      TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
	attempts   BIGINT NOT NULL,  -- runs begun, counted before they begin
	writes     BIGINT NOT NULL,  -- runs that asked for the effect, not only after it
	misses     BIGINT NOT NULL,  -- unknown outcomes in a row
	troubled   BIGINT NOT NULL,  -- 1 after the first of them
	next_ns    BIGINT NOT NULL,
	hint_ns    BIGINT NOT NULL,  -- a webhook has said to look again
	lease_ns   BIGINT NOT NULL,  -- until then it belongs to the worker that claimed it
	created_ns BIGINT NOT NULL,
	UNIQUE (order_id, kind, epoch))`, `
CREATE INDEX IF NOT EXISTS effects_due ON effects (next_ns) WHERE state = 'pending'`, `
CREATE INDEX IF NOT EXISTS effects_reference ON effects (reference)`, `
CREATE INDEX IF NOT EXISTS orders_basket ON orders (basket)`, `
CREATE TABLE IF NOT EXISTS inbox (
	source      TEXT NOT NULL,
	event_id    TEXT NOT NULL,
	reference   TEXT NOT NULL,
	body        TEXT NOT NULL,
	received_ns BIGINT NOT NULL,
	PRIMARY KEY (source, event_id))`}

// guards are the indexes that make a safeguard hold even against a mistake in
// the code. Without the safeguard its guards are not there.
var guards = []struct{ safeguard, name, definition string }{
	{oneOrderPerBasket, "orders_one_live", `ON orders (basket)
		WHERE state NOT IN ('COMPLETED', 'DECLINED', 'CANCELLED', 'REFUNDED')`},
	{onePayment, "effects_one_live", `ON effects (order_id) WHERE state = 'pending'`},
	{onePayment, "effects_one_payment", `ON effects (order_id, kind)
		WHERE state = 'done' AND kind IN ('authorize', 'capture', 'void', 'refund')`},
	{shipOnce, "effects_one_parcel", `ON effects (order_id) WHERE state <> 'failed' AND kind = 'ship'`},
}

// createSchema makes what is not there yet. A database that has the schema
// already is only read: PostgreSQL locks a table against writers even to find
// out that its index exists, and other processes may be at work.
func createSchema(ctx context.Context, db *sql.DB, dialect Dialect, cfg Config) error {
	statements := slices.Clone(tables)
	for _, g := range guards {
		if cfg.Has(g.safeguard) {
			statements = append(statements, "CREATE UNIQUE INDEX IF NOT EXISTS "+g.name+" "+g.definition)
		} else {
			statements = append(statements, "DROP INDEX IF EXISTS "+g.name)
		}
	}
	if providers()[cfg.Payments].tellsLater {
		statements = append(statements, "CREATE INDEX IF NOT EXISTS inbox_reference ON inbox (reference)")
	}
	wanted := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(statements, ";"))))
	isThere := func(q querier) bool {
		var fingerprint string
		// An error means that there is no schema, or it comes back below.
		err := q.QueryRowContext(ctx, "SELECT fingerprint FROM checkout_schema").Scan(&fingerprint)
		return err == nil && fingerprint == wanted
	}
	if isThere(db) {
		return nil
	}
	return inTx(ctx, db, func(tx *sql.Tx) error {
		if dialect == PostgreSQL { // anyone who starts at the same time waits here
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7041776)"); err != nil {
				return fmt.Errorf("wait for the right to create the schema: %w", err)
			}
		}
		_, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS checkout_schema (fingerprint TEXT NOT NULL)")
		if err != nil || isThere(tx) {
			return err
		}
		for _, statement := range append(statements, "DELETE FROM checkout_schema") {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("create the schema: %w", err)
			}
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO checkout_schema VALUES ($1)", wanted)
		return err
	})
}

// inTx runs f in one transaction. f must not call anything remote.
func inTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer tx.Rollback() // no effect after the commit
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
