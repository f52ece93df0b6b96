'use strict';
// A shop that is paid by Stripe as it is often written first. Its happy path works. It
// writes nothing down, takes every click for a new purchase, and a time-out for a failure.
const http = require('node:http');
const { randomUUID } = require('node:crypto');
const ship = require('./carrier.js');
const stripe = require('./stripe.js');

const price = { amount: 49900, currency: 'NOK' };
const pollMS = Number(process.env.POLL_MS);
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const orders = new Map(); // id → its basket, and what was done

// fulfil is called by the click's own request and by the webhook. The first one sends.
async function fulfil(id) {
  const order = orders.get(id);
  if (!order || order.sent) return; // the order is checked for, the payment was not
  order.sent = true;
  await ship(id, order.basket, randomUUID());
}

// buy charges and ships while the customer waits. Where she takes long to pay, it answers
// once that this may take a while.
async function buy(id, basket) {
  const order = orders.get(id) ?? { basket, sent: false, slow: false };
  orders.set(id, order);
  let intent = await stripe.create(id, price); // no key: a new payment for each click
  for (let looks = 1; intent.status !== 'succeeded'; looks++) {
    if (intent.last_payment_error) throw new Error('the card was declined');
    if (looks === 3 && !order.slow) {
      order.slow = true;
      return [202, { status: 'pending' }]; // the webhook does the rest, and her page never hears of it
    }
    await sleep(pollMS);
    intent = await stripe.look(intent.id);
  }
  await fulfil(id);
  return [200, { status: 'shipped' }];
}

async function serve(request) {
  const [, what, basket, button] = request.url.split('/');
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  if (request.method === 'GET' && what === 'cart') return [200, { order: `${basket}-order`, ...price }];
  if (request.method === 'POST' && what === 'cart' && button === 'buy') {
    return buy(`${basket}-order`, basket).catch((error) => [402, { status: 'failed', error: error.message }]); // no answer counts as no payment
  }
  if (request.method === 'POST' && request.url === '/webhooks') {
    const event = stripe.eventOf(request.headers['stripe-signature'], body);
    if (event?.type === 'payment_intent.succeeded') await fulfil(event.data.object.metadata.order);
    return [event ? 200 : 400, {}];
  }
  return [404, { error: 'there is no such page' }];
}

http.createServer((request, response) => {
  serve(request).catch((error) => [500, { error: error.message }]).then(([status, body]) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
