#!/usr/bin/env bash
# A load test of the checkout with the threshold "every check must hold", against a shop that is down.
#
# Shown: k6 exits 99 where a customer is charged twice, as it should. Where a gateway's page comes in
# place of JSON, json() throws, the check behind it is not reached, and the threshold `rate==1` is
# marked as passed beside "rate=0.00%": exit 0, though every request failed and every iteration threw.
# So it is where nobody listens.
# Version: k6 1.8.1, built from its Go module.
# Why a checkout cares: the pipeline is green exactly when the shop answers nothing that can be read.
# Instead: a Counter of purchases that were checked, with the threshold `count>=N` (checks themselves have
# none); a threshold on http_req_failed; a check of the status before the body is parsed.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a threshold on checks fails where no check was made and every iteration threw"
uses node nodejs
uses curl curl
go_install go.k6.io/k6@v1.8.1
(cd "$work" && go build -o k6 go.k6.io/k6)
cat >"$work/shop.js" <<'END'
// The shop answers as the first argument says, and tells its port.
const answers = { once: [200, '{"charges":1}'], twice: [200, '{"charges":2}'], gateway: [502, '<h1>502</h1>'] };
const [status, body] = answers[process.argv[2]];
const server = require('http').createServer((request, response) => request.resume().on('end', () => {
  response.writeHead(status);
  response.end(body);
})).listen(+process.argv[3], '127.0.0.1');
END
cat >"$work/pay.js" <<'END'
import http from 'k6/http';
import { check } from 'k6';
import { Counter } from 'k6/metrics';
const seen = new Counter('purchases_checked');
const counted = __ENV.COUNTED ? { purchases_checked: ['count>=3'] } : {};
export const options = { vus: 1, iterations: 3, thresholds: { checks: ['rate==1'], ...counted } };
export default function () {
  const { charges } = http.post(`http://127.0.0.1:${__ENV.PORT}/pay`, 'amount=1999').json();
  check(charges, { 'charged once': (n) => n === 1 });
  seen.add(1);
}
END
run() { # run SHOP NAME [VARIABLE=VALUE]
  local port code=0
  port=$(free_port)
  if [ "$1" != nobody ]; then
    node "$work/shop.js" "$1" "$port" &
    started+=($!)
    waits_for curl --silent "http://127.0.0.1:$port/"
  fi
  "$work/k6" run --no-usage-report --no-color --address '' -e "PORT=$port" ${3:+-e "$3"} "$work/pay.js" >"$work/out" 2>&1 || code=$?
  echo "$2: exit $code, $(grep -o "[✓✗] 'rate==1' rate=[0-9.]*%" "$work/out"), checks $(grep -o 'checks_total[.:]* *[0-9]*' "$work/out" | grep -o '[0-9]*$')"
}
{
  run once 'charged once'
  run twice 'charged twice'
  run gateway "a gateway's page"
  run nobody 'nobody listens'
  run gateway "a gateway's page, purchases counted" COUNTED=1
} >"$work/seen"
behaves <<'END'
charged once: exit 0, ✓ 'rate==1' rate=100.00%, checks 3
charged twice: exit 99, ✗ 'rate==1' rate=0.00%, checks 3
a gateway's page: exit 0, ✓ 'rate==1' rate=0.00%, checks 0
nobody listens: exit 0, ✓ 'rate==1' rate=0.00%, checks 0
a gateway's page, purchases counted: exit 99, ✓ 'rate==1' rate=0.00%, checks 0
END
