'use strict';
// After Automattic/woocommerce-payments#11134: the wallet's sheet shows a hundred times
// the amount that is charged, because the currency's decimals are applied on one side.
const { pay, serve, price } = require('../lib.js');
const orders = new Map();
const charged = { ...price, value: price.value / 100 };
async function work(o) {
  await pay.create(o.id, charged);
  if (!await pay.approved(o.id)) { o.status = 'refused'; return; }
  await pay.capture(o.id, charged);
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
