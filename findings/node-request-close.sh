#!/usr/bin/env bash
# Node's http server: request.on('close') fires at every purchase, not when a customer leaves.
#
# Shown: since Node 16 the request's `close` comes as soon as its body has been read, while the
# handler is still working and the customer is waiting. `request.destroyed` is true and
# `request.aborted` false by then. Only the *response's* `close` before `writableFinished`
# means that the customer left.
# Version: Node 20 (no package).
# Why a checkout cares: "cancel the payment when the customer leaves", written on the request,
# cancels the payment of customers who stay; one that checks `request.destroyed` before it
# answers never answers.
# Instead: response.on('close', () => { if (!response.writableFinished) … }), and even then do
# not cancel: a customer who left may have paid. Let the order's own state decide.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "request 'close' means that the connection was closed before the answer"
uses node nodejs
echo "versions: Node $(node --version)"
cat >"$work/shop.js" <<'END'
const http = require('http');
const story = [];
let arrived;
const shop = http.createServer(async (request, response) => {
  request.on('close', () => story.push(`request close (destroyed ${request.destroyed}, aborted ${request.aborted})`));
  response.on('close', () => {
    story.push(response.writableFinished ? 'response close, answered' : 'response close, NOT answered');
    console.log(`${request.url.slice(1)}: ${story.splice(0).join(' > ')}`);
  });
  for await (const chunk of request) void chunk;
  await new Promise(setImmediate);
  story.push('charging');
  arrived?.();
  await new Promise((done) => setTimeout(done, 200));
  response.end('paid');
}).listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${shop.address().port}`;
  await (await fetch(`${url}/stays`, { method: 'POST', body: 'card' })).text();
  const leaves = new AbortController();
  const charging = new Promise((resolve) => (arrived = resolve));
  const purchase = fetch(`${url}/leaves`, { method: 'POST', body: 'card', signal: leaves.signal }).catch(() => {});
  await charging;
  leaves.abort();
  await purchase;
  setTimeout(process.exit, 500);
});
END
node "$work/shop.js" >"$work/seen"
behaves <<'END'
stays: request close (destroyed true, aborted false) > charging > response close, answered
leaves: request close (destroyed true, aborted false) > charging > response close, NOT answered
END
