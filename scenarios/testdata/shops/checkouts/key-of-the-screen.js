'use strict';
// After ProgixDev/incacook-app#36: the server collapses requests with one key and one
// body; the app makes the key when its payment screen is opened and keeps it in memory.
// An app that was killed and opened again has another key.
const { pay, serve, price, id: make } = require('../lib.js');
const byKey = new Map(); const orders = new Map();
async function work(o) {
  await pay.create(o.id, price);
  if (!await pay.approved(o.id)) { o.status = 'refused'; return; }
  await pay.capture(o.id, price);
  await pay.ship(o.id, o.basket);
  o.status = 'shipped';
}
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { screen: make(), ...price }),
  'POST /cart/:b/buy': ({ b, q, answer }) => {
    const key = q.headers['idempotency-key'];
    if (!byKey.has(key)) { const o = { id: `${b}-${make()}`, basket: b, status: 'working' }; byKey.set(key, o); orders.set(o.id, o); work(o).catch((e) => console.log(e)); }
    const o = byKey.get(key);
    answer(202, { order: o.id, status: o.status });
  },
  'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
});
