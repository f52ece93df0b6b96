'use strict';
// What every sample shop here needs: calls to the provider and the carrier, and a
// small HTTP server. Each shop names the public report it is after.
const http = require('node:http');
const crypto = require('node:crypto');
const fs = require('node:fs');
const env = process.env;
const timeoutMS = Number(env.TIMEOUT_MS || 30000);
const agent = new http.Agent({ keepAlive: true });
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

function send(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const text = body ? JSON.stringify(body) : '';
    const r = http.request(url, { method, agent, signal: AbortSignal.timeout(timeoutMS),
      headers: { ...headers, 'Content-Length': Buffer.byteLength(text), ...(body && { 'Content-Type': 'application/json' }) } });
    r.on('error', reject);
    r.on('response', (a) => {
      let said = '';
      a.setEncoding('utf8').on('error', reject).on('data', (p) => { said += p; });
      a.on('end', () => { try { resolve({ status: a.statusCode, body: said ? JSON.parse(said) : {} }); } catch (e) { reject(e); } });
    });
    r.end(text);
  });
}
const fail = (a) => Object.assign(new Error(`status ${a.status} ${JSON.stringify(a.body)}`), { status: a.status });
const account = { 'Ocp-Apim-Subscription-Key': env.PAYMENTS_SUBSCRIPTION_KEY, 'Merchant-Serial-Number': env.PAYMENTS_MERCHANT };
let token;
async function provider(method, path, key, body) {
  if (!token) {
    const a = await send('POST', `${env.PAYMENTS_URL}/accesstoken/get`, { ...account, client_id: env.PAYMENTS_CLIENT_ID, client_secret: env.PAYMENTS_CLIENT_SECRET });
    if (a.status !== 200) throw fail(a);
    token = a.body.access_token;
  }
  const a = await send(method, `${env.PAYMENTS_URL}/epayment/v1/payments${path}`, { ...account, Authorization: `Bearer ${token}`, ...(key && { 'Idempotency-Key': key }) }, body);
  if (a.status >= 300) throw fail(a);
  return a.body;
}
// patiently does a thing until it is done; a definite no ends it.
async function patiently(what, tries = 30) {
  for (let i = 0; ; i++) {
    try { return await what(); } catch (e) {
      if (i >= tries || (e.status >= 400 && e.status < 500 && e.status !== 429 && e.status !== 423 && e.status !== 401)) throw e;
      if (e.status === 401) token = undefined;
      await sleep(Number(env.POLL_MS) * Math.min(8, i + 1));
    }
  }
}
const pay = {
  create: (reference, amount) => patiently(async () => {
    try { return await provider('POST', '', `c-${reference}`, { amount, reference, paymentMethod: { type: 'WALLET' }, userFlow: 'WEB_REDIRECT', returnUrl: `${env.PUBLIC_URL}/return/${reference}`, paymentDescription: 'One parcel' }); }
    catch (e) { if (e.status === 409) return {}; throw e; }
  }),
  look: (reference) => patiently(() => provider('GET', `/${reference}`)),
  capture: (reference, amount, key) => patiently(() => provider('POST', `/${reference}/capture`, key || `k-${reference}`, { modificationAmount: amount })),
  refund: (reference, amount, key) => patiently(() => provider('POST', `/${reference}/refund`, key || `r-${reference}`, { modificationAmount: amount })),
  cancel: (reference, key) => patiently(() => provider('POST', `/${reference}/cancel`, key || `x-${reference}`, {})),
  ship: (order, basket, key) => patiently(async () => {
    if (!env.SHIPPING_URL) return;
    const a = await send('POST', `${env.SHIPPING_URL}/shipments`, { 'Idempotency-Key': key || `s-${order}` }, { reference: order, basket });
    if (a.status !== 201) throw fail(a);
  }),
  async approved(reference) {
    for (;;) {
      const { state } = await pay.look(reference);
      if (state === 'AUTHORIZED') return true;
      if (state !== 'CREATED') return false;
      await sleep(Number(env.POLL_MS));
    }
  },
};
// Books are the orders by id, as they were last noted. What is noted is on the disk,
// so that a shop that was killed knows of it when it is back.
class Books extends Map {
  file = `${env.DATA}/orders.jsonl`;

  constructor() {
    super();
    const lines = fs.existsSync(this.file) ? fs.readFileSync(this.file, 'utf8').split('\n').filter(Boolean) : [];
    for (const o of lines.map((line) => JSON.parse(line))) this.set(o.id, o);
  }

  note(o, change) {
    fs.appendFileSync(this.file, `${JSON.stringify(Object.assign(o, change))}\n`);
    this.set(o.id, o);
    return o;
  }
}
function serve(routes) {
  http.createServer(async (q, s) => {
    let body = '';
    for await (const part of q) body += part;
    const url = new URL(q.url, 'http://x');
    const cookies = Object.fromEntries((q.headers.cookie || '').split('; ').filter(Boolean).map((c) => c.split('=')));
    const answer = (status, json, headers = {}) => s.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(json));
    for (const [key, route] of Object.entries(routes)) {
      const [method, form] = key.split(' ');
      const m = url.pathname.match(new RegExp(`^${form.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`));
      if (q.method !== method || !m) continue;
      try { return await route({ ...m.groups, q, s, body, url, cookies, answer, json: () => JSON.parse(body || '{}') }); }
      catch (e) { console.log(e.stack); if (!s.headersSent) answer(e.status && e.status < 500 ? 502 : 500, { error: e.message }); return undefined; }
    }
    return answer(404, { error: 'nothing here' });
  }).listen(Number(env.PORT), '127.0.0.1', () => console.log('listening'));
}
module.exports = { pay, Books, serve, sleep, env, price: { value: 49900, currency: env.CURRENCY || 'NOK' }, id: () => crypto.randomBytes(6).toString('hex') };
