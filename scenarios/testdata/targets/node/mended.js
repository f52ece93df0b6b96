'use strict';
// The same shop, mended. What is different:
//
//  - The order has its id before the customer clicks, and a click puts that order:
//    however often the same one comes, it is one order. Another id is refused.
//  - What the shop is about to do is in the journal before it does it. A shop that
//    was killed goes on where the journal ends.
//  - Each call has one key for good, and no answer is no answer: it says neither
//    yes nor no. The shop looks, and asks again with the same key.
//  - The customer is answered at once, and can ask how her order stands.
//
// Left out, for five minutes' sake: webhooks, refunds, and the goods in stock.
const http = require('node:http');
const { Journal } = require('./journal.js');
const partners = require('./partners.js');

const price = { value: 49900, currency: 'NOK' };
const pollMS = Number(process.env.POLL_MS);
const backOffMS = { first: Number(process.env.BACK_OFF_MS), most: Number(process.env.BACK_OFF_MOST_MS) };
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const journal = new Journal(`${process.env.DATA}/orders.jsonl`);

// A step says where the order stands next, or nothing where it stands as before.
// It looks before it acts, so that it can be taken as often as need be.
const steps = {
  async paying(id) {
    const payment = await partners.look(id).catch((error) => {
      if (error.status === 404) return undefined; // nothing of it got there
      throw error;
    });
    if (!payment) await partners.create(id, price);
    if (payment?.state === 'AUTHORIZED') return 'capturing';
    if (['ABORTED', 'EXPIRED', 'TERMINATED'].includes(payment?.state)) return 'refused';
  },
  async capturing(id) {
    const captured = (await partners.look(id)).aggregate.capturedAmount.value;
    if (captured === price.value) return 'shipping';
    if (captured === 0) await partners.capture(id, price); // and look whether it is so
  },
  async shipping(id, { basket }) {
    await partners.ship(id, basket);
    return 'shipped';
  },
};

// work takes an order to its end. Nobody waits for it.
async function work(id) {
  for (let failures = 0; ;) {
    const order = journal.orders.get(id);
    if (!steps[order.status]) return; // shipped, or refused
    try {
      const next = await steps[order.status](id, order);
      failures = 0;
      if (next) journal.write(id, { status: next });
      else await sleep(pollMS);
    } catch (unknown) {
      // Perhaps it happened, perhaps not: look again, later each time, and not
      // all orders at the same moment.
      const pause = Math.min(backOffMS.most, backOffMS.first * 2 ** failures++);
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }
}

const words = {
  shipped: 'Your parcel is on its way.',
  refused: 'The payment was refused. You were not charged.',
  changed: 'The basket has changed. Please look at it again.',
};

// view says it twice, in a word for programs and in a sentence for people: a page
// that finds one of them missing has the other.
function view(id) {
  const { status } = journal.orders.get(id);
  return { id, status: words[status] ? status : 'working', says: words[status] || 'We have your order, and are working on it.' };
}

const orderOf = (basket) => `${basket}-order`; // one basket, one order, however often its page is loaded

// put takes an order, once.
function put(id, asked) {
  const asShown = id === orderOf(asked.basket) && asked.amount === price.value && asked.currency === price.currency;
  if (!asShown) return [409, { status: 'changed', says: words.changed }];
  if (!journal.orders.has(id)) {
    journal.write(id, { status: 'paying', basket: asked.basket });
    work(id);
  }
  return [202, view(id)];
}

async function serve(request) {
  const [, what, id] = request.url.split('/');
  let body = '';
  for await (const part of request) body += part;
  if (request.method === 'GET' && what === 'cart') return [200, { order: orderOf(id), ...price }];
  if (request.method === 'PUT' && what === 'orders') return put(id, JSON.parse(body));
  if (request.method === 'GET' && what === 'orders' && journal.orders.has(id)) return [200, view(id)];
  return [404, { says: 'There is nothing here.' }];
}

http.createServer((request, response) => {
  serve(request).catch((error) => [400, { says: error.message }]).then(([status, body]) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));

for (const id of journal.orders.keys()) work(id); // what the last life has left
