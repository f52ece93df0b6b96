'use strict';
// A shop as it is often written first: the happy path works. It does all of the
// work while the customer waits, keeps no order before it is paid, and takes
// every request for a new one.
const http = require('node:http');
const { pay } = require('./vipps.js');

const shipped = new Set();

async function buy(order) {
  const reference = `${order}-${Math.random().toString(36).slice(2, 10)}`;
  await pay(reference, 49900, 'NOK');
  if (!shipped.has(order)) {
    shipped.add(order); // the parcel is looked for, the payment is not
    await fetch(`${process.env.SHIPPING_URL}/shipments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': order },
      body: JSON.stringify({ reference: order, basket: order }),
    });
  }
  return { status: 'shipped' };
}

http.createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const [, what, id] = request.url.split('/');
  for await (const _ of request); // the body says nothing that we need
  if (request.method === 'GET' && what === 'cart') return answer(200, { order: `order-${id}`, amount: 49900, currency: 'NOK' });
  if (request.method === 'POST' && what === 'buy') {
    try {
      return answer(200, await buy(id));
    } catch (error) {
      return answer(500, { error: error.message });
    }
  }
  return answer(404, { error: 'there is no such page' });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
