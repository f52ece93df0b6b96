#!/usr/bin/env bash
# A gateway between shop and provider answers 502, 503 or 504, and the client says that all went well.
#
# Shown: seven providers' own clients for Node make a charge, each with its default options, and in the
# provider's place a gateway answers: a page (503), JSON of its own (502), or nothing (504).
# - iyzico's client has no error at all: `callback(null, …)` with the page as a string, the JSON, or
#   undefined. Omise's and Flutterwave's resolve with the gateway's JSON; they never look at the status.
# - Xendit's and Flutterwave's throw "Body is unusable", a TypeError without a status, for a page or for
#   nothing: they read the body as JSON, and then again as text. Paddle's throws a SyntaxError or
#   "Cannot read properties of undefined". Omise's throws a string, which may be empty.
# - Mollie's throws an error that knows no status, after it has sent the request three times under one
#   key. Only PayPal's tells the status each time.
# Versions: iyzipay 2.0.69, omise 1.1.0, flutterwave-node-v3 1.4.1, xendit-node 7.0.0,
# @paddle/paddle-node-sdk 3.10.0, @mollie/api-client 4.6.0, @paypal/paypal-server-sdk 2.5.0.
# Why a checkout cares: a gateway in trouble says nothing about the charge. "No error" ships without
# money; a TypeError is taken for a bug of the shop, and a catch that asks for `status >= 500` to learn
# that the outcome is unknown never fires, so that the order fails while the customer is charged.
# Instead: an answer counts with an id, a known status and the amount asked for; whatever else comes or
# is thrown is unknown, and is looked up.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a client rejects an answer of 5xx, with its status"
npm_install iyzipay@2.0.69 omise@1.1.0 flutterwave-node-v3@1.4.1 xendit-node@7.0.0 \
  @paddle/paddle-node-sdk@3.10.0 @mollie/api-client@4.6.0 @paypal/paypal-server-sdk@2.5.0
cat >"$work/charge.js" <<'END'
const http = require('node:http'), https = require('node:https'), net = require('node:net');

const answers = {
  '503, a page': [503, 'text/html', '<html>down for maintenance</html>'],
  '502, JSON': [502, 'application/json', '{"message":"bad gateway"}'],
  '504, nothing': [504, undefined, ''],
};
let answer, asked = 0, keys = new Set();
const gateway = http.createServer((request, response) => {
  request.resume().on('end', () => {
    const token = request.url.includes('/oauth2/token'); // PayPal's client logs in first
    if (!token && !/events|mercinfo/.test(request.url)) { // Flutterwave's client also tells how it is used
      asked++;
      keys.add(request.headers['idempotency-key']);
    }
    const [status, type, body] = token ? [200, 'application/json', '{"access_token":"t","token_type":"Bearer","expires_in":999}'] : answer;
    response.writeHead(status, type ? { 'Content-Type': type } : {});
    response.end(body);
  });
});

