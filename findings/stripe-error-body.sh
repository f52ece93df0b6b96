#!/usr/bin/env bash
# Stripe's own clients for Node and Go create a payment, each with its default options, and
# the answer is an error of a gateway or of Stripe, or is cut. Who sends again is told by
# the body of the error, and the two clients read it in opposite ways.
set -euo pipefail
. "$(dirname "$0")/common.sh"

npm_install stripe@23.1.0
go_install github.com/stripe/stripe-go/v85@v85.0.0
guess "a 503 is sent again, whatever is written in it, and both clients do the same"

cat >"$work/server.js" <<'JS'
// Amounts say what is answered. At the end it prints how many requests came for each.
const http = require('http');
const seen = {};
const error = JSON.stringify({ error: { type: 'api_error', message: 'busy' } });
const intent = JSON.stringify({ id: 'pi_1', object: 'payment_intent', status: 'succeeded', amount: 1 });
const answers = {
  1001: (res) => { res.writeHead(503, { 'Content-Type': 'application/json' }); res.end(error); },
  1002: (res) => { res.writeHead(503, { 'Content-Type': 'application/json', 'Stripe-Should-Retry': 'true' }); res.end(error); },
  1003: (res) => { res.writeHead(503, { 'Content-Type': 'text/html' }); res.end('<h1>503</h1>'); },
  1004: (res) => { res.writeHead(503); res.end(); },
  1005: (res) => { res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': intent.length }); res.write(intent.slice(0, 20)); setTimeout(() => res.destroy(), 50); },
};
http.createServer((req, res) => {
  if (req.url === '/seen') return res.end(JSON.stringify(seen));
  let body = '';
  req.on('data', (part) => { body += part; }).on('end', () => {
    const amount = /amount=(\d+)/.exec(body)[1];
    const client = /Go/.test(req.headers['user-agent']) ? 'go' : 'node';
    const one = (seen[`${client} ${amount}`] ||= { requests: 0, keys: {} });
    one.requests++;
    one.keys[req.headers['idempotency-key'] || 'none'] = true;
    answers[amount](res);
  });
}).listen(process.env.PORT, '127.0.0.1');
JS

cat >"$work/client.js" <<'JS'
const Stripe = require('stripe');
const stripe = new (Stripe.default || Stripe)('sk_test_x', { host: '127.0.0.1', port: process.env.PORT, protocol: 'http' });
(async () => {
  for (const amount of [1001, 1002, 1003, 1004, 1005]) {
    await stripe.paymentIntents.create({ amount, currency: 'eur' }).then(() => {}, () => {});
  }
})();
JS

cat >"$work/client.go" <<'GO'
package main

import (
	"io"
	"log"
	"os"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/client"
)

func main() {
	quiet := &stripe.LeveledLogger{Level: stripe.LevelNull}
	log.SetOutput(io.Discard)
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String("http://127.0.0.1:" + os.Getenv("PORT")), LeveledLogger: quiet,
	})
	api := client.New("sk_test_x", &stripe.Backends{API: backend})
	for _, amount := range []int64{1001, 1002, 1003, 1004, 1005} {
		_, _ = api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: stripe.Int64(amount), Currency: stripe.String("eur")})
	}
}
GO

export PORT
PORT=$(free_port)
node "$work/server.js" &
started+=($!)
waits_for curl -sf "http://127.0.0.1:$PORT/seen"
(cd "$work" && node client.js)
run_go client.go

curl -s "http://127.0.0.1:$PORT/seen" | node -e '
const seen = JSON.parse(require("fs").readFileSync(0, "utf8"));
const says = { 1001: "503, JSON error", 1002: "503, JSON error, Stripe-Should-Retry: true", 1003: "503, HTML", 1004: "503, empty", 1005: "200, cut inside the body" };
for (const [amount, what] of Object.entries(says)) {
  const of = (client) => `${client} ${seen[`${client} ${amount}`].requests} (${Object.keys(seen[`${client} ${amount}`].keys).length} key)`;
  console.log(`${what}: ${of("node")}, ${of("go")}`);
}' >"$work/seen"
behaves <<'END'
503, JSON error: node 3 (1 key), go 1 (1 key)
503, JSON error, Stripe-Should-Retry: true: node 3 (1 key), go 1 (1 key)
503, HTML: node 3 (1 key), go 3 (1 key)
503, empty: node 3 (1 key), go 3 (1 key)
200, cut inside the body: node 1 (1 key), go 3 (1 key)
END
