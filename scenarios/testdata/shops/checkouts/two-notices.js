'use strict';
// After mollie/PrestaShop#1016: the provider tells of one payment twice, when it is
// authorized and when it is captured; each notice makes an order of its own.
const { pay, serve, price } = require('../lib.js');
const status = new Map();
let n = 0;
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, ...price }),
  'POST /cart/:b/buy': async ({ b, answer }) => {
    if (!status.has(`${b}-order`)) { status.set(`${b}-order`, 'working'); await pay.create(`${b}-order`, price); }
    answer(202, { order: `${b}-order`, status: status.get(`${b}-order`) });
  },
  'GET /orders/:id': ({ id, answer }) => (status.has(id) ? answer(200, { status: status.get(id) }) : answer(404, {})),
  'POST /webhooks': async ({ json, answer }) => {
    const { name, reference } = json();
    if (!['AUTHORIZED', 'CAPTURED'].includes(name)) return answer(200, {});
    const basket = reference.replace(/-order$/, '');
    const mine = `${reference}-${++n}`; // validateOrder() for this notice
    if (name === 'AUTHORIZED') await pay.capture(reference, price);
    await pay.ship(mine, basket);
    status.set(reference, 'shipped');
    return answer(200, {});
  },
});
