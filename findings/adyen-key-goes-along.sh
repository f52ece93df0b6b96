#!/usr/bin/env bash
# Adyen's own client for Node sends an idempotency key that this call was not given.
#
# Shown: the shop keeps its own headers in one object and hands it to each call, with a key for the
# payment. The client writes the key into that object. Each later call with the object but without
# a key, another customer's details, a capture, carries the first payment's key. With a fresh object
# of headers none does.
# Version: @adyen/api-library 32.1.0 (Node 20).
# Why a checkout cares: for a used key a provider gives the first payment's answer, or refuses. Bob
# is told Ana's outcome, a capture is taken for made, and which call is hit depends on the order of
# the calls, so that a test of one customer is green.
# Instead: fresh options for each call (`headers: { ...SHOP }`), a key on every POST, and a look at
# the reference in each answer.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a call has the key that it was given, and a call without one has none"
uses openssl openssl
npm_install @adyen/api-library@32.1.0
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null # the client speaks only TLS
cat >"$work/shop.js" <<'END'
const fs = require('fs');
const https = require('https');
const { Client, CheckoutAPI } = require('@adyen/api-library');
const told = [];
const tls = { key: fs.readFileSync(`${__dirname}/key.pem`), cert: fs.readFileSync(`${__dirname}/cert.pem`) };
https.createServer(tls, (request, response) => request.resume().on('end', () => {
  told.push(`${request.url.replace('/v72', '')}: key ${request.headers['idempotency-key'] ?? 'none'}`);
  response.setHeader('content-type', 'application/json').end('{"pspReference":"psp-1"}');
})).listen(0, '127.0.0.1', async function () {
  const { PaymentsApi: payments, ModificationsApi: changes } = new CheckoutAPI(new Client({ apiKey: 'key', environment: 'TEST' }));
  for (const api of [payments, changes]) api.baseUrl = `https://localhost:${this.address().port}/v72`;
  const amount = { value: 1999, currency: 'EUR' };
  const buy = async (headers) => {
    await payments.payments({ reference: 'ana', amount }, { headers: headers(), idempotencyKey: 'ana-1' });
    await payments.paymentsDetails({ details: { redirectResult: 'of bob' } }, { headers: headers() });
    await changes.captureAuthorisedPayment('psp-of-cara', { amount }, { headers: headers() });
    return told.splice(0).join('; ');
  };
  const SHOP = { 'X-Shop': 'oslo' };
  console.log(`fresh headers: ${await buy(() => ({ ...SHOP }))}`);
  console.log(`one object: ${await buy(() => SHOP)}`);
  process.exit();
});
END
NODE_EXTRA_CA_CERTS="$work/cert.pem" node "$work/shop.js" >"$work/seen"
behaves <<'END'
fresh headers: /payments: key ana-1; /payments/details: key none; /payments/psp-of-cara/captures: key none
one object: /payments: key ana-1; /payments/details: key ana-1; /payments/psp-of-cara/captures: key ana-1
END
