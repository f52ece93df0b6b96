#!/usr/bin/env bash
# A statement's time ran out: has it been done?
#
# Shown: the time-outs of pg (`query_timeout`), mysql2 (`timeout`) and a Go context on
# go-sql-driver/mysql only stop *waiting*: the server goes on and keeps the row. A context on pgx
# and lib/pq asks the server to stop, and so does PostgreSQL's own statement_timeout.
# Versions: pg 8.23.1, mysql2 3.24.6 (Node), go-sql-driver/mysql 1.10.1, pgx 5.13.0, lib/pq 1.12.3,
# PostgreSQL 15 and MariaDB 10.11 from Debian.
# Why a checkout cares: "the insert timed out, so the order does not exist" stores it twice, or
# refunds a payment whose order appears a second later.
# Instead: a time-out is *unknown*: read the row back by its key (after the statement must be over)
# and use server-side limits (statement_timeout, MariaDB's max_statement_time).
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "one rule for all drivers: a statement that timed out was either stopped everywhere or nowhere"
start_postgres
start_mariadb
npm_install pg@8.23.1 mysql2@3.24.6
go_install github.com/go-sql-driver/mysql@v1.10.1 github.com/jackc/pgx/v5@v5.13.0 github.com/lib/pq@v1.12.3

cat >"$work/node.js" <<'END'
// An INSERT that takes one second, given 0.3 s; then a look at the rows after it must be over.
const pg = require('pg');
const mysql = require('mysql2/promise');
const after = () => new Promise((done) => setTimeout(done, 1500));
const tell = (name, error, rows) => console.log(`${name}: ${error ? 'an error' : 'no error'}, rows kept: ${rows}`);
const failed = (call) => call.then(() => false, () => true);
(async () => {
  const postgres = { host: '127.0.0.1', port: +process.env.POSTGRES_PORT, user: 'shop', database: 'shop' };
  const books = new pg.Client(postgres);
  await books.connect();
  await books.query('CREATE TABLE orders (who TEXT)');
  for (const option of ['query_timeout', 'statement_timeout']) {
    const client = new pg.Client({ ...postgres, [option]: 300 });
    await client.connect();
    const error = await failed(client.query(`INSERT INTO orders SELECT '${option}' FROM pg_sleep(1)`));
    await after();
    tell(`pg, ${option}`, error, (await books.query('SELECT FROM orders WHERE who = $1', [option])).rowCount);
  }
  const shop = { host: '127.0.0.1', port: process.env.MARIADB_PORT, user: 'root', database: 'shop' };
  const ledger = await mysql.createConnection(shop), client = await mysql.createConnection(shop);
  await ledger.query('CREATE TABLE orders (who TEXT)');
  const error = await failed(client.query({ sql: "INSERT INTO orders SELECT 'node' FROM (SELECT SLEEP(1)) AS s", timeout: 300 }));
  await after();
  tell('mysql2, timeout', error, (await ledger.query("SELECT * FROM orders WHERE who = 'node'"))[0].length);
  process.exit();
})();
END
cat >"$work/main.go" <<'END'
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
)

func main() {
	postgres := "postgres://shop@127.0.0.1:" + os.Getenv("POSTGRES_PORT") + "/shop?sslmode=disable"
	maria := "root@tcp(127.0.0.1:" + os.Getenv("MARIADB_PORT") + ")/shop"
	for _, c := range [][3]string{
		{"mysql", maria, "INSERT INTO orders SELECT 'mysql' FROM (SELECT SLEEP(1)) AS s"},
		{"pgx", postgres, "INSERT INTO orders SELECT 'pgx' FROM pg_sleep(1)"},
		{"postgres", postgres, "INSERT INTO orders SELECT 'postgres' FROM pg_sleep(1)"},
	} {
		db, err := sql.Open(c[0], c[1])
		if err == nil { err = db.Ping() }
		if err != nil { panic(err) }
		ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
		_, err = db.ExecContext(ctx, c[2])
		stop()
		time.Sleep(1500 * time.Millisecond)
		var rows int
		db.QueryRow("SELECT COUNT(*) FROM orders WHERE who = '" + c[0] + "'").Scan(&rows)
		fmt.Printf("Go %s, context: %s, rows kept: %d\n", c[0], map[bool]string{true: "an error", false: "no error"}[err != nil], rows)
	}
}
END
node "$work/node.js" >"$work/seen"
run_go main.go >>"$work/seen"
behaves <<'END'
pg, query_timeout: an error, rows kept: 1
pg, statement_timeout: an error, rows kept: 0
mysql2, timeout: an error, rows kept: 1
Go mysql, context: an error, rows kept: 1
Go pgx, context: an error, rows kept: 0
Go postgres, context: an error, rows kept: 0
END
