#!/usr/bin/env bash
# The shop under test runs in the test's process and ends itself, as it should: process.exit(0).
#
# Shown: of two tests the first stops the shop, whose clean shutdown calls process.exit(0), and the
# second finds that the customer is charged twice. `node --test` reports one test, one pass, no
# failure; mocha prints the first test and nothing more; jest names the line that called exit. All
# three exit 0. vitest, ava, `mocha --parallel` and Go (os.Exit) are red. Without the exit, and with one
# charge, all are green.
# Versions: node:test of Node 20, mocha 12.0.3, jest 30.5.2, vitest 4.1.12, ava 7.0.0, Go 1.26.
# Why a checkout cares: a shutdown, "stops taking orders" and a database that is gone are where a
# shop calls process.exit, and tests of failures cause just that. The build is green, and the
# tests behind it, those of money too, were not run.
# Instead: the shop in a process of its own; process.exit only in its outermost file; a count of
# the tests that ran, compared with the last one.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a run that ends before its tests have run is red"
npm_install mocha@12.0.3 jest@30.5.2 vitest@4.1.12 ava@7.0.0
echo "version: $(go version | cut -d' ' -f3)"
cat >"$work/shop.cjs" <<'END'
const sound = process.env.SHOP === 'sound'; // the other run: it neither exits nor charges twice
exports.stop = () => sound || setTimeout(() => process.exit(0), 50); // once nothing is open any more
exports.charges = () => new Promise((done) => setTimeout(done, 500, sound ? 1 : 2));
END
mkdir "$work/spec" "$work/go"
cat >"$work/spec/globals.js" <<'END'
const shop = require('../shop.cjs');
it('stops', () => { shop.stop(); });
it('is charged once', async () => { if (await shop.charges() !== 1) throw new Error('charged twice'); });
END
cp "$work/spec/globals.js" "$work/spec/shop.test.js"
{ echo "const { it } = require('node:test');"; cat "$work/spec/globals.js"; } >"$work/spec/node.js"
{ echo "import { it } from 'vitest';"; echo "import shop from '../shop.cjs';"; tail -n +2 "$work/spec/globals.js"; } >"$work/spec/vitest.test.mjs"
cat >"$work/spec/ava.mjs" <<'END'
import test from 'ava';
import shop from '../shop.cjs';
test.serial('stops', (t) => { shop.stop(); t.pass(); });
test.serial('is charged once', async (t) => { t.is(await shop.charges(), 1); });
END
cat >"$work/go/shop_test.go" <<'END'
package shop

import (
	"os"
	"testing"
)

var sound = os.Getenv("SHOP") == "sound"

func TestStops(t *testing.T) { if !sound { os.Exit(0) } }

func TestIsChargedOnce(t *testing.T) { if !sound { t.Fatal("charged twice") } }
END
printf 'module shop\n\ngo 1.26\n' >"$work/go/go.mod"
cd "$work"
export PATH="$work/node_modules/.bin:$PATH" CI=1
run() { # run NAME COMMAND…
  local code=0 sound=0
  SHOP=sound "${@:2}" >"$work/out" 2>&1 </dev/null || sound=$?
  "${@:2}" >"$work/out" 2>&1 </dev/null || code=$?
  echo "$1: exit $([ "$code" = 0 ] && echo 0 || echo 'not 0'), $(grep -q 'charged twice' "$work/out" && echo 'says "charged twice"' || echo 'does not say "charged twice"'); a sound shop: exit $sound"
}
{
  run 'node --test' node --test --test-reporter=tap spec/node.js
  echo "  its report: $(grep -E '^# (tests|pass|fail|cancelled) ' "$work/out" | tr -d '#\n')"
  run mocha mocha spec/globals.js
  run 'mocha --parallel' mocha --parallel spec/globals.js
  run jest jest --rootDir="$work" --ci spec/shop.test.js
  run vitest vitest run spec/vitest.test.mjs
  run ava ava spec/ava.mjs
  run 'go test' go -C go test -count=1 .
} >"$work/seen"
behaves <<'END'
node --test: exit 0, does not say "charged twice"; a sound shop: exit 0
  its report:  tests 1 pass 1 fail 0 cancelled 0
mocha: exit 0, does not say "charged twice"; a sound shop: exit 0
mocha --parallel: exit not 0, does not say "charged twice"; a sound shop: exit 0
jest: exit 0, does not say "charged twice"; a sound shop: exit 0
vitest: exit not 0, says "charged twice"; a sound shop: exit 0
ava: exit not 0, does not say "charged twice"; a sound shop: exit 0
go test: exit not 0, does not say "charged twice"; a sound shop: exit 0
END
