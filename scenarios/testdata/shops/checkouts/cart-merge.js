'use strict';
// After vendurehq/nextjs-starter-vendure#12 and janavipandole/Cara#3806: she fills a cart as
// a guest, logs in at the checkout, and the account's old cart takes its place. MODE=stale:
// the page goes on showing the guest's total; MODE=swap: both carts cost the same, and other
// goods are bought than those on the page.
const { pay, serve, price, env } = require('../lib.js');
const guest = { goods: 'tea', value: 49900 };
const saved = { goods: 'old socks', value: env.MODE === 'swap' ? 49900 : 29900 };
const carts = new Map(); const orders = new Map();
async function work(o) {
  const due = { value: o.cart.value, currency: price.currency };
  await pay.create(o.id, due);
  if (!await pay.approved(o.id)) { o.status = 'refused'; return; }
  await pay.capture(o.id, due);
  await pay.ship(o.id, o.basket);
  o.status = 'shipped';
}
serve({
  'GET /cart/:b': ({ b, answer }) => { carts.set(b, carts.get(b) || guest); answer(200, { order: `${b}-order`, goods: guest.goods, value: guest.value, currency: price.currency }); },
  'POST /login/:b': ({ b, answer }) => { carts.set(b, saved); answer(200, { goods: saved.goods }); },
  'POST /cart/:b/buy': ({ b, answer }) => {
    const id = `${b}-order`;
    if (!orders.has(id)) { orders.set(id, { id, basket: b, cart: carts.get(b), status: 'working' }); work(orders.get(id)).catch((e) => console.log(e)); }
    answer(202, { order: id, status: orders.get(id).status });
  },
  'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
});
