# Shared by the scripts beside it; sourced, never run.
# A script installs pinned packages into a folder of its own, runs a program that prints
# facts, and compares them with the facts written down: `behaves <<'END' … END`.

work=$(mktemp -d)
started=()

finish() {
  # All are told before one is waited for: PostgreSQL stays while a pooler is connected.
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  chmod -R u+w "$work" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "CHANGED: $*" >&2
  exit 1
}

# uses COMMAND PACKAGE: the script needs a command from a Debian package.
uses() {
  command -v "$1" >/dev/null || {
    echo "This script needs $1: apt-get install $2" >&2
    exit 1
  }
}

# npm_install NAME@VERSION… puts the packages into the work folder.
npm_install() {
  uses node nodejs
  (cd "$work" && echo '{"private":true}' >package.json &&
    npm install --silent --no-audit --no-fund --ignore-scripts "$@")
  echo "versions: $*, Node $(node --version)"
}

# go_install MODULE@VERSION… makes a Go module in the work folder that requires them.
go_install() {
  uses go golang-go
  (cd "$work" && printf 'module finding\n\ngo 1.26\n' >go.mod && go get "$@" 2>/dev/null)
  echo "versions: $*, $(go version | cut -d' ' -f3)"
}

# run_go FILE tidies the module (indirect requirements) and runs the file.
run_go() {
  (cd "$work" && go mod tidy >/dev/null 2>&1 && go run "$@")
}

guess() { echo "good guess: $*"; }

# behaves compares what the program printed (in $work/seen) with its standard input.
behaves() {
  cat >"$work/expected"
  echo "seen:"
  sed 's/^/  /' "$work/seen"
  diff "$work/expected" "$work/seen" >"$work/difference" ||
    fail "the output is no longer the one described: $(tr '\n' '|' <"$work/difference")"
  echo "still so."
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# waits_for COMMAND… tries for ten seconds.
waits_for() {
  for _ in $(seq 100); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  echo "not ready in ten seconds: $*" >&2
  exit 1
}

# A database refuses to run as root; then it runs as nobody.
unprivileged=()
if [ "$(id -u)" = 0 ]; then
  chmod 755 "$work"
  unprivileged=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi

# serve COMMAND… runs it unprivileged until the script ends.
serve() {
  "${unprivileged[@]}" "$@" &
  started+=($!)
}

owned_folder() {
  mkdir "$1"
  if [ "$(id -u)" = 0 ]; then chown 65534:65534 "$1"; fi
}

start_redis() {
  uses redis-server redis-server
  export REDIS_PORT
  REDIS_PORT=$(free_port)
  redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --save '' --dir "$work" >"$work/redis.log" &
  started+=($!)
  waits_for redis-cli -p "$REDIS_PORT" ping
  echo "server: Redis $(redis-server --version | grep -o 'v=[^ ]*' | cut -c3-)"
}

start_mariadb() {
  uses mariadbd mariadb-server
  export MARIADB_PORT
  MARIADB_PORT=$(free_port)
  owned_folder "$work/mariadb"
  "${unprivileged[@]}" mariadb-install-db --no-defaults --datadir="$work/mariadb" --auth-root-authentication-method=normal \
    --skip-test-db >"$work/mariadb.log" 2>&1
  serve mariadbd --no-defaults --datadir="$work/mariadb" --bind-address=127.0.0.1 --port="$MARIADB_PORT" \
    --socket="$work/mariadb/sock" --skip-name-resolve --innodb-flush-log-at-trx-commit=0 >>"$work/mariadb.log" 2>&1
  waits_for mariadb --no-defaults -h 127.0.0.1 -P "$MARIADB_PORT" -u root -e 'CREATE DATABASE shop'
  echo "server: MariaDB $(mariadbd --version | grep -o 'Ver [^ ]*' | cut -c5-)"
}

start_postgres() {
  local bin
  bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
  [ -x "$bin/postgres" ] || uses postgres postgresql
  export POSTGRES_PORT
  POSTGRES_PORT=$(free_port)
  owned_folder "$work/postgres"
  "${unprivileged[@]}" "$bin/initdb" --no-sync -A trust -U shop -D "$work/postgres/data" >"$work/postgres.log"
  serve "$bin/postgres" -D "$work/postgres/data" -h 127.0.0.1 -p "$POSTGRES_PORT" -k "$work/postgres" \
    -c fsync=off >>"$work/postgres.log" 2>&1
  waits_for "$bin/psql" -h 127.0.0.1 -p "$POSTGRES_PORT" -U shop -d postgres -c 'CREATE DATABASE shop'
  echo "server: PostgreSQL $("$bin/postgres" --version | grep -o '[0-9.]*' | head -1)"
}
