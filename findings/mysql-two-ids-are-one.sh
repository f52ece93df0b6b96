#!/usr/bin/env bash
# MariaDB: two payments whose ids differ in a letter's case are one row.
#
# Shown: under the default collation evt_3Pab and evt_3PAB are equal. With the id as primary key,
# INSERT IGNORE takes the second event for a delivery of the first (0 rows), a lookup by the one id
# returns the other's payment, and a trailing space does not tell ids apart either. A column with
# COLLATE utf8mb4_bin tells the case apart, PostgreSQL tells everything apart.
# Versions: MariaDB 10.11 and PostgreSQL 15 from Debian (their own command line clients).
# Why a checkout cares: providers' ids are mixed-case random letters, and some say so ("store in a
# case-sensitive column"). A second payment's webhook is dropped as a duplicate, or a refund finds the
# wrong row; short references and coupon codes collide soonest.
# Instead: COLLATE utf8mb4_bin (or VARBINARY) on every id that somebody else made.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "two ids that differ are two keys"
start_mariadb
start_postgres
maria() { mariadb --no-defaults -h 127.0.0.1 -P "$MARIADB_PORT" -u root -N -B shop -e "$1"; }
postgres() { psql -h 127.0.0.1 -p "$POSTGRES_PORT" -U shop -d shop -qtA -c "$1"; }
# tell NAME CLIENT COLUMN
tell() {
  local run=$2 ignore='INSERT IGNORE INTO' conflict='; SELECT ROW_COUNT()'
  if [ "$run" = postgres ]; then ignore='INSERT INTO' conflict=' ON CONFLICT DO NOTHING'; fi
  "$run" 'DROP TABLE IF EXISTS events' 2>"$work/null"
  "$run" "CREATE TABLE events (id $3 PRIMARY KEY, paid INT)"
  "$run" "$ignore events VALUES ('evt_3Pab', 100)$conflict" >/dev/null
  "$run" "$ignore events VALUES ('evt_3PAB', 999)$conflict" >/dev/null
  "$run" "$ignore events VALUES ('evt_3Pab ', 555)$conflict" >/dev/null
  echo "$1: three ids make $("$run" 'SELECT COUNT(*) FROM events') rows; evt_3PAB is found with an amount of" \
    "$("$run" "SELECT paid FROM events WHERE id = 'evt_3PAB'" | head -1)"
}
{
  tell 'MariaDB' maria 'VARCHAR(64)'
  tell 'MariaDB, utf8mb4_bin' maria 'VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
  tell 'MariaDB, VARBINARY' maria 'VARBINARY(64)'
  tell 'PostgreSQL' postgres 'TEXT'
} >"$work/seen"
behaves <<'END'
MariaDB: three ids make 1 rows; evt_3PAB is found with an amount of 100
MariaDB, utf8mb4_bin: three ids make 2 rows; evt_3PAB is found with an amount of 999
MariaDB, VARBINARY: three ids make 3 rows; evt_3PAB is found with an amount of 999
PostgreSQL: three ids make 3 rows; evt_3PAB is found with an amount of 999
END
