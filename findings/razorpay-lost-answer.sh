#!/usr/bin/env bash
# Razorpay's own client for Node creates an order, and the answer is lost, comes from a
# gateway, or is Razorpay's error. What the caller catches tells them apart, or does not.
set -euo pipefail
. "$(dirname "$0")/common.sh"

npm_install razorpay@2.9.8
guess "a lost answer is an error that says so, such as ECONNRESET"

cat >"$work/order.js" <<'JS'
const http = require('http');
const Razorpay = require('razorpay');
const answers = {
  'lost': (res) => res.destroy(),
  'HTML of a gateway': (res) => { res.writeHead(502, { 'Content-Type': 'text/html' }); res.end('<h1>502</h1>'); },
  "Razorpay's error": (res) => {
    res.writeHead(400, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ error: { code: 'BAD_REQUEST_ERROR', description: 'amount' } }));
  },
};
let answer;
const server = http.createServer((req, res) => { req.resume().on('end', () => answer(res)); });
server.listen(0, '127.0.0.1', async () => {
  const api = new Razorpay({ key_id: 'rzp_test_x', key_secret: 'x' });
  api.api.rq.defaults.baseURL = `http://127.0.0.1:${server.address().port}`; // it has no option for that
  for (const name of Object.keys(answers)) {
    answer = answers[name];
    const error = await api.orders.create({ amount: 1000, currency: 'INR' }).catch((e) => e);
    console.log(`${name}: ${error.constructor.name}, statusCode ${error.statusCode}, code ${error.code ?? error.error?.code}, cause ${error.cause}`);
  }
  console.log(`time-out of its HTTP client: ${api.api.rq.defaults.timeout} (0: none)`);
  process.exit();
});
JS

(cd "$work" && node order.js) >"$work/seen"
behaves <<'END'
lost: TypeError, statusCode undefined, code undefined, cause undefined
HTML of a gateway: Object, statusCode 502, code undefined, cause undefined
Razorpay's error: Object, statusCode 400, code BAD_REQUEST_ERROR, cause undefined
time-out of its HTTP client: 0 (0: none)
END
