'use strict';
// A shop as it is often written first. Its happy path works: it takes the money
// and sends the parcel while the customer waits. It writes nothing down, and takes
// every request for a new one: three ways to make a customer unhappy.
const http = require('node:http');
const partners = require('./partners.js');

const price = { value: 49900, currency: 'NOK' };
const pollMS = Number(process.env.POLL_MS);
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const slow = new Set();
const shipped = new Set();

// buy charges and ships. Where the customer takes long to approve the payment in
// her app, it answers once that this may take a while, and goes on.
async function buy(basket, order, answer) {
  const reference = `${order}-${Math.random().toString(36).slice(2, 10)}`; // a new payment for each request
  await partners.create(reference, price);
  for (let looks = 1; (await partners.look(reference)).state !== 'AUTHORIZED'; looks++) {
    if (looks === 5 && !slow.has(order)) {
      slow.add(order);
      answer(202, { status: 'pending' });
    }
    await sleep(pollMS);
  }
  await partners.capture(reference, price);
  if (!shipped.has(order)) { // the order is checked for, the payment was not
    shipped.add(order);
    await partners.ship(order, basket);
  }
  answer(200, { status: 'shipped' });
}

http.createServer((request, response) => {
  const answer = (status, body) => {
    if (response.writableEnded) return;
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
  const [, what, basket, button] = request.url.split('/');
  request.resume(); // the body says nothing that we need
  if (request.method === 'GET' && what === 'cart') return answer(200, { order: `${basket}-order`, ...price });
  if (request.method === 'POST' && what === 'cart' && button === 'buy') {
    return buy(basket, `${basket}-order`, answer).catch((error) => answer(500, { error: error.message }));
  }
  return answer(404, { error: 'there is no such page' });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
