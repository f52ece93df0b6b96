#!/usr/bin/env bash
# INSERT … ON DUPLICATE KEY UPDATE id = id: "was it me who inserted?"
#
# Shown: mysql2 sets the protocol flag FOUND_ROWS by default, and under it the server counts an
# untouched existing row as 1. So affectedRows is 1 for the first delivery of an event *and* for
# each duplicate. The same statement through Go's driver gives 1, then 0. The other way round for
# UPDATE orders SET state = 'paid': repeated, mysql2 says 1 and Go says 0 ("no such order").
# Versions: mysql2 3.24.6 (Node), go-sql-driver/mysql 1.10.1, MariaDB 10.11 from Debian.
# Why a checkout cares: `if (affectedRows === 1) ship()` is the usual guard of a webhook's inbox;
# under mysql2 each duplicate ships again. In Go an idempotent repeat looks like a lost order.
# Instead: INSERT IGNORE (1, then 0 in both), or a plain INSERT and the error 1062; in mysql2
# `flags: '-FOUND_ROWS'`; in Go `clientFoundRows=true` where a repeated UPDATE must count.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "the driver does not decide whether a row counts: new is 1, duplicate is 0"
start_mariadb
npm_install mysql2@3.24.6
go_install github.com/go-sql-driver/mysql@v1.10.1

cat >"$work/statements.json" <<'END'
{"ON DUPLICATE KEY UPDATE": "INSERT INTO inbox VALUES ('evt_1', 'new') ON DUPLICATE KEY UPDATE id = id",
 "INSERT IGNORE": "INSERT IGNORE INTO inbox VALUES ('evt_2', 'new')",
 "UPDATE": "UPDATE inbox SET state = 'paid' WHERE id = 'evt_1'"}
END
cat >"$work/node.js" <<'END'
const mysql = require('mysql2/promise');
(async () => {
  const options = { host: '127.0.0.1', port: process.env.MARIADB_PORT, user: 'root', database: 'shop' };
  for (const [name, extra] of [['mysql2', {}], ['mysql2 with -FOUND_ROWS', { flags: '-FOUND_ROWS' }]]) {
    const db = await mysql.createConnection({ ...options, ...extra });
    await db.query('CREATE OR REPLACE TABLE inbox (id VARCHAR(64) PRIMARY KEY, state VARCHAR(20))');
    for (const [short, statement] of Object.entries(require('./statements.json'))) {
      const counts = [];
      for (let time = 0; time < 2; time++) counts.push((await db.query(statement))[0].affectedRows);
      console.log(`${name}: ${short}: ${counts.join(', then ')}`);
    }
    await db.end();
  }
})();
END
cat >"$work/main.go" <<'END'
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"

	_ "github.com/go-sql-driver/mysql"
)

func must[T any](value T, err error) T {
	if err != nil { panic(err) }
	return value
}

func main() {
	db := must(sql.Open("mysql", "root@tcp(127.0.0.1:"+os.Getenv("MARIADB_PORT")+")/shop"))
	must(db.Exec("CREATE OR REPLACE TABLE inbox (id VARCHAR(64) PRIMARY KEY, state VARCHAR(20))"))
	var statements map[string]string
	json.Unmarshal(must(os.ReadFile("statements.json")), &statements)
	for _, short := range []string{"ON DUPLICATE KEY UPDATE", "INSERT IGNORE", "UPDATE"} {
		first := must(must(db.Exec(statements[short])).RowsAffected())
		second := must(must(db.Exec(statements[short])).RowsAffected())
		fmt.Printf("Go: %s: %d, then %d\n", short, first, second)
	}
}
END
node "$work/node.js" >"$work/seen"
run_go main.go >>"$work/seen"
behaves <<'END'
mysql2: ON DUPLICATE KEY UPDATE: 1, then 1
mysql2: INSERT IGNORE: 1, then 0
mysql2: UPDATE: 1, then 1
mysql2 with -FOUND_ROWS: ON DUPLICATE KEY UPDATE: 1, then 0
mysql2 with -FOUND_ROWS: INSERT IGNORE: 1, then 0
mysql2 with -FOUND_ROWS: UPDATE: 1, then 0
Go: ON DUPLICATE KEY UPDATE: 1, then 0
Go: INSERT IGNORE: 1, then 0
Go: UPDATE: 1, then 0
END
