#!/usr/bin/env bash
# mysql2: a 64-bit payment id is stored right and read back as another one.
#
# Shown: by default a BIGINT beyond 2^53 comes back as the nearest number, 9007199254740993 as …992,
# through query() and execute() alike, while insertId of the same row is an exact string. Looking
# the payment up by the id that was just read finds nothing, or another payment. pg returns the
# id as a string. `supportBigNumbers: true` makes mysql2 do so for large ones.
# Versions: mysql2 3.24.6, pg 8.23.1 (Node), MariaDB 10.11 and PostgreSQL 15 from Debian.
# Why a checkout cares: providers' and snowflake ids are that large. A refund goes to a neighbour's
# payment or to none, and every id in a test is small.
# Instead: ids as text in the table; or supportBigNumbers; and one test id above 2^53.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a driver returns the id that was stored, or says that it cannot"
start_postgres
start_mariadb
npm_install mysql2@3.24.6 pg@8.23.1
cat >"$work/ids.js" <<'END'
const mysql = require('mysql2/promise');
const pg = require('pg');
const show = (value) => `${typeof value} ${value}`;
(async () => {
  const shop = { host: '127.0.0.1', user: 'root', port: process.env.MARIADB_PORT, database: 'shop' };
  for (const [name, options] of [['mysql2', {}], ['mysql2, supportBigNumbers', { supportBigNumbers: true }]]) {
    const db = await mysql.createConnection({ ...shop, ...options });
    await db.query('CREATE OR REPLACE TABLE payments (id BIGINT PRIMARY KEY AUTO_INCREMENT) AUTO_INCREMENT = 9007199254740993');
    const [{ insertId }] = await db.query('INSERT INTO payments VALUES ()');
    const [[{ id }]] = await db.query('SELECT id FROM payments');
    const [[{ id: prepared }]] = await db.execute('SELECT id FROM payments');
    const [found] = await db.query('SELECT id FROM payments WHERE id = ?', [id]);
    console.log(`${name}: insertId ${show(insertId)}, query ${show(id)}, execute ${show(prepared)}, found again: ${found.length}`);
    await db.end();
  }
  const db = new pg.Client({ host: '127.0.0.1', port: +process.env.POSTGRES_PORT, user: 'shop', database: 'shop' });
  await db.connect();
  await db.query('CREATE TABLE payments (id BIGINT PRIMARY KEY)');
  const { rows: [inserted] } = await db.query('INSERT INTO payments VALUES (9007199254740993) RETURNING id');
  const { rows } = await db.query('SELECT id FROM payments WHERE id = $1', [inserted.id]);
  console.log(`pg: query ${show(inserted.id)}, found again: ${rows.length}`);
  await db.end();
})();
END
node "$work/ids.js" >"$work/seen"
behaves <<'END'
mysql2: insertId string 9007199254740993, query number 9007199254740992, execute number 9007199254740992, found again: 0
mysql2, supportBigNumbers: insertId string 9007199254740993, query string 9007199254740993, execute string 9007199254740993, found again: 1
pg: query string 9007199254740993, found again: 1
END
