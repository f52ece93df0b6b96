#!/usr/bin/env bash
# A deadlock in the middle of a transaction, the statement tried again, COMMIT: half an order.
#
# Shown: MariaDB and MySQL roll the *whole* transaction back at a deadlock, and the connection is
# then outside any transaction. A statement that is tried again ("deadlock found; try restarting")
# runs by itself and is kept at once, and COMMIT succeeds although everything before the deadlock
# is gone. Go's sql.Tx does not notice either: Exec and Commit return nil.
# At a lock wait time-out it is the other way round: only the one statement is undone, and what
# came before is kept by a COMMIT that should not have been made.
# Versions: mysql2 3.24.6 (Node), go-sql-driver/mysql 1.10.1, MariaDB 10.11 from Debian.
# Why a checkout cares: the goods leave the stock, and the order that was paid is not there.
# Instead: after 1213 *and* 1205 roll back and run the whole transaction again, never a statement;
# then read the order back before the goods go.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "after an error inside a transaction, COMMIT keeps either all statements that succeeded or refuses"
start_mariadb
npm_install mysql2@3.24.6
go_install github.com/go-sql-driver/mysql@v1.10.1

cat >"$work/shop.go" <<'END'
package main

import (
	"database/sql"
	"fmt"
	"os"

	_ "github.com/go-sql-driver/mysql"
)

// Stores order 1 and takes goods 1 and 2 from the stock; a failed statement is tried once more.
func main() {
	db, _ := sql.Open("mysql", "root@tcp(127.0.0.1:"+os.Getenv("MARIADB_PORT")+")/shop?parseTime=true")
	tx, err := db.Begin()
	step := func(statement string) {
		if _, err = tx.Exec(statement); err != nil {
			fmt.Println("Go:", err.Error()[:10], "at", statement)
			_, err = tx.Exec(statement)
		}
	}
	step("INSERT INTO orders VALUES (1)")
	step("UPDATE stock SET n = n - 1 WHERE id = 1")
	fmt.Println("half")
	fmt.Scanln()
	step("UPDATE stock SET n = n - 1 WHERE id = 2")
	fmt.Println("Go: second try", err, "| COMMIT", tx.Commit())
}
END
(cd "$work" && go mod tidy 2>/dev/null && go build -o shop shop.go)

cat >"$work/race.js" <<'END'
const mysql = require('mysql2/promise');
const { spawn } = require('child_process');
const options = { host: '127.0.0.1', port: process.env.MARIADB_PORT, user: 'root', database: 'shop' };
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function node() {
  const db = await mysql.createConnection(options);
  const step = async (sql) => {
    try { await db.query(sql); } catch (error) {
      console.log(`mysql2: Error ${error.errno} at ${sql}`);
      await db.query(sql);
    }
  };
  await step('BEGIN');
  await step('INSERT INTO orders VALUES (1)');
  await step('UPDATE stock SET n = n - 1 WHERE id = 1');
  return async () => {
    await step('UPDATE stock SET n = n - 1 WHERE id = 2');
    await step('COMMIT');
    console.log('mysql2: COMMIT succeeded');
    db.destroy();
  };
}
async function go() {
  const shop = spawn('./shop', { cwd: __dirname });
  let half;
  const started = new Promise((done) => (half = done));
  const ended = new Promise((done) => shop.on('close', done));
  shop.stdout.on('data', (data) => `${data}`.split('\n').forEach((line) =>
    line === 'half' ? half() : line && console.log(line)));
  await started;
  return async () => { shop.stdin.write('\n'); await ended; };
}
(async () => {
  const books = await mysql.createConnection(options);
  for (const shop of [node, go]) {
    await books.query('CREATE OR REPLACE TABLE orders (id INT PRIMARY KEY)');
    await books.query('CREATE OR REPLACE TABLE stock (id INT PRIMARY KEY, n INT)');
    await books.query('INSERT INTO stock VALUES (1, 10), (2, 10)');
    const rest = await shop();
    const other = await mysql.createConnection(options); // does more, so the server spares it
    await other.query('BEGIN');
    await other.query('INSERT INTO orders VALUES (91), (92), (93), (94), (95)');
    await other.query('UPDATE stock SET n = n - 1 WHERE id = 2');
    const waits = other.query('UPDATE stock SET n = n - 1 WHERE id = 1');
    await pause(300);
    const ends = rest();
    await waits;
    await other.query('ROLLBACK');
    await ends;
    const [[{ orders }]] = await books.query('SELECT COUNT(*) AS orders FROM orders WHERE id = 1');
    const [stock] = await books.query('SELECT n FROM stock ORDER BY id');
    console.log(`kept: order 1 ${orders} times, stock ${stock.map((row) => row.n).join(' and ')} of 10 and 10`);
    other.destroy();
  }
  // The other error: a lock wait time-out undoes only the statement; COMMIT keeps the rest.
  const holder = await mysql.createConnection(options), shop = await mysql.createConnection(options);
  await holder.query('BEGIN');
  await holder.query('UPDATE stock SET n = n - 1 WHERE id = 2');
  await shop.query('SET innodb_lock_wait_timeout = 1');
  await shop.query('BEGIN');
  await shop.query('INSERT INTO orders VALUES (2)');
  await shop.query('UPDATE stock SET n = n - 1 WHERE id = 2').catch((error) => console.log(`mysql2: Error ${error.errno}`));
  await shop.query('COMMIT');
  const [[{ orders }]] = await books.query('SELECT COUNT(*) AS orders FROM orders WHERE id = 2');
  console.log(`kept: order 2 ${orders} times, nothing of the stock`);
  process.exit();
})();
END
timeout 60 node "$work/race.js" >"$work/seen"
behaves <<'END'
mysql2: Error 1213 at UPDATE stock SET n = n - 1 WHERE id = 2
mysql2: COMMIT succeeded
kept: order 1 0 times, stock 10 and 9 of 10 and 10
Go: Error 1213 at UPDATE stock SET n = n - 1 WHERE id = 2
Go: second try <nil> | COMMIT <nil>
kept: order 1 0 times, stock 10 and 9 of 10 and 10
mysql2: Error 1205
kept: order 2 1 times, nothing of the stock
END
