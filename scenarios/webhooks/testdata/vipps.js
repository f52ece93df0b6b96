'use strict';
// A right handler of Vipps MobilePay's webhooks. A notice has no id: its reference, name
// and pspReference are one. It keeps a journal, of which a line is on the disk before the
// answer.
const http = require('node:http');
const fs = require('node:fs');
const crypto = require('node:crypto');

const { PORT, SECRET, JOURNAL, FLAW = '', PAID = 'CAPTURED' } = process.env; // PAID is the event at which it acts
const seen = new Set();
const counts = new Map(); // reference → effects
const remember = ({ key, reference, name, value }) => {
  seen.add(key);
  const known = counts.get(reference) ?? { credits: 0, refunds: 0, money: 0 };
  if (name === PAID) known.credits += 1;
  if (name === 'REFUNDED') [known.refunds, known.money] = [known.refunds + 1, known.money + value];
  counts.set(reference, known);
};
for (const line of fs.existsSync(JOURNAL) ? fs.readFileSync(JOURNAL, 'utf8').split('\n').filter(Boolean) : []) remember(JSON.parse(line));
const journal = fs.openSync(JOURNAL, 'a');

const same = (a, b) => a.length === b.length && crypto.timingSafeEqual(Buffer.from(a), Buffer.from(b));

function signed(request, body) {
  const hash = crypto.createHash('sha256').update(body).digest('base64');
  const given = String(request.headers['x-ms-content-sha256']);
  if (FLAW !== 'no-hash' && !same(hash, given)) return false;
  const text = `POST\n${request.url}\n${request.headers['x-ms-date']};${request.headers.host};${given}`;
  const want = `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${crypto.createHmac('sha256', SECRET).update(text).digest('base64')}`;
  return same(want, String(request.headers.authorization));
}

http.createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(counts.get(decodeURIComponent(request.url.split('/')[2] ?? '')) ?? {}));
    return;
  }
  const chunks = [];
  request.on('error', () => {});
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    if (!signed(request, body)) {
      response.writeHead(401).end();
      return;
    }
    const { reference, name, pspReference, amount: { value } } = JSON.parse(body);
    const key = `${reference} ${name} ${pspReference}`;
    if (!seen.has(key)) {
      fs.writeSync(journal, `${JSON.stringify({ key, reference, name, value })}\n`);
      fs.fsyncSync(journal);
      remember({ key, reference, name, value });
    }
    response.writeHead(200).end();
  });
}).listen(Number(PORT), '127.0.0.1');
