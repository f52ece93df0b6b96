'use strict';
// The control: takes an order once, goes on by itself, after a crash too, and tells how
// it stands.
const { pay, serve, price, Books } = require('../lib.js');
const orders = new Books();
async function work(o) {
  if (o.status !== 'working') return;
  await pay.create(o.id, price);
  if (!await pay.approved(o.id)) { orders.note(o, { status: 'refused' }); return; }
  await pay.capture(o.id, price);
  await pay.ship(o.id, o.basket);
  orders.note(o, { status: 'shipped' });
}
const begin = (o) => work(o).catch((e) => console.log(e));
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, ...price }),
  'POST /cart/:b/buy': ({ b, answer }) => {
    const id = `${b}-order`;
    if (!orders.has(id)) begin(orders.note({ id, basket: b, status: 'working' }));
    answer(202, { order: id, status: orders.get(id).status });
  },
  'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
});
orders.forEach(begin); // what the last life has left
