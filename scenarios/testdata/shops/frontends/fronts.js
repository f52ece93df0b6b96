'use strict';
// One good shop (it takes an order once, and goes on by itself, after a crash too) behind
// the front ends that people have. FRONT says which.
const zlib = require('node:zlib');
const http = require('node:http');
const { pay, serve, price, env, id: make, sleep, Books } = require('../lib.js');
const orders = new Books(); const csrf = new Map();
async function work(o) {
  if (o.status !== 'working') return;
  await pay.create(o.id, price);
  if (!await pay.approved(o.id)) { orders.note(o, { status: 'refused' }); return; }
  await pay.capture(o.id, price);
  await pay.ship(o.id, o.basket);
  orders.note(o, { status: 'shipped' });
}
const begin = (o) => work(o).catch((e) => console.log(e));
orders.forEach(begin); // what the last life has left
function take(b) {
  const id = `${b}-order`;
  if (!orders.has(id)) begin(orders.note({ id, basket: b, status: 'working' }));
  return orders.get(id);
}
const html = (s, status, text, headers = {}) => s.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', ...headers }).end(text);
const packed = (s, status, json) => {
  const how = env.FRONT; const text = JSON.stringify(json);
  const body = how === 'br' ? zlib.brotliCompressSync(text) : zlib.gzipSync(text);
  s.writeHead(status, { 'Content-Type': 'application/json', 'Content-Encoding': how === 'br' ? 'br' : 'gzip', Vary: 'Accept-Encoding' }).end(body);
};
const fronts = {
  // a form with a hidden token, a session cookie, 303 to the order's page, HTML everywhere
  form: {
    'GET /checkout/:b': ({ b, s }) => {
      const sid = make(); const token = make(); csrf.set(sid, token);
      html(s, 200, `<h1>Checkout</h1><p class="total" data-amount="49900" data-currency="NOK">NOK 499.00</p>
<form method="post" action="/checkout/${b}"><input type="hidden" name="csrf_token" value="${token}"><button>Buy</button></form>`, { 'Set-Cookie': `sid=${sid}; Path=/; HttpOnly; SameSite=Lax` });
    },
    'POST /checkout/:b': ({ b, s, cookies, body }) => {
      if (!csrf.has(cookies.sid) || new URLSearchParams(body).get('csrf_token') !== csrf.get(cookies.sid)) return html(s, 419, '<h1>Page expired</h1>');
      csrf.delete(cookies.sid);
      const o = take(b);
      return s.writeHead(303, { Location: `/orders/${o.id}` }).end();
    },
    'GET /orders/:id': ({ id, s }) => { const o = orders.get(id); html(s, o ? 200 : 404, o ? `<p id="status">${{ shipped: 'Thank you! Your parcel is on its way.', working: 'We are working on it.', refused: 'The payment was refused.' }[o.status]}</p>` : 'no'); },
  },
  // the same, with the token in a cookie (double submit) and in a header
  cookie: {
    'GET /checkout/:b': ({ b, answer }) => { const sid = make(); const token = make(); csrf.set(sid, token); answer(200, { order: `${b}-order`, ...price }, { 'Set-Cookie': [`sid=${sid}; Path=/; HttpOnly`, `XSRF-TOKEN=${token}; Path=/`] }); },
    'POST /checkout/:b': ({ b, answer, cookies, q }) => {
      if (!csrf.has(cookies.sid) || q.headers['x-xsrf-token'] !== csrf.get(cookies.sid)) return answer(419, { error: 'CSRF token mismatch.' });
      const o = take(b); return answer(202, { status: o.status });
    },
    'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
  },
  // Secure and host-bound cookies, as a production setting has them
  secure: {
    'GET /checkout/:b': ({ b, answer }) => { const sid = make(); csrf.set(sid, b); answer(200, { order: `${b}-order`, ...price }, { 'Set-Cookie': `__Host-sid=${sid}; Path=/; HttpOnly; Secure; SameSite=Lax` }); },
    'POST /checkout/:b': ({ b, answer, cookies }) => (csrf.has(cookies['__Host-sid']) ? answer(202, { status: take(b).status }) : answer(401, { error: 'no session' })),
    'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
  },
  // GraphQL: one path, 200 for everything, errors in the body
  graphql: {
    'POST /graphql': ({ json, answer }) => {
      const { operationName, variables } = json();
      if (operationName === 'Cart') return answer(200, { data: { cart: { id: `${variables.basket}-order`, total: { value: price.value, currency: price.currency } } } });
      if (operationName === 'Complete') return answer(200, { data: { checkoutComplete: { order: { id: take(variables.basket).id, status: take(variables.basket).status }, errors: [] } } });
      if (operationName === 'Order') { const o = orders.get(variables.id); return answer(200, o ? { data: { order: { status: o.status } } } : { data: { order: null }, errors: [{ message: 'not found' }] }); }
      return answer(400, { errors: [{ message: 'what?' }] });
    },
  },
  gzip: {
    'GET /checkout/:b': ({ b, s }) => packed(s, 200, { order: `${b}-order`, ...price }),
    'POST /checkout/:b': ({ b, s }) => packed(s, 202, { status: take(b).status }),
    'GET /orders/:id': ({ id, s }) => (orders.has(id) ? packed(s, 200, { status: orders.get(id).status }) : packed(s, 404, {})),
  },
  // only what the status stream says tells her; it stays open until the order is over
  sse: {
    'GET /checkout/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, ...price }),
    'POST /checkout/:b': ({ b, answer }) => answer(202, { status: take(b).status }),
    'GET /orders/:id/events': async ({ id, s }) => {
      s.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      let last = '';
      for (let i = 0; i < 400 && !s.destroyed; i++) {
        const o = orders.get(id);
        if (o && o.status !== last) { last = o.status; s.write(`event: status\ndata: {"status":"${o.status}"}\n\n`); if (last !== 'working' && !env.STAYS) break; }
        await sleep(50);
      }
      s.end();
    },
  },
  // amounts as most carts tell them: major units, as a number or as a text
  major: {
    'GET /checkout/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, total: env.AS_TEXT ? '499.00' : 499.00, exact: 498.996425, currency: price.currency }),
    'POST /checkout/:b': ({ b, answer }) => answer(202, { status: take(b).status }),
    'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
  },
  // an upload with the order: multipart is the only form that it takes
  multipart: {
    'GET /checkout/:b': ({ b, answer }) => answer(200, { order: `${b}-order`, ...price }),
    'POST /checkout/:b': ({ b, q, answer }) => (/^multipart\/form-data/.test(q.headers['content-type'] || '') ? answer(202, { status: take(b).status }) : answer(415, { error: 'multipart/form-data, please' })),
    'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
  },
  // a location that only the answer knows: POST /orders -> 201, Location: /orders/<random>
  location: {
    'GET /checkout/:b': ({ answer }) => answer(200, { ...price }),
    'POST /checkout/:b': ({ b, answer }) => { const o = take(b); o.public = o.public || make(); orders.set(o.public, o); answer(201, {}, { Location: `${env.ABSOLUTE ? env.PUBLIC_URL : ''}/orders/${o.public}` }); },
    'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
  },
  // answers 103 Early Hints first, and waits for Expect: 100-continue
  hints: {
    'GET /checkout/:b': ({ b, s, answer }) => { s.writeEarlyHints({ link: '</app.css>; rel=preload; as=style' }); answer(200, { order: `${b}-order`, ...price }); },
    'POST /checkout/:b': ({ b, s, answer }) => { s.writeEarlyHints({ link: '</thanks.css>; rel=preload; as=style' }); answer(202, { status: take(b).status }); },
    'GET /orders/:id': ({ id, answer }) => (orders.has(id) ? answer(200, { status: orders.get(id).status }) : answer(404, {})),
  },
};
// a page with a script: it puts the order by fetch and is told by an EventSource
const script = (look) => `<!doctype html><p class="total" data-amount="49900" data-currency="NOK">NOK 499.00</p><button id="buy">Buy</button><p id="status"></p><script>
const show = (s) => { document.getElementById('status').textContent = { working: 'We are working on it.', shipped: 'Thank you!', refused: 'The payment was refused.' }[s] || ''; };
document.getElementById('buy').onclick = async () => { const a = await fetch(location.pathname, { method: 'POST' }); show((await a.json()).status); ${look} };
</script>`;
fronts['sse-page'] = {
  'GET /checkout/:b': ({ b, s }) => html(s, 200, script(`new EventSource('/orders/${b}-order/events').addEventListener('status', (e) => show(JSON.parse(e.data).status));`)),
  'POST /checkout/:b': ({ b, answer }) => answer(202, { status: take(b).status }),
  'GET /orders/:id/events': (x) => fronts.sse['GET /orders/:id/events'](x),
};
// the same, asking every 100 ms; every answer is packed where the browser takes it
fronts['gzip-page'] = {
  'GET /checkout/:b': ({ b, s }) => html(s, 200, script(`const t = setInterval(async () => { const s = (await (await fetch('/orders/${b}-order')).json()).status; show(s); if (s !== 'working') clearInterval(t); }, 100);`)),
  'POST /checkout/:b': ({ b, s, q, answer }) => (/gzip/.test(q.headers['accept-encoding'] || '') ? packed(s, 202, { status: take(b).status }) : answer(202, { status: take(b).status })),
  'GET /orders/:id': ({ id, s, q, answer }) => (/gzip/.test(q.headers['accept-encoding'] || '') ? packed(s, 200, { status: orders.get(id).status }) : answer(200, { status: orders.get(id).status })),
};
fronts['plain-page'] = { ...fronts['gzip-page'],
  'POST /checkout/:b': ({ b, answer }) => answer(202, { status: take(b).status }),
  'GET /orders/:id': ({ id, answer }) => answer(200, { status: orders.get(id).status }),
};
// the form again, with an order's page that loads itself anew
fronts['form-refresh'] = { ...fronts.form,
  'GET /orders/:id': ({ id, s }) => { const o = orders.get(id); html(s, 200, `${o.status === 'working' ? '<meta http-equiv="refresh" content="0.2">' : ''}<p id="status">${{ shipped: 'Thank you! Your parcel is on its way.', working: 'We are working on it.', refused: 'The payment was refused.' }[o.status]}</p>`); },
};
fronts.br = fronts.gzip;
serve(fronts[env.FRONT]);
