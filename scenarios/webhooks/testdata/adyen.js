'use strict';
// A handler of Adyen's webhooks, right unless FLAW names what is wrong with it. A notice is
// known by its eventCode and pspReference together; its signature is in its body. It keeps
// a journal: a line is on the disk before the answer.
const http = require('node:http');
const fs = require('node:fs');
const crypto = require('node:crypto');

// PAID is the event at which it acts. EARLY is what it does with money that is gone before it
// came: it refuses the event until then, remembers it and sends nothing, or forgets it.
const { PORT, SECRET, JOURNAL, FLAW = '', PAID = 'CAPTURE', EARLY = 'refuses' } = process.env;
const flaw = (name) => FLAW.split(',').includes(name);
const seen = new Set();
const counts = new Map(); // reference → effects
const of = (reference) => counts.get(reference) ?? { credits: 0, refunds: 0, money: 0, gone: 0 };
const remember = ({ key, reference, ...effects }) => {
  seen.add(key);
  const known = { ...of(reference) };
  for (const [name, n] of Object.entries(effects)) known[name] += n;
  counts.set(reference, known);
};
for (const line of fs.existsSync(JOURNAL) ? fs.readFileSync(JOURNAL, 'utf8').split('\n').filter(Boolean) : []) remember(JSON.parse(line));
const journal = fs.openSync(JOURNAL, 'a');
const write = (change) => {
  fs.writeSync(journal, `${JSON.stringify(change)}\n`);
  fs.fsyncSync(journal);
  remember(change);
};

function signed(item) {
  if (flaw('no-signature')) return true;
  const text = [
    item.pspReference, item.originalReference ?? '', item.merchantAccountCode, item.merchantReference,
    item.amount.value, item.amount.currency, item.eventCode, item.success,
  ].join(':');
  const want = crypto.createHmac('sha256', Buffer.from(SECRET, 'hex')).update(text).digest();
  const given = Buffer.from(item.additionalData?.hmacSignature ?? '', 'base64');
  return given.length === want.length && crypto.timingSafeEqual(given, want);
}

// act does what a notice asks for, and says whether it is taken.
function act(item) {
  const reference = item.merchantReference;
  const key = flaw('psp-only') ? item.pspReference : `${item.eventCode} ${item.pspReference}`;
  if (seen.has(key) && !flaw('each-delivery')) return true;
  if (item.success !== 'true' && !flaw('any-success')) return true;
  switch (item.eventCode) {
    case PAID:
      write({ key, reference, credits: of(reference).gone ? 0 : 1 });
      return true;
    case 'CAPTURE_FAILED':
      if (flaw('capture-is-final')) return true;
    // falls through: the money is gone again
    case 'REFUND':
      if (of(reference).credits === 0) {
        if (EARLY === 'remembers') write({ key, reference, gone: 1 });
        return EARLY !== 'refuses';
      }
      write({ key, reference, refunds: 1, money: item.amount.value });
      return true;
    default:
      return true;
  }
}

http.createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(of(decodeURIComponent(request.url.split('/')[2] ?? ''))));
    return;
  }
  const chunks = [];
  request.on('error', () => {});
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    let taken = false;
    try {
      const items = JSON.parse(Buffer.concat(chunks).toString()).notificationItems.map((one) => one.NotificationRequestItem);
      if (!items.every(signed)) {
        response.writeHead(401).end();
        return;
      }
      taken = items.every(act);
    } catch {
      response.writeHead(400).end();
      return;
    }
    response.writeHead(taken ? 202 : 503).end();
  });
}).listen(Number(PORT), '127.0.0.1');
