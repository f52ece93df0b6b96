#!/usr/bin/env bash
# GoCardless' Node client: the key exists, with another amount, and create() resolves.
#
# Shown: the provider refuses a payment of 29.99 with 409 idempotent_creation_conflict, because the
# key belongs to an earlier one of 19.99 that has failed since. The client fetches that earlier
# payment and returns it as the result of create(). With raiseOnIdempotencyConflict: true it throws.
# Version: gocardless-nodejs 10.1.2 (Node), a loopback server with the documented error.
# Why a checkout cares: "created" is taken for "paid now": the goods go for an old amount, an old
# mandate or a failed payment. Other providers answer 4xx for the same mistake.
# Instead: compare id, amount, currency and status with what was asked, always; or the option.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "create() that resolves returns the payment that was asked for"
npm_install gocardless-nodejs@10.1.2
cat >"$work/pay.js" <<'END'
const http = require('http');
const { GoCardlessClient } = require('gocardless-nodejs');
const conflict = {
  error: {
    type: 'invalid_state', code: 409, request_id: 'r1', documentation_url: '',
    message: 'A resource has already been created with this idempotency key',
    errors: [{
      reason: 'idempotent_creation_conflict', message: 'already used',
      links: { conflicting_resource_id: 'PM1' },
    }],
  },
};
const earlier = { payments: { id: 'PM1', amount: 1999, currency: 'EUR', status: 'failed' } };
const requests = [];
const provider = http.createServer((request, response) => request.resume().on('end', () => {
  requests.push(`${request.method} ${request.url}`);
  response.writeHead(request.method === 'POST' ? 409 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(request.method === 'POST' ? conflict : earlier));
})).listen(0, '127.0.0.1', async () => {
  for (const options of [{}, { raiseOnIdempotencyConflict: true }]) {
    const client = new GoCardlessClient('token', 'sandbox', options);
    client._api._baseUrl = `http://127.0.0.1:${provider.address().port}`;
    const asked = { amount: '2999', currency: 'EUR', links: { mandate: 'MD1' } };
    const told = await client.payments.create(asked, 'order-1').then(
      ({ id, amount, status }) => `resolves with ${id}, amount ${amount}, ${status}`,
      (error) => `throws ${error.constructor.name}`);
    console.log(`create() of 2999, ${JSON.stringify(options)}: ${told}; the provider saw ${requests.splice(0).join(', ')}`);
  }
  process.exit();
});
END
node "$work/pay.js" >"$work/seen"
behaves <<'END'
create() of 2999, {}: resolves with PM1, amount 1999, failed; the provider saw POST /payments, GET /payments/PM1
create() of 2999, {"raiseOnIdempotencyConflict":true}: throws IdempotentCreationConflictError; the provider saw POST /payments
END
