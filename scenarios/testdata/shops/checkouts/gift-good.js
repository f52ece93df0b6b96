'use strict';
// Control for gift cards: 200.00 from a card that the shop keeps itself, 299.00 from
// the provider. TOTAL says which of the two amounts the page calls its price, and CARD
// what is on the card: where that is enough, the provider is asked for nothing.
const { pay, serve, price, env } = require('../lib.js');
let card = Number(env.CARD ?? 20000);
const orders = new Map();
const due = { ...price, value: price.value - card };
async function work(o) {
  if (due.value > 0) {
    await pay.create(o.id, due);
    if (!await pay.approved(o.id)) { o.status = 'refused'; return; }
    await pay.capture(o.id, due);
  }
  card = 0;
  await pay.ship(o.id, o.basket);
  o.status = 'shipped';
}
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, ...(env.TOTAL ? price : due) }),
  'POST /cart/:b/buy': ({ b, answer }) => {
    const id = `${b}-order`;
    if (!orders.has(id)) { orders.set(id, { id, basket: b, status: 'working' }); work(orders.get(id)).catch((e) => console.log(e)); }
    answer(202, { order: id, status: orders.get(id).status });
  },
  'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
});
