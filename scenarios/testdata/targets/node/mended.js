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
const { price, orders, take, forget } = require('./desk.js');

const words = {
  shipped: 'Your parcel is on its way.',
  refused: 'The payment was refused. You were not charged.',
  changed: 'The basket has changed. Please look at it again.',
};

// view says it twice, in a word for programs and in a sentence for people: a page
// that finds one of them missing has the other.
function view(id) {
  const { status } = orders.get(id);
  return { id, status: words[status] ? status : 'working', says: words[status] || 'We have your order, and are working on it.' };
}

const orderOf = (basket) => `${basket}-order`; // one basket, one order, however often its page is loaded

// put takes an order, once.
function put(id, asked) {
  const asShown = id === orderOf(asked.basket) && asked.amount === price.value && asked.currency === price.currency;
  if (!asShown) return [409, { status: 'changed', says: words.changed }];
  take(id, asked.basket);
  return [202, view(id)];
}

async function serve(request) {
  const [, what, id] = request.url.split('/');
  let body = '';
  for await (const part of request) body += part;
  if (request.method === 'GET' && what === 'cart') return [200, { order: orderOf(id), ...price }];
  if (request.method === 'PUT' && what === 'orders') return put(id, JSON.parse(body));
  if (request.method === 'GET' && what === 'orders' && orders.has(id)) return [200, view(id)];
  if (request.method === 'POST' && request.url === '/test/reset') return [200, forget() || {}]; // a shop that sells has no such page
  return [404, { says: 'There is nothing here.' }];
}

http.createServer((request, response) => {
  serve(request).catch((error) => [400, { says: error.message }]).then(([status, body]) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
