'use strict';
// Control: the first attempt is refused and she is told so; she tries again under the same
// order's number (or, with NEW_ORDER, under another one), pays, and is sent her parcel. Right.
const { pay, serve, price, env } = require('../lib.js');
const baskets = new Map(); const orders = new Map();
async function work(o) {
  const ref = `${o.id}-${o.n}`;
  try { await pay.create(ref, price); } catch (e) { o.status = 'refused'; return; }
  if (!await pay.approved(ref)) { o.status = 'refused'; return; }
  await pay.capture(ref, price);
  await pay.ship(o.id, o.basket);
  o.status = 'shipped';
}
const number = (b, n) => (env.NEW_ORDER ? `${b}-order${n}` : `${b}-order`);
const current = (b) => baskets.get(b) || { n: 1 };
serve({
  'GET /cart/:b': ({ b, answer }) => { const o = current(b); answer(200, { order: number(b, o.status === 'refused' ? o.n + 1 : o.n), ...price }); },
  'POST /cart/:b/buy': ({ b, answer }) => {
    let o = baskets.get(b);
    if (!o || o.status === 'refused') { const n = o ? o.n + 1 : 1; o = { id: number(b, n), n, basket: b, status: 'working' }; baskets.set(b, o); orders.set(o.id, o); work(o).catch((e) => console.log(e)); }
    answer(202, { order: o.id, status: o.status });
  },
  'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
});
