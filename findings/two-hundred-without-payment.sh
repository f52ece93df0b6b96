#!/usr/bin/env bash
# A payment is created, and what comes is a 200 that is not the provider's: a page of the gateway
# in between ("maintenance"), a blank line, nothing, or JSON of something else.
#
# Shown: of six payment clients only Stripe's and Braintree's refuse a page, and only Stripe's a
# blank line too. Adyen's, checkout.com's and Razorpay's resolve with all four, Square's with all but
# the empty one (for the page the value says `ok: false`; nothing is thrown). Braintree's says
# `success: true` for a blank line and for foreign JSON, without a transaction.
# Versions: @adyen/api-library 32.1.0, checkout-sdk-node 5.2.1, razorpay 2.9.8, square 46.0.0,
# braintree 3.40.0, stripe 23.1.0 (Node 20).
# Why a checkout cares: no error is thrown, so nothing is tried again or looked up. `success` says
# paid where nothing was charged; a `resultCode` of undefined falls into the branch "refused" while
# the charge may stand: the page can also come instead of the answer.
# Instead: an answer is one only with an id, a status out of the known ones and the amount asked
# for; anything else is unknown, and is asked for again under the same key.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a 200 whose body is no payment is an error that the client throws"
uses openssl openssl
npm_install @adyen/api-library@32.1.0 checkout-sdk-node@5.2.1 razorpay@2.9.8 square@46.0.0 braintree@3.40.0 stripe@23.1.0
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null # Adyen's client speaks only TLS
cat >"$work/shop.js" <<'END'
const fs = require('fs');
const http = require('http');
const https = require('https');
const answers = {
  'a page': ['text/html', '<h1>Maintenance</h1>'],
  blank: ['text/plain', '\n'],
  empty: ['text/plain', ''],
  'other JSON': ['application/json', '{"message":"maintenance"}'],
};
let answer;
const give = (request, response) => request.resume().on('end', () => {
  response.setHeader('content-type', answer[0]).end(answer[1]);
});
const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
(async () => {
  const port = await listen(http.createServer(give));
  const tls = await listen(https.createServer({ key: fs.readFileSync(`${__dirname}/key.pem`), cert: fs.readFileSync(`${__dirname}/cert.pem`) }, give));
  console.warn = () => {}; // Adyen's client writes a warning for a page
  const { Client, CheckoutAPI } = require('@adyen/api-library');
  const adyen = new CheckoutAPI(new Client({ apiKey: 'key', environment: 'TEST' })).PaymentsApi;
  adyen.baseUrl = `https://localhost:${tls}/v72`;
  const { Checkout } = require('checkout-sdk-node');
  const checkout = new Checkout('sk_sbox_x', { pk: 'pk_sbox_x', host: `http://127.0.0.1:${port}` });
  const razorpay = new (require('razorpay'))({ key_id: 'rzp_test_x', key_secret: 'x' });
  razorpay.api.rq.defaults.baseURL = `http://127.0.0.1:${port}`; // it has no option for that
  const { SquareClient } = require('square');
  const square = new SquareClient({ token: 'x', baseUrl: `http://127.0.0.1:${port}` });
  const { BraintreeGateway, Environment } = require('braintree');
  const here = new Environment('127.0.0.1', `${port}`, `http://127.0.0.1:${port}`, false, `http://127.0.0.1:${port}`);
  const braintree = new BraintreeGateway({ environment: here, merchantId: 'm', publicKey: 'p', privateKey: 'k' });
  const Stripe = require('stripe');
  const stripe = new (Stripe.default ?? Stripe)('sk_test_x', { host: '127.0.0.1', port, protocol: 'http' });
  // How each shop would see whether it is paid.
  const pay = {
    Adyen: async () => `resultCode ${(await adyen.payments({ reference: 'ana', amount: { value: 1999, currency: 'EUR' } })).resultCode}`,
    'checkout.com': async () => `approved ${(await checkout.payments.request({ source: { type: 'token', token: 't' }, amount: 1999, currency: 'EUR' })).approved}`,
    Razorpay: async () => `status ${(await razorpay.orders.create({ amount: 1999, currency: 'INR' })).status}`,
    Square: async () => `payment ${(await square.payments.create({ idempotencyKey: 'ana', sourceId: 's', amountMoney: { amount: 1999n, currency: 'EUR' } })).payment}`,
    Braintree: async () => `success ${(await braintree.transaction.sale({ amount: '19.99', paymentMethodNonce: 'n' })).success}`,
    Stripe: async () => `status ${(await stripe.paymentIntents.create({ amount: 1999, currency: 'eur' })).status}`,
  };
  for (const [name, ask] of Object.entries(pay)) {
    const told = [];
    for (const [kind, what] of Object.entries(answers)) {
      answer = what;
      told.push(`${kind}: ${await ask().catch(() => 'an error')}`);
    }
    console.log(`${name}: ${told.join('; ')}`);
  }
  process.exit();
})();
END
NODE_EXTRA_CA_CERTS="$work/cert.pem" node --no-warnings "$work/shop.js" >"$work/seen"
behaves <<'END'
Adyen: a page: resultCode undefined; blank: resultCode undefined; empty: resultCode undefined; other JSON: resultCode undefined
checkout.com: a page: approved undefined; blank: approved undefined; empty: approved undefined; other JSON: approved undefined
Razorpay: a page: status undefined; blank: status undefined; empty: status undefined; other JSON: status undefined
Square: a page: payment undefined; blank: payment undefined; empty: an error; other JSON: payment undefined
Braintree: a page: an error; blank: success true; empty: an error; other JSON: success true
Stripe: a page: an error; blank: an error; empty: an error; other JSON: status undefined
END
