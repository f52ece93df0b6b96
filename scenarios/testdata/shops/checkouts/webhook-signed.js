'use strict';
// A good shop that goes on by signed notices alone: it checks the signature as the
// provider's documentation says, with the host and the path that it sees itself.
const crypto = require('node:crypto');
const { pay, serve, price, env } = require('../lib.js');
const status = new Map(); const busy = new Set();
serve({
  'GET /cart/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, ...price }),
  'POST /cart/:b/buy': async ({ b, answer }) => {
    if (!status.has(`${b}-order`)) { status.set(`${b}-order`, 'working'); await pay.create(`${b}-order`, price); }
    answer(202, { order: `${b}-order`, status: status.get(`${b}-order`) });
  },
  'GET /orders/:id': ({ id, answer }) => (status.has(id) ? answer(200, { status: status.get(id) }) : answer(404, {})),
  'POST /webhooks': async ({ q, body, json, answer }) => {
    const hash = crypto.createHash('sha256').update(body).digest('base64');
    const date = q.headers['x-ms-date'];
    const mac = crypto.createHmac('sha256', env.WEBHOOK_SECRET).update(`POST\n${q.url}\n${date};${q.headers.host};${hash}`).digest('base64');
    const want = `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${mac}`;
    if (q.headers['x-ms-content-sha256'] !== hash || q.headers.authorization !== want) { console.log('bad signature, host', q.headers.host); return answer(401, {}); }
    const { name, reference } = json();
    if (name === 'AUTHORIZED' && !busy.has(reference)) {
      busy.add(reference);
      answer(200, {});
      await pay.capture(reference, price);
      await pay.ship(reference, reference.replace(/-order$/, ''));
      return status.set(reference, 'shipped');
    }
    return answer(200, {});
  },
});
