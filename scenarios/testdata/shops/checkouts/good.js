'use strict';
// The control: takes an order once, goes on by itself, tells how it stands.
const { pay, serve, price } = require('../lib.js');
const orders = new Map();
async function work(o) {
  await pay.create(o.id, price);
  if (!await pay.approved(o.id)) { o.status = 'refused'; return; }
  await pay.capture(o.id, price);
  await pay.ship(o.id, o.basket);
  o.status = 'shipped';
}
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, ...price }),
  'POST /cart/:b/buy': ({ b, answer }) => {
    const id = `${b}-order`;
    if (!orders.has(id)) { orders.set(id, { id, basket: b, status: 'working' }); work(orders.get(id)).catch((e) => console.log(e)); }
    answer(202, { order: id, status: orders.get(id).status });
  },
  'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
});
