#!/usr/bin/env bash
# One insert, waited for twice: first with a time limit, then to the end.
#
# Shown: the payment is being written; the shop races that with a timer, tells the customer
# "checking" when the timer wins, and then awaits the same value to learn the outcome. With knex,
# objection and drizzle each await runs the statement: two rows, no error. @supabase/postgrest-js
# posts twice. The value looks like a promise and is none: each call of its then(), as by await,
# Promise.race, Promise.all, catch() and finally(), starts it anew. pg, postgres.js, pg-promise,
# kysely, Sequelize, TypeORM and superagent write once.
# Versions: knex 3.3.0, objection 3.1.5, drizzle-orm 0.45.4, @supabase/postgrest-js 2.109.0,
# superagent 10.4.2, pg 8.23.1, postgres 3.4.9, pg-promise 12.7.1, kysely 0.28.19, sequelize 6.37.8,
# typeorm 1.1.1, Node 20, PostgreSQL 15 (Debian).
# Why a checkout cares: the code that is there for the slow case, and runs only in it, books the
# payment or takes the stock twice. With a fast database no test meets it, as nothing is late.
# Instead: make it a promise at once (`.execute()` in drizzle, `Promise.resolve(query)` once, or an
# async function around it), and a unique key on the row.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "what can be awaited is a promise: it runs once, however often it is awaited"
start_postgres
npm_install pg@8.23.1 knex@3.3.0 objection@3.1.5 drizzle-orm@0.45.4 sequelize@6.37.8 typeorm@1.1.1 pg-promise@12.7.1 \
  kysely@0.28.19 postgres@3.4.9 reflect-metadata@0.2.2 @supabase/postgrest-js@2.109.0 superagent@10.4.2
cat >"$work/shop.js" <<'END'
require('reflect-metadata');
const http = require('http');
const pg = require('pg');
const at = { host: '127.0.0.1', port: +process.env.POSTGRES_PORT, user: 'shop', database: 'shop' };
const url = `postgres://shop@127.0.0.1:${at.port}/shop`;
const wait = (ms, value) => new Promise((done) => setTimeout(done, ms, value));
const SLOW = "(SELECT 'ana' FROM pg_sleep(0.4))"; // a database that is slow just now
const INSERT = `INSERT INTO payments (who) VALUES (${SLOW})`;
(async () => {
  const books = new pg.Client(at);
  await books.connect();
  await books.query('CREATE TABLE payments (id SERIAL, who TEXT)');
  let posts = 0;
  const rest = http.createServer((request, response) => request.resume().on('end', () => {
    posts++;
    setTimeout(() => response.writeHead(201, { 'content-type': 'application/json' }).end('[]'), 400);
  }));
  await new Promise((done) => rest.listen(0, '127.0.0.1', done));
  const service = `http://127.0.0.1:${rest.address().port}`;
  const knex = require('knex')({ client: 'pg', connection: at });
  const { Model } = require('objection');
  Model.knex(knex);
  class Payment extends Model { static get tableName() { return 'payments'; } }
  const { sql } = require('drizzle-orm');
  const { pgTable, text, serial } = require('drizzle-orm/pg-core');
  const payments = pgTable('payments', { id: serial('id'), who: text('who') });
  const drizzle = require('drizzle-orm/node-postgres').drizzle(new pg.Pool(at));
  const sequelize = new (require('sequelize').Sequelize)(url, { logging: false });
  const Row = sequelize.define('payments', { who: 'text' }, { timestamps: false });
  const typeorm = await new (require('typeorm').DataSource)({ type: 'postgres', url }).initialize();
  const promise = require('pg-promise')({ noWarnings: true })(at);
  const { Kysely, PostgresDialect, sql: raw } = require('kysely');
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool(at) }) });
  const postgres = require('postgres')(url);
  const pool = new pg.Pool(at);
  const { PostgrestClient } = require('@supabase/postgrest-js');
  const supabase = new PostgrestClient(service);
  const superagent = require('superagent');
  const libraries = {
    knex: () => knex('payments').insert({ who: knex.raw(SLOW) }),
    'knex.raw': () => knex.raw(INSERT),
    objection: () => Payment.query().insert({ who: knex.raw(SLOW) }),
    drizzle: () => drizzle.insert(payments).values({ who: sql.raw(SLOW) }),
    'drizzle, execute(sql)': () => drizzle.execute(sql.raw(INSERT)),
    'drizzle, .execute()': () => drizzle.insert(payments).values({ who: sql.raw(SLOW) }).execute(),
    '@supabase/postgrest-js': () => supabase.from('payments').insert({ who: 'ana' }),
    superagent: () => superagent.post(service).send({ who: 'ana' }),
    pg: () => pool.query(INSERT),
    'postgres.js': () => postgres`INSERT INTO payments (who) VALUES ((SELECT 'ana' FROM pg_sleep(0.4)))`,
    'pg-promise': () => promise.none(INSERT),
    kysely: () => kysely.insertInto('payments').values({ who: raw.raw(SLOW) }).execute(),
    Sequelize: () => Row.create({ who: sequelize.literal(SLOW) }),
    TypeORM: () => typeorm.query(INSERT),
  };
  for (const [name, write] of Object.entries(libraries)) {
    posts = 0;
    const writing = write();
    const first = await Promise.race([writing, wait(50, 'checking')]);
    if (first !== 'checking') throw new Error(`${name} was not slow`);
    const told = await writing.then(() => 'no error', () => 'an error');
    await wait(800); // whatever else was started is over by then
    const rows = (await books.query('DELETE FROM payments')).rowCount;
    console.log(`${name}: ${told}, ${posts ? `POSTs: ${posts}` : `rows: ${rows}`}`);
  }
  process.exit();
})();
END
node --no-warnings "$work/shop.js" >"$work/seen"
behaves <<'END'
knex: no error, rows: 2
knex.raw: no error, rows: 2
objection: no error, rows: 2
drizzle: no error, rows: 2
drizzle, execute(sql): no error, rows: 2
drizzle, .execute(): no error, rows: 1
@supabase/postgrest-js: no error, POSTs: 2
superagent: no error, POSTs: 1
pg: no error, rows: 1
postgres.js: no error, rows: 1
pg-promise: no error, rows: 1
kysely: no error, rows: 1
Sequelize: no error, rows: 1
TypeORM: no error, rows: 1
END
