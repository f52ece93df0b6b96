#!/usr/bin/env bash
# Square's Node client: the payment succeeded, and answering the customer throws.
#
# Shown: amounts in an answer are BigInt. JSON.stringify of the payment (so Express' res.json,
# a log line, a queue's job, a JSON column) throws a TypeError *after* the card was charged,
# and `amount === 1999` is false for 1999.
# Version: square 46.0.0 (Node), a loopback server with the documented answer.
# Why a checkout cares: the charge is done, the handler ends in 500, the customer pays again
# (with a new idempotency key, because the first order was never saved).
# Instead: store the payment's id before anything else; turn amounts into strings or checked
# numbers where the answer arrives: JSON.stringify(payment, (_, v) => typeof v === 'bigint' ? `${v}` : v).
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "the object that a payment SDK parsed from JSON can be written as JSON again"
npm_install square@46.0.0
cat >"$work/pay.js" <<'END'
const http = require('http');
const { SquareClient } = require('square');
let charges = 0;
const provider = http.createServer((request, response) => {
  request.resume().on('end', () => {
    charges++;
    response.setHeader('content-type', 'application/json');
    response.end('{"payment":{"id":"p1","status":"COMPLETED","amount_money":{"amount":1999,"currency":"EUR"}}}');
  });
});
const shop = http.createServer(async (request, response) => {
  const client = new SquareClient({ token: 'test', baseUrl: `http://127.0.0.1:${provider.address().port}` });
  try {
    const { payment } = await client.payments.create({
      sourceId: 'cnon:card-nonce-ok', idempotencyKey: 'order-1', amountMoney: { amount: 1999n, currency: 'EUR' },
    });
    console.log(`payment ${payment.status}, amount === 1999: ${payment.amountMoney.amount === 1999}`);
    response.end(JSON.stringify(payment));
  } catch (error) {
    response.statusCode = 500;
    response.end(`${error.name}: ${error.message}`);
  }
});
provider.listen(0, '127.0.0.1', () => shop.listen(0, '127.0.0.1', async () => {
  const answer = await fetch(`http://127.0.0.1:${shop.address().port}`, { method: 'POST' });
  console.log(`the customer gets ${answer.status}, ${await answer.text()}`);
  console.log(`charges at the provider: ${charges}`);
  process.exit();
}));
END
node "$work/pay.js" >"$work/seen"
behaves <<'END'
payment COMPLETED, amount === 1999: false
the customer gets 500, TypeError: Do not know how to serialize a BigInt
charges at the provider: 1
END
