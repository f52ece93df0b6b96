'use strict';
// After PrestaShopCorp/ps_checkout#1546: the money is taken by the provider's notice; the
// code that would write the order needs a customer's session, which a notice has not, and
// throws. The page is told that it failed, and the shop gives her a new cart with the
// same goods, so that her second try is a second paid order.
const { pay, serve, price } = require('../lib.js');
const carts = new Map(); // basket -> { n, status }
const context = { customer: undefined };
const cart = (b) => { if (!carts.has(b)) carts.set(b, { n: 1, status: 'working' }); return carts.get(b); };
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { order: `${b}-cart-${cart(b).n}`, ...price }),
  'POST /cart/:b/buy': async ({ b, answer }) => {
    const c = cart(b);
    if (c.status === 'refused') { c.n += 1; c.status = 'working'; } // a new cart for the new try
    await pay.create(`${b}-cart-${c.n}`, price);
    answer(202, { order: `${b}-cart-${c.n}`, status: 'working' });
  },
  'GET /orders/:id': ({ id, answer }) => { const c = carts.get(id.replace(/-cart-\d+$/, '')); return c ? answer(200, { status: c.status }) : answer(404, {}); },
  'POST /webhooks': async ({ json, answer }) => {
    const n = json();
    if (n.name !== 'AUTHORIZED') return answer(200, {});
    const b = n.reference.replace(/-cart-\d+$/, '');
    await pay.capture(n.reference, price);
    try {
      const who = context.customer.secureKey; // a TypeError: nobody is logged in here
      await pay.ship(n.reference, b, who);
    } catch (e) { cart(b).status = 'refused'; console.log('webhook:', e.message); }
    return answer(200, {}); // it is swallowed
  },
});