const call = {}, address = () => gateway.address();
function clients(base) {
  // Three of them want https, or a fixed host: their connections come here, in plain text.
  const here = () => net.connect(address().port, '127.0.0.1');
  https.Agent.prototype.createConnection = here;

  const iyzico = new (require('iyzipay'))({ apiKey: 'k', secretKey: 's', uri: base });
  const order = { price: '19.99', paidPrice: '19.99', currency: 'TRY', basketItems: [], paymentCard: {}, buyer: {}, shippingAddress: {}, billingAddress: {} };
  call.iyzico = () => new Promise((resolve, reject) => iyzico.payment.create(order, (error, result) => (error ? reject(error) : resolve(result))));

  const omise = require('omise')({ secretKey: 'skey_test' });
  call.Omise = () => omise.charges.create({ amount: 1999, currency: 'thb', card: 'tokn_test' });

  const flutterwave = new (require('flutterwave-node-v3'))('FLWPUBK_TEST', 'FLWSECK_TEST', `${base}/`);
  call.Flutterwave = () => flutterwave.Charge.validate({ otp: '12345', flw_ref: 'ref-1' });

  const { Xendit } = require('xendit-node');
  const xendit = new Xendit({ secretKey: 'xnd_development_key', xenditURL: base });
  call.Xendit = () => xendit.PaymentRequest.createPaymentRequest({ idempotencyKey: 'order-1', data: { currency: 'IDR', amount: 1999 } });

  const { Paddle, LogLevel } = require('@paddle/paddle-node-sdk');
  const paddle = new Paddle('key', { environment: base, logLevel: LogLevel.none });
  call.Paddle = () => paddle.transactions.create({ items: [{ priceId: 'pri_1', quantity: 1 }] });

  const { createMollieClient } = require('@mollie/api-client');
  const mollie = createMollieClient({ apiKey: 'test_' + 'a'.repeat(30), apiEndpoint: base.replace('http:', 'https:') + '/v2/' });
  call.Mollie = () => mollie.payments.create({ amount: { value: '19.99', currency: 'EUR' }, description: 'order 1', redirectUrl: 'https://shop.example/1' });

  const { Client, Environment, OrdersController } = require('@paypal/paypal-server-sdk');
  const paypal = new OrdersController(new Client({ clientCredentialsAuthCredentials: { oAuthClientId: 'i', oAuthClientSecret: 's' }, environment: Environment.Sandbox }));
  call.PayPal = () => paypal.captureOrder({ id: 'ORDER1' });
}

const thrown = (e) => (typeof e === 'string' ? `the string ${JSON.stringify(e)}` : `${e.name}, ${e.message.split('\n')[0]}`);

async function main() {
  clients(`http://127.0.0.1:${address().port}`);
  for (const [name, charge] of Object.entries(call))
    for (const [what, of] of Object.entries(answers)) {
      [answer, asked, keys] = [of, 0, new Set()];
      const came = await charge().then(
        (result) => `NO ERROR, ${JSON.stringify(result)}`,
        (e) => `throws ${thrown(e)}, ${e.status ?? e.statusCode ? 'with' : 'NO'} status`);
      console.log(`${name}, ${what}: ${came}${asked > 1 ? `, sent ${asked} times, ${keys.size} key` : ''}`);
    }
  process.exit(0);
}

gateway.listen(0, '127.0.0.1', main);
END
(cd "$work" && node charge.js 2>"$work/errors") >"$work/seen" || cat "$work/errors"
behaves <<'END'
iyzico, 503, a page: NO ERROR, "<html>down for maintenance</html>"
iyzico, 502, JSON: NO ERROR, {"message":"bad gateway"}
iyzico, 504, nothing: NO ERROR, undefined
Omise, 503, a page: throws the string "<html>down for maintenance</html>", NO status
Omise, 502, JSON: NO ERROR, {"message":"bad gateway"}
Omise, 504, nothing: throws the string "", NO status
Flutterwave, 503, a page: throws TypeError, Body is unusable: Body has already been read, NO status
Flutterwave, 502, JSON: NO ERROR, {"message":"bad gateway"}
Flutterwave, 504, nothing: throws TypeError, Body is unusable: Body has already been read, NO status
Xendit, 503, a page: throws TypeError, Body is unusable: Body has already been read, NO status
Xendit, 502, JSON: throws XenditSdkError, [Xendit SDK Error] 502 Bad Gateway, with status
Xendit, 504, nothing: throws TypeError, Body is unusable: Body has already been read, NO status
Paddle, 503, a page: throws SyntaxError, Unexpected token '<', "<html>down"... is not valid JSON, NO status
Paddle, 502, JSON: throws TypeError, Cannot read properties of undefined (reading 'id'), NO status
Paddle, 504, nothing: throws SyntaxError, Unexpected end of JSON input, NO status
Mollie, 503, a page: throws ApiError, Received unexpected response from the server, NO status, sent 3 times, 1 key
Mollie, 502, JSON: throws ApiError, Received an error without a message, NO status, sent 3 times, 1 key
Mollie, 504, nothing: throws ApiError, Received unexpected response from the server, NO status, sent 3 times, 1 key
PayPal, 503, a page: throws Error, The error response., with status
PayPal, 502, JSON: throws Error, The error response., with status
PayPal, 504, nothing: throws Error, The error response., with status
END
