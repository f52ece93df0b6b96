#!/usr/bin/env bash
# A provider's client has a time-out of one second, and the payment's answer stops inside its body.
#
# Shown: the head of the answer and the start of its body come at once, then nothing more, and the
# connection stays open: a provider or a gateway that dies, or a network that loses the rest.
# - Square's `timeoutInSeconds: 1` and Mercado Pago's `timeout: 1000` are over once the headers are there:
#   four seconds after it both calls still wait. An answer that does not begin ends after a second.
# - Mollie's `timeoutMs: 1000` ends, and the error says status 200 and an empty body, as if the provider
#   had answered; an answer that does not begin is a time-out in so many words.
# - Stripe's `timeout: 1000` of version 18 leaves its caller waiting as well. That of version 23 (by
#   Node's http and by fetch), Adyen's and PayPal's hold for the whole answer.
# Versions: square 46.0.0, mercadopago 3.6.1, mollie-api-typescript 1.12.28, stripe 18.5.0 and 23.1.0,
# @adyen/api-library 32.1.0, @paypal/paypal-server-sdk 2.5.0.
# Why a checkout cares: the request of the customer, its database connection and its lock wait for
# minutes, while the payment is done; a test with an answer that never begins shows nothing of it.
# Instead: a deadline of one's own around the call, after which the outcome is unknown and looked up.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a client's time-out is how long a call takes at most"
npm_install square@46.0.0 mercadopago@3.6.1 mollie-api-typescript@1.12.28 stripe@23.1.0 stripe-18@npm:stripe@18.5.0 \
  @adyen/api-library@32.1.0 @paypal/paypal-server-sdk@2.5.0
cat >"$work/pay.js" <<'END'
const http = require('node:http'), https = require('node:https'), net = require('node:net');

let begins;
const provider = http.createServer((request, response) => {
  request.resume().on('end', () => {
    if (request.url.includes('/oauth2/token')) { // PayPal's client logs in first
      response.writeHead(200, { 'Content-Type': 'application/json' });
      return response.end('{"access_token":"t","token_type":"Bearer","expires_in":999}');
    }
    if (!begins) return;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1000 });
    response.write('{"id":"');
  });
});

const calls = {};
function clients(port) {
  const base = `http://127.0.0.1:${port}`;
  // Two of them speak to a fixed host by https: their connections come here, in plain text.
  https.Agent.prototype.createConnection = () => net.connect(port, '127.0.0.1');

  const { SquareClient } = require('square');
  const square = new SquareClient({ token: 't', environment: base });
  calls.Square = () => square.payments.create({ sourceId: 's', idempotencyKey: 'k', amountMoney: { amount: 1999n, currency: 'EUR' } }, { timeoutInSeconds: 1, maxRetries: 0 });

  const { MercadoPagoConfig, Payment } = require('mercadopago');
  require('./node_modules/mercadopago/dist/utils/config').AppConfig.BASE_URL = base;
  const mercadoPago = new Payment(new MercadoPagoConfig({ accessToken: 't', options: { timeout: 1000, maxRetries: 0 } }));
  calls['Mercado Pago'] = () => mercadoPago.create({ body: { transaction_amount: 19.99, payment_method_id: 'pix' } });

  const mollie = new (require('mollie-api-typescript').Client)({ security: { apiKey: 'test_key' }, serverURL: base, timeoutMs: 1000 });
  const payment = { amount: { value: '19.99', currency: 'EUR' }, description: 'order 1', redirectUrl: 'https://shop.example/1' };
  calls.Mollie = () => mollie.payments.create({ paymentRequest: payment }, { retries: { strategy: 'none' } });

  const Stripe = require('stripe'), to = { host: '127.0.0.1', port, protocol: 'http', timeout: 1000, maxNetworkRetries: 0 };
  const stripe = new Stripe('sk_test', to), byFetch = new Stripe('sk_test', { ...to, httpClient: Stripe.createFetchHttpClient() });
  const old = new (require('stripe-18'))('sk_test', to);
  calls['Stripe 18'] = () => old.paymentIntents.create({ amount: 1999, currency: 'eur' });
  calls.Stripe = () => stripe.paymentIntents.create({ amount: 1999, currency: 'eur' });
  calls['Stripe by fetch'] = () => byFetch.paymentIntents.create({ amount: 1999, currency: 'eur' });

  const { Client, CheckoutAPI } = require('@adyen/api-library');
  const adyen = new CheckoutAPI(new Client({ apiKey: 'k', environment: 'TEST', connectionTimeoutMillis: 1000 }));
  calls.Adyen = () => adyen.PaymentsApi.payments({ amount: { value: 1999, currency: 'EUR' }, reference: '1', merchantAccount: 'm', paymentMethod: { type: 'scheme' }, returnUrl: 'https://shop.example/1' });

  const paypal = require('@paypal/paypal-server-sdk');
  const orders = new paypal.OrdersController(new paypal.Client({ clientCredentialsAuthCredentials: { oAuthClientId: 'i', oAuthClientSecret: 's' }, timeout: 1000, environment: paypal.Environment.Sandbox }));
  calls.PayPal = () => orders.captureOrder({ id: 'ORDER1' });
}

const saysTime = (e) => /time.?out|timed out|abort/i.test(`${e.name} ${e.message} ${e.cause?.name} ${e.cause?.message}`);

async function main() {
  clients(provider.address().port);
  for (const [name, pay] of Object.entries(calls))
    for (begins of [false, true]) {
      const late = new Promise((resolve) => setTimeout(resolve, 5000, 'STILL WAITING after 5 s'));
      const came = pay().then((r) => `resolves with ${r}`, (e) => `ends, ${saysTime(e) ? 'by a time-out' : `"${e.message}"`}`);
      console.log(`${name}, an answer that ${begins ? 'stops inside its body' : 'does not begin'}: ${await Promise.race([came, late])}`);
    }
  process.exit(0);
}

provider.listen(0, '127.0.0.1', main);
END
(cd "$work" && node pay.js 2>"$work/errors") >"$work/seen" || cat "$work/errors"
behaves <<'END'
Square, an answer that does not begin: ends, by a time-out
Square, an answer that stops inside its body: STILL WAITING after 5 s
Mercado Pago, an answer that does not begin: ends, by a time-out
Mercado Pago, an answer that stops inside its body: STILL WAITING after 5 s
Mollie, an answer that does not begin: ends, by a time-out
Mollie, an answer that stops inside its body: ends, "Unexpected Status or Content-Type: Status 200. Body: """
Stripe 18, an answer that does not begin: ends, by a time-out
Stripe 18, an answer that stops inside its body: STILL WAITING after 5 s
Stripe, an answer that does not begin: ends, by a time-out
Stripe, an answer that stops inside its body: ends, by a time-out
Stripe by fetch, an answer that does not begin: ends, by a time-out
Stripe by fetch, an answer that stops inside its body: ends, by a time-out
Adyen, an answer that does not begin: ends, "socket hang up"
Adyen, an answer that stops inside its body: ends, by a time-out
PayPal, an answer that does not begin: ends, by a time-out
PayPal, an answer that stops inside its body: ends, by a time-out
END
