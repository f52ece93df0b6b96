#!/usr/bin/env bash
# A transaction was rolled back, and one of its writes is kept.
#
# Shown: inside a transaction the stock is taken and the provider is asked, at once (Promise.all).
# The stock is empty: the transaction is rolled back and the caller told so. Then the provider
# answers, and the payment is written with the same `tx`. drizzle (on pg and on postgres.js) and
# postgres.js run that write on the connection that they gave back, outside of any transaction, and
# keep it. Where the next customer's transaction has that connection, the write is part of hers: it
# is reported as done, and is gone when hers is rolled back. knex, Sequelize, TypeORM, pg-promise,
# kysely and Go's database/sql refuse the late write. A released pg client does as drizzle does.
# Versions: pg 8.23.1, drizzle-orm 0.45.4, postgres 3.4.9, knex 3.3.0, sequelize 6.37.8,
# typeorm 1.1.1, pg-promise 12.7.1, kysely 0.28.19 (Node 20), pgx 5.13.0 (Go), PostgreSQL 15 (Debian).
# Why a checkout cares: a payment without an order, or a payment that the shop wrote down and that
# another customer's failure took away. No error is seen in either case.
# Instead: no Promise.all inside a transaction (or Promise.allSettled, and throw afterwards); call
# the provider before or after the transaction, never in it.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "after the rollback a write with that transaction is refused, and nothing of it is kept"
start_postgres
npm_install pg@8.23.1 knex@3.3.0 drizzle-orm@0.45.4 sequelize@6.37.8 typeorm@1.1.1 \
  pg-promise@12.7.1 kysely@0.28.19 postgres@3.4.9 reflect-metadata@0.2.2
go_install github.com/jackc/pgx/v5@v5.13.0
cat >"$work/shop.js" <<'END'
require('reflect-metadata');
const pg = require('pg');
const at = { host: '127.0.0.1', port: +process.env.POSTGRES_PORT, user: 'shop', database: 'shop', max: 1 };
const url = `postgres://shop@127.0.0.1:${at.port}/shop`;
const TAKE = 'UPDATE stock SET n = n - 1'; // refused by CHECK (n >= 0): there is none left
const PAID = "INSERT INTO payments VALUES ('ana')";
(async () => {
  const books = new pg.Client(at);
  await books.connect();
  await books.query('CREATE TABLE stock (n INT CHECK (n >= 0)); CREATE TABLE payments (who TEXT)');
  await books.query('INSERT INTO stock VALUES (0)');
  const pool = new pg.Pool(at);
  const { sql } = require('drizzle-orm');
  const drizzle = require('drizzle-orm/node-postgres').drizzle(new pg.Pool(at));
  const postgres = require('postgres')(url, { max: 1 });
  const drizzleToo = require('drizzle-orm/postgres-js').drizzle(require('postgres')(url, { max: 1 }));
  const knex = require('knex')({ client: 'pg', connection: at, pool: { min: 1, max: 1 } });
  const sequelize = new (require('sequelize').Sequelize)(url, { logging: false, pool: { max: 1 } });
  const typeorm = await new (require('typeorm').DataSource)({ type: 'postgres', url, poolSize: 1 }).initialize();
  const promise = require('pg-promise')({ noWarnings: true })({ ...at });
  const { Kysely, PostgresDialect, CompiledQuery } = require('kysely');
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool(at) }) });
  // One transaction of each library; `steps` gets a function that runs a statement in it.
  const libraries = {
    pg: async (steps) => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await steps(async (q) => { await client.query(q); });
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    'drizzle on pg': (steps) => drizzle.transaction((tx) => steps(async (q) => { await tx.execute(sql.raw(q)); })),
    'drizzle on postgres.js': (steps) => drizzleToo.transaction((tx) => steps(async (q) => { await tx.execute(sql.raw(q)); })),
    'postgres.js': (steps) => postgres.begin((tx) => steps(async (q) => { await tx.unsafe(q); })),
    knex: (steps) => knex.transaction((tx) => steps(async (q) => { await tx.raw(q); })),
    Sequelize: (steps) => sequelize.transaction((transaction) => steps(async (q) => { await sequelize.query(q, { transaction }); })),
    TypeORM: (steps) => typeorm.transaction((tx) => steps(async (q) => { await tx.query(q); })),
    'pg-promise': (steps) => promise.tx((tx) => steps(async (q) => { await tx.any(q); })),
    kysely: (steps) => kysely.transaction().execute((tx) => steps(async (q) => { await tx.executeQuery(CompiledQuery.raw(q)); })),
  };
  const kept = async () => (await books.query('DELETE FROM payments')).rowCount;
  const signal = () => { let give; const given = new Promise((done) => { give = done; }); return { give, given }; };
  for (const [name, transaction] of Object.entries(libraries)) {
    const told = [];
    for (const next of [false, true]) { // with next, Bob's transaction has the connection by then
      const provider = signal(), asked = signal(), end = signal();
      let late;
      const ana = await transaction((run) => Promise.all([
        run(TAKE),
        (late = provider.given.then(() => run(PAID))),
      ])).then(() => 'committed', () => 'rolled back');
      const bob = next && transaction(async (run) => {
        await run('SELECT 1');
        asked.give();
        await end.given;
        throw new Error('Bob has no money');
      }).catch(() => {});
      if (next) await asked.given;
      provider.give();
      const written = await late.then(() => 'done', () => 'refused');
      end.give();
      await bob;
      told.push(`${ana}, then the write is ${written}, kept ${await kept()}`);
    }
    console.log(`${name}: ${told[0]}; within the next one's: ${told[1].split('then ')[1]}`);
  }
  process.exit();
})();
END
cat >"$work/main.go" <<'END'
package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib"
)

func main() {
	db, _ := sql.Open("pgx", "postgres://shop@127.0.0.1:"+os.Getenv("POSTGRES_PORT")+"/shop")
	tx, err := db.Begin()
	if err != nil { panic(err) }
	if _, err = tx.Exec("UPDATE stock SET n = n - 1"); err == nil { panic("there was stock") }
	tx.Rollback()
	_, err = tx.Exec("INSERT INTO payments VALUES ('ana')")
	fmt.Println("Go database/sql: rolled back, then the write is refused:", errors.Is(err, sql.ErrTxDone))
}
END
node --no-warnings "$work/shop.js" >"$work/seen"
run_go main.go >>"$work/seen"
behaves <<'END'
pg: rolled back, then the write is done, kept 1; within the next one's: the write is done, kept 0
drizzle on pg: rolled back, then the write is done, kept 1; within the next one's: the write is done, kept 0
drizzle on postgres.js: rolled back, then the write is done, kept 1; within the next one's: the write is done, kept 0
postgres.js: rolled back, then the write is done, kept 1; within the next one's: the write is done, kept 0
knex: rolled back, then the write is refused, kept 0; within the next one's: the write is refused, kept 0
Sequelize: rolled back, then the write is refused, kept 0; within the next one's: the write is refused, kept 0
TypeORM: rolled back, then the write is refused, kept 0; within the next one's: the write is refused, kept 0
pg-promise: rolled back, then the write is refused, kept 0; within the next one's: the write is refused, kept 0
kysely: rolled back, then the write is refused, kept 0; within the next one's: the write is refused, kept 0
Go database/sql: rolled back, then the write is refused: true
END
