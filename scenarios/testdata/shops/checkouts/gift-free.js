'use strict';
// After Setono/SyliusGiftCardPlugin#278: the card covers the whole basket when the
// page is shown, so no payment is asked for; at the click the card is empty (another
// basket used it), nothing is left to pay, and an order without payments counts as paid.
const { pay, serve, price } = require('../lib.js');
let card = price.value; // one card, in two baskets
const orders = new Map();
async function work(o) {
  const due = card >= price.value ? 0 : 0; // the payment step was skipped already: nothing is due
  if (card >= price.value) card -= price.value;
  if (due === 0) { await pay.ship(o.id, o.basket); o.status = 'shipped'; }
}
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, value: price.value, due: 1, currency: price.currency }),
  'POST /cart/:b/buy': ({ b, answer }) => {
    const id = `${b}-order`;
    if (!orders.has(id)) { orders.set(id, { id, basket: b, status: 'working' }); work(orders.get(id)).catch((e) => console.log(e)); }
    answer(202, { order: id, status: orders.get(id).status });
  },
  'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
});
