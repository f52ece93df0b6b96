#!/usr/bin/env bash
# Checkout.com's own client for Node asks for a payment with its documented option
# `timeout: 1000`, by each of its two HTTP clients, and the provider answers after four
# seconds. `fetch` is the default, and does not look at the option.
set -euo pipefail
. "$(dirname "$0")/common.sh"

npm_install checkout-sdk-node@5.2.1
guess "both calls end after a second, and say that they timed out"

cat >"$work/pay.js" <<'JS'
const http = require('http');
const { Checkout } = require('checkout-sdk-node');
let requests = 0;
const server = http.createServer((req, res) => {
  requests++;
  req.resume();
  setTimeout(() => {
    res.writeHead(201, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ id: 'pay_1', approved: true, status: 'Authorized' }));
  }, 4000);
});
server.listen(0, '127.0.0.1', async () => {
  for (const httpClient of ['fetch', 'axios']) {
    requests = 0;
    const api = new Checkout('sk_sbox_' + 'a'.repeat(27), {
      pk: 'pk_sbox_' + 'a'.repeat(27), host: `http://127.0.0.1:${server.address().port}`, timeout: 1000, httpClient,
    });
    const began = Date.now();
    const said = await api.payments.request({ source: { token: 'tok_1' }, currency: 'EUR', amount: 1000 }).then(
      (payment) => `${payment.status}`, (error) => `${error.name} ${JSON.stringify(error.body ?? null)}`);
    console.log(`${httpClient}: ${Math.floor((Date.now() - began) / 1000)} s, ${requests} request, ${said}`);
  }
  process.exit();
});
JS

(cd "$work" && node pay.js) >"$work/seen"
behaves <<'END'
fetch: 4 s, 1 request, Authorized
axios: 1 s, 1 request, ApiTimeout null
END
