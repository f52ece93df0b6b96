'use strict';
// A shop that is paid by Stripe, mended. What is different:
//
//  - The order has its id before the customer clicks, and a click puts that order: however
//    often the same one comes, it is one order with one payment intent.
//  - What the shop is about to do is in the journal before it does it. A shop that was
//    killed goes on where the journal ends.
//  - No answer says neither yes nor no. The shop asks again with the same Idempotency-Key,
//    or looks.
//  - A webhook is checked, and taken once. Where none comes, the shop looks by itself, so
//    that a lost webhook costs a few seconds and no sale.
//  - The customer is answered at once, and can ask how her order stands. Until the shop
//    knows, it says that it is checking.
//
// Left out, for five minutes' sake: refunds, and the goods in stock.
const http = require('node:http');
const { Journal } = require('./journal.js');
const ship = require('./carrier.js');
const stripe = require('./stripe.js');

const price = { amount: 49900, currency: 'NOK' };
const pauseMS = { first: Number(process.env.PAUSE_MS), most: Number(process.env.PAUSE_MOST_MS) };
const journal = new Journal(`${process.env.DATA}/orders.jsonl`);

// A payment intent ends in one of two ways.
const after = { succeeded: 'shipping', canceled: 'declined' };

// secrets are what the page gives to stripe.confirmPayment, by order. They open a payment,
// so they are in memory only: the next look has them again.
const secrets = new Map();

// A step says where the order stands next, or nothing where it stands as before. It can be
// taken as often as need be.
const steps = {
  async paying(id, { attempt, intent: known }) {
    let intent = known ? await stripe.look(known) : await stripe.create(id, price, `order-${id}-${attempt}`);
    if (!known) journal.write(id, { intent: intent.id });
    secrets.set(id, intent.client_secret);
    // A declined card leaves the intent open for another one. It is canceled before anybody
    // says “declined”, or the customer could be charged after she was told that she was not.
    const declined = intent.status === 'requires_payment_method' && intent.last_payment_error;
    if (declined) intent = await stripe.cancel(intent.id);
    return after[intent.status];
  },
  async shipping(id, { basket }) {
    await ship(id, basket, `ship-${id}`);
    return 'shipped';
  },
};

// The orders that rest, with what wakes them before their time: a webhook.
const resting = new Map();

function rest(id, ms) {
  return new Promise((wake) => {
    const timer = setTimeout(wake, ms);
    resting.set(id, () => { clearTimeout(timer); wake(); });
  });
}

// work takes an order to its end. Nobody waits for it, and each order has one.
async function work(id) {
  for (let pauses = 0; ;) {
    const order = journal.orders.get(id);
    if (!steps[order.status]) return; // shipped, or declined
    const next = await steps[order.status](id, order).catch((error) => console.error(`${id} ${order.status}: ${error.message}`));
    if (journal.orders.get(id).status !== order.status) continue; // a webhook was first
    if (next) {
      journal.write(id, { status: next });
      pauses = 0;
      continue;
    }
    // She has not paid yet, or nobody knows what happened: look again, later each time,
    // and not all orders at the same moment.
    const pause = Math.min(pauseMS.most, pauseMS.first * 2 ** pauses++);
    await rest(id, pause * (0.5 + Math.random() / 2));
  }
}

// hear takes an event, once. Of all events only “succeeded” is the last word on a payment.
// The others may be old when they come, so that they only wake its order, which looks.
function hear({ id: event, type, data }) {
  if (!type.startsWith('payment_intent.') || journal.events.has(event)) return;
  const { id: intent, metadata: { order: id } } = data.object;
  const order = journal.orders.get(id);
  if (!order) return; // a payment for something else
  const isNews = type === 'payment_intent.succeeded' && order.status === 'paying';
  journal.write(id, isNews ? { status: 'shipping', intent } : {}, event);
  resting.get(id)?.();
}

const words = {
  shipped: 'Your parcel is on its way.',
  declined: 'The payment was declined. You were not charged.',
  changed: 'The basket has changed. Please look at it again.',
};

// view says it twice, in a word for programs and in a sentence for people: a page that
// finds one of them missing has the other.
function view(id) {
  const { status } = journal.orders.get(id);
  if (words[status]) return { id, status, says: words[status] };
  return { id, status: 'checking', says: 'We have your order, and are checking the payment.', clientSecret: secrets.get(id) };
}

const orderOf = (basket) => `${basket}-order`; // one basket, one order, however often its page is loaded

// attemptOf is the attempt to pay that a page loaded now begins or sees: after a declined one
// there may be another. A submit of an older page that comes late begins none.
function attemptOf(order) {
  if (!order) return 1;
  return order.status === 'declined' ? order.attempt + 1 : order.attempt;
}

// put takes an order, once.
function put(id, { basket, attempt, amount, currency }) {
  const order = journal.orders.get(id);
  const asShown = id === orderOf(basket) && amount === price.amount && currency === price.currency && attempt <= attemptOf(order);
  if (!asShown) return [409, { status: 'changed', says: words.changed }];
  if (attempt > (order?.attempt ?? 0)) {
    journal.write(id, { status: 'paying', basket, attempt, intent: null });
    secrets.delete(id); // of the attempt before
    work(id);
  }
  return [202, view(id)];
}

async function serve(request) {
  const [, what, id] = request.url.split('/');
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  if (request.method === 'GET' && what === 'cart') {
    const order = orderOf(id);
    return [200, { order, attempt: attemptOf(journal.orders.get(order)), ...price }];
  }
  if (request.method === 'PUT' && what === 'orders') return put(id, JSON.parse(body));
  if (request.method === 'GET' && what === 'orders' && journal.orders.has(id)) return [200, view(id)];
  if (request.method === 'POST' && request.url === '/webhooks') {
    const event = stripe.eventOf(request.headers['stripe-signature'], body);
    if (!event) return [400, { says: 'The signature is wrong.' }];
    hear(event); // what is answered with an error would be sent again
    return [200, {}];
  }
  return [404, { says: 'There is nothing here.' }];
}

for (const id of journal.orders.keys()) work(id); // what the last life has left

http.createServer((request, response) => {
  serve(request).catch((error) => [400, { says: error.message }]).then(([status, body]) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
