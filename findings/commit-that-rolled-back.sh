#!/usr/bin/env bash
# PostgreSQL, an error caught inside a transaction, and a COMMIT that keeps nothing.
#
# Shown: the order is inserted, the event is a duplicate (its error is caught, "fine, seen it"),
# and the transaction ends. PostgreSQL answers COMMIT with ROLLBACK, which is no error. pg, knex,
# drizzle, Sequelize, TypeORM and pg-promise resolve, and the order is not there. kysely,
# postgres.js, pgx and lib/pq report it.
# Versions: pg 8.23.1, knex 3.3.0, drizzle-orm 0.45.4, sequelize 6.37.8, typeorm 1.1.1,
# pg-promise 12.7.1, kysely 0.28.19, postgres 3.4.9 (Node 20), pgx 5.13.0, lib/pq 1.12.3 (Go), PostgreSQL 15 (Debian).
# Why a checkout cares: the webhook is acknowledged, the customer sees "paid", and neither order
# nor payment is in the books. The usual form is a UNIQUE violation that is caught on purpose.
# Instead: INSERT … ON CONFLICT DO NOTHING, or a SAVEPOINT around what may fail; with pg look at
# `result.command` of COMMIT: it must say COMMIT.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a transaction that ends without an error has been kept"
start_postgres
npm_install pg@8.23.1 knex@3.3.0 drizzle-orm@0.45.4 sequelize@6.37.8 typeorm@1.1.1 \
  pg-promise@12.7.1 kysely@0.28.19 postgres@3.4.9 reflect-metadata@0.2.2
go_install github.com/jackc/pgx/v5@v5.13.0 github.com/lib/pq@v1.12.3
cat >"$work/shop.js" <<'END'
require('reflect-metadata');
const pg = require('pg');
const at = { host: '127.0.0.1', port: +process.env.POSTGRES_PORT, user: 'shop', database: 'shop' };
const url = `postgres://shop@127.0.0.1:${at.port}/shop`;
const seen = () => {}; // the duplicate is no problem: the event was handled before
const ORDER = "INSERT INTO orders VALUES ('order-1')", EVENT = "INSERT INTO events VALUES ('event-1')";
(async () => {
  const books = new pg.Client(at);
  await books.connect();
  await books.query('CREATE TABLE orders (id TEXT PRIMARY KEY); CREATE TABLE events (id TEXT PRIMARY KEY)');
  await books.query(EVENT);
  const client = new pg.Client(at);
  await client.connect();
  const knex = require('knex')({ client: 'pg', connection: at });
  const { sql } = require('drizzle-orm');
  const drizzle = require('drizzle-orm/node-postgres').drizzle(new pg.Pool(at));
  const sequelize = new (require('sequelize').Sequelize)(url, { logging: false });
  const typeorm = await new (require('typeorm').DataSource)({ type: 'postgres', url }).initialize();
  const promise = require('pg-promise')({ noWarnings: true })(at);
  const { Kysely, PostgresDialect, CompiledQuery } = require('kysely');
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool(at) }) });
  const postgres = require('postgres')(url);
  const shops = {
    pg: async () => {
      await client.query('BEGIN');
      await client.query(ORDER);
      await client.query(EVENT).catch(seen);
      await client.query('COMMIT');
    },
    knex: () => knex.transaction(async (tx) => { await tx.raw(ORDER); await tx.raw(EVENT).catch(seen); }),
    drizzle: () => drizzle.transaction(async (tx) => { await tx.execute(sql.raw(ORDER)); await tx.execute(sql.raw(EVENT)).catch(seen); }),
    Sequelize: () => sequelize.transaction(async (transaction) => {
      await sequelize.query(ORDER, { transaction });
      await sequelize.query(EVENT, { transaction }).catch(seen);
    }),
    TypeORM: () => typeorm.transaction(async (tx) => { await tx.query(ORDER); await tx.query(EVENT).catch(seen); }),
    'pg-promise': () => promise.tx(async (tx) => { await tx.none(ORDER); await tx.none(EVENT).catch(seen); }),
    kysely: () => kysely.transaction().execute(async (tx) => {
      await tx.executeQuery(CompiledQuery.raw(ORDER));
      await tx.executeQuery(CompiledQuery.raw(EVENT)).catch(seen);
    }),
    'postgres.js': () => postgres.begin(async (tx) => { await tx.unsafe(ORDER); await tx.unsafe(EVENT).catch(seen); }),
  };
  for (const [name, buy] of Object.entries(shops)) {
    const told = await buy().then(() => 'no error', () => 'an error');
    console.log(`${name}: ${told}, orders kept: ${(await books.query('DELETE FROM orders')).rowCount}`);
  }
  process.exit();
})();
END
cat >"$work/main.go" <<'END'
package main

import (
	"database/sql"
	"fmt"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
)

func main() {
	for _, driver := range []string{"pgx", "postgres"} {
		db, _ := sql.Open(driver, "postgres://shop@127.0.0.1:"+os.Getenv("POSTGRES_PORT")+"/shop?sslmode=disable")
		tx, err := db.Begin()
		if err != nil { panic(err) }
		tx.Exec("INSERT INTO orders VALUES ('order-1')")
		tx.Exec("INSERT INTO events VALUES ('event-1')") // the duplicate is no problem
		told := map[bool]string{true: "no error", false: "an error"}[tx.Commit() == nil]
		result, _ := db.Exec("DELETE FROM orders")
		kept, _ := result.RowsAffected()
		fmt.Printf("Go %s: %s, orders kept: %d\n", driver, told, kept)
	}
}
END
node --no-warnings "$work/shop.js" >"$work/seen"
run_go main.go >>"$work/seen"
behaves <<'END'
pg: no error, orders kept: 0
knex: no error, orders kept: 0
drizzle: no error, orders kept: 0
Sequelize: no error, orders kept: 0
TypeORM: no error, orders kept: 0
pg-promise: no error, orders kept: 0
kysely: an error, orders kept: 0
postgres.js: an error, orders kept: 0
Go pgx: an error, orders kept: 0
Go postgres: an error, orders kept: 0
END
