#!/usr/bin/env bash
# One item left, two buyers, REPEATABLE READ: PostgreSQL refuses one, MariaDB sells it twice.
#
# Shown: both transactions read a stock of 1, both run UPDATE … SET n = n - 1, both COMMIT. On
# MariaDB (whose *default* level this is) the second update works on the first one's result, which
# its own SELECT could not see: no error, the stock is -1. The second buyer's transaction reads
# 1, takes one and then reads -1. PostgreSQL ends the second update with 40001.
# Versions: MariaDB 10.11 and PostgreSQL 15 from Debian, mysql2 3.24.6, pg 8.23.1 (Node).
# Why a checkout cares: the same code and the same level, tested on one and run on the other, takes
# two payments for one item.
# Instead: put the condition into the write: UPDATE … SET n = n - 1 WHERE id = ? AND n > 0, and count
# rows; or SELECT … FOR UPDATE; a CHECK (n >= 0) as a net.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "REPEATABLE READ: what a transaction has read is still so when it writes, or it is refused"
start_postgres
start_mariadb
npm_install pg@8.23.1 mysql2@3.24.6
cat >"$work/shop.js" <<'END'
const pg = require('pg');
const mysql = require('mysql2/promise');
const engines = {
  MariaDB: async () => {
    const db = await mysql.createConnection({ host: '127.0.0.1', port: process.env.MARIADB_PORT, user: 'root', database: 'shop' });
    return { query: async (sql) => (await db.query(sql))[0], begin: ['SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'BEGIN'] };
  },
  PostgreSQL: async () => {
    const db = new pg.Client({ host: '127.0.0.1', port: +process.env.POSTGRES_PORT, user: 'shop', database: 'shop' });
    await db.connect();
    return { query: async (sql) => (await db.query(sql)).rows, begin: ['BEGIN ISOLATION LEVEL REPEATABLE READ'] };
  },
};
(async () => {
  for (const [engine, open] of Object.entries(engines)) {
    const [books, ann, bob] = [await open(), await open(), await open()];
    await books.query('CREATE TABLE stock (id INT PRIMARY KEY, n INT)');
    await books.query('INSERT INTO stock VALUES (1, 1)');
    const left = async (buyer) => (await buyer.query('SELECT n FROM stock WHERE id = 1'))[0].n;
    const take = (buyer) => buyer.query('UPDATE stock SET n = n - 1 WHERE id = 1');
    for (const buyer of [ann, bob]) {
      for (const sql of buyer.begin) await buyer.query(sql);
      buyer.sees = [await left(buyer)];
    }
    await take(ann);
    const taking = take(bob).then(() => 'taken', (error) => `refused with ${error.code}`);
    await new Promise((done) => setTimeout(done, 300)); // Bob waits for Ann's row
    await ann.query('COMMIT');
    const told = await taking;
    if (told === 'taken') bob.sees.push(await left(bob));
    await bob.query('COMMIT');
    console.log(`${engine}: Ann taken; Bob ${told}, who read ${bob.sees.join(', then ')}; stock ${await left(books)}`);
  }
  process.exit();
})();
END
node "$work/shop.js" >"$work/seen"
behaves <<'END'
MariaDB: Ann taken; Bob taken, who read 1, then -1; stock -1
PostgreSQL: Ann taken; Bob refused with 40001, who read 1; stock 0
END
