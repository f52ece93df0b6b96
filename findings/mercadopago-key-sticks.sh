#!/usr/bin/env bash
# Mercado Pago's own client for Node: the idempotency key of one payment goes along with all later ones.
#
# Shown: the shop makes one client, as the manual has it, and gives each order's payment a key in
# `requestOptions`, which are documented as those of this call. They stay in the client:
# - Ana pays 10.00 under the key of her order. Bob's payment of 20.00, for which the shop names no key,
#   carries Ana's. A provider that keeps keys gives him Ana's payment: approved, with another id and
#   amount than he was to pay, and nothing was taken from him. Refunds are no better: the second
#   partial refund gets the first one's answer, and 3.00 were not refunded.
# - Payments and refunds made of one configuration share what stays, the `timeout` of one call as well.
# - A client of its own for each call has no key of another; without any it makes a fresh one.
# Version: mercadopago 3.6.1.
# Why a checkout cares: the second customer's order is shipped for the first one's money, and all that
# tells is the amount in an answer that says "approved".
# Instead: a key in each call, refunds and captures included, or a client for each call; compare the
# id, the amount and the reference of an answer with what was asked for.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "requestOptions are of the call that they are given to"
npm_install mercadopago@3.6.1
cat >"$work/pay.js" <<'END'
const http = require('node:http');
const { MercadoPagoConfig, Payment, PaymentRefund } = require('mercadopago');

// A provider that keeps keys: it answers a key that it knows as it did the first time.
const kept = new Map();
let keys = [];
const provider = http.createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part)).on('end', () => {
    const key = request.headers['x-idempotency-key'];
    keys.push(/^[0-9a-f]{8}-/.test(key) ? 'a key of the client\'s own' : key);
    if (!kept.has(key)) {
      const { transaction_amount: amount, amount: refunded } = JSON.parse(body || '{}');
      kept.set(key, { id: kept.size + 1, status: 'approved', amount: amount ?? refunded });
    }
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(kept.get(key)));
  });
});

const told = (who, answer) => console.log(`${who}: key ${keys.at(-1)}, payment ${answer.id}, ${answer.status}, amount ${answer.amount}`);
const body = (amount) => ({ transaction_amount: amount, payment_method_id: 'pix', payer: { email: 'customer@example.com' } });

async function main() {
  // Where the client sends to is fixed in it: here it is this provider.
  require('./node_modules/mercadopago/dist/utils/config').AppConfig.BASE_URL = `http://127.0.0.1:${provider.address().port}`;

  const config = new MercadoPagoConfig({ accessToken: 'TEST-token' });
  const payments = new Payment(config), refunds = new PaymentRefund(config);
  told('Ana pays 10, under a key', await payments.create({ body: body(10), requestOptions: { idempotencyKey: 'order-ana' } }));
  told('Bob pays 20, no key named', await payments.create({ body: body(20) }));
  told('Cyd pays 30, under a key', await payments.create({ body: body(30), requestOptions: { idempotencyKey: 'order-cyd' } }));
  told('2 of Cyd\'s 30 are refunded', await refunds.create({ payment_id: 3, body: { amount: 2 }, requestOptions: { idempotencyKey: 'refund-1', timeout: 9000 } }));
  told('3 more are refunded, no key named', await refunds.create({ payment_id: 3, body: { amount: 3 } }));
  console.log(`the client's options by now: ${JSON.stringify(config.options)}`);

  const fresh = () => new Payment(new MercadoPagoConfig({ accessToken: 'TEST-token' }));
  told('A client for each call: Dan pays 40, under a key', await fresh().create({ body: body(40), requestOptions: { idempotencyKey: 'order-dan' } }));
  told('A client for each call: Eve pays 50, no key named', await fresh().create({ body: body(50) }));
  provider.close();
}

provider.listen(0, '127.0.0.1', main);
END
(cd "$work" && node pay.js) >"$work/seen"
behaves <<'END'
Ana pays 10, under a key: key order-ana, payment 1, approved, amount 10
Bob pays 20, no key named: key order-ana, payment 1, approved, amount 10
Cyd pays 30, under a key: key order-cyd, payment 2, approved, amount 30
2 of Cyd's 30 are refunded: key refund-1, payment 3, approved, amount 2
3 more are refunded, no key named: key refund-1, payment 3, approved, amount 2
the client's options by now: {"idempotencyKey":"refund-1","timeout":9000}
A client for each call: Dan pays 40, under a key: key order-dan, payment 4, approved, amount 40
A client for each call: Eve pays 50, no key named: key a key of the client's own, payment 5, approved, amount 50
END
