#!/usr/bin/env bash
# "One charge per order" guarded by a PostgreSQL advisory lock, through PgBouncer.
#
# Shown: three processes ask pg_try_advisory_lock(order) at the same time. Directly, one gets it.
# Through PgBouncer with pool_mode = transaction all three do: after each statement the server's
# session goes to the next client, and a session is granted a lock that it holds already. The
# unlock succeeds three times, too. pg_try_advisory_xact_lock inside a transaction works.
# Versions: PgBouncer 1.18 and PostgreSQL 15 from Debian, pg 8.23.1 (Node).
# Why a checkout cares: the guard is right on a developer's machine and gives three charges behind
# the pooler; no call fails and nothing is logged.
# Instead: a row with a unique key that is claimed in a transaction, or the xact lock around work
# that needs no call to a provider; test through the pooler that production has.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a try-lock is granted to one client at a time, or the pooler refuses it"
uses pgbouncer pgbouncer
start_postgres
npm_install pg@8.23.1
echo "server: $(/usr/sbin/pgbouncer --version | head -1)"
export POOLER_PORT
POOLER_PORT=$(free_port)
cat >"$work/pooler.ini" <<END
[databases]
shop = host=127.0.0.1 port=$POSTGRES_PORT dbname=shop user=shop
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $POOLER_PORT
auth_type = any
pool_mode = transaction
unix_socket_dir =
END
chmod 644 "$work/pooler.ini"
serve /usr/sbin/pgbouncer "$work/pooler.ini" >"$work/pooler.log" 2>&1
cat >"$work/shop.js" <<'END'
const pg = require('pg');
const pause = () => new Promise((done) => setTimeout(done, 300));
const open = async (port) => {
  const db = new pg.Client({ host: '127.0.0.1', port: +port, user: 'shop', database: 'shop' });
  await db.connect();
  return db;
};
const first = (answer) => Object.values(answer.rows[0])[0];
let charges;
async function session(port) {
  const db = await open(port);
  if (first(await db.query('SELECT pg_try_advisory_lock(42)'))) {
    charges++;
    await pause(); // the provider is asked
    await db.query('SELECT pg_advisory_unlock(42)');
  }
  await db.end();
}
async function transaction(port) {
  const db = await open(port);
  await db.query('BEGIN');
  if (first(await db.query('SELECT pg_try_advisory_xact_lock(43)'))) {
    charges++;
    await pause();
  }
  await db.query('COMMIT');
  await db.end();
}
(async () => {
  for (const [way, port] of [['direct', process.env.POSTGRES_PORT], ['through PgBouncer', process.env.POOLER_PORT]])
    for (const guarded of [session, transaction]) {
      charges = 0;
      await Promise.all([guarded(port), guarded(port), guarded(port)]);
      console.log(`${way}, ${guarded.name} lock: three processes at once, ${charges} charged`);
    }
})();
END
waits_for bash -c "</dev/tcp/127.0.0.1/$POOLER_PORT"
node "$work/shop.js" >"$work/seen"
behaves <<'END'
direct, session lock: three processes at once, 1 charged
direct, transaction lock: three processes at once, 1 charged
through PgBouncer, session lock: three processes at once, 3 charged
through PgBouncer, transaction lock: three processes at once, 1 charged
END
