'use strict';
// A basket of two parcels, of which one is in stock. MODE=capture takes the money of one
// and releases the rest (right); forget does not release it (juspay/hyperswitch#2036);
// refund takes all and gives the half back (right); twice gives it back twice, with one
// click of an admin (coopcycle/coopcycle-web#4608).
const { pay, serve, price, env } = require('../lib.js');
const orders = new Map();
const both = { ...price, value: 2 * price.value };
async function work(o) {
  await pay.create(o.id, both);
  if (!await pay.approved(o.id)) { o.status = 'refused'; return; }
  if (env.MODE === 'capture' || env.MODE === 'forget') {
    await pay.capture(o.id, price);
    if (env.MODE === 'capture') await pay.cancel(o.id);
  } else {
    await pay.capture(o.id, both);
    await pay.refund(o.id, price, `r1-${o.id}`);
    if (env.MODE === 'twice') await pay.refund(o.id, price, `r2-${o.id}`);
  }
  await pay.ship(o.id, o.basket);
  o.status = 'shipped';
}
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, ...both }),
  'POST /cart/:b/buy': ({ b, answer }) => {
    const id = `${b}-order`;
    if (!orders.has(id)) { orders.set(id, { id, basket: b, status: 'working' }); work(orders.get(id)).catch((e) => console.log(e)); }
    answer(202, { order: id, status: orders.get(id).status });
  },
  'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
});
