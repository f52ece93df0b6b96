'use strict';
// A handler of Stripe's webhooks, right unless FLAW names what is wrong with it. It keeps a
// journal: a line is on the disk before the event is answered, so a process that is
// started again knows what the one before it knew.
const http = require('node:http');
const fs = require('node:fs');
const crypto = require('node:crypto');

const { PORT, JOURNAL, FLAW = '' } = process.env;
const { REFUND = 'refund.created' } = process.env; // the one event that tells it of a refund
const flaw = (name) => FLAW.split(',').includes(name);
const SECRET = flaw('other-secret') ? 'whsec_another_shop' : process.env.SECRET;
if (flaw('dies')) throw new Error('no database');

const orders = new Map(); // payment intent → what is known of it
const seen = new Set(); // events, of this process
const order = (intent) => {
  if (!orders.has(intent)) orders.set(intent, { credits: 0, refunds: 0, money: 0, disputes: 0 });
  return orders.get(intent);
};
const remember = ({ intent, ...change }) => {
  const known = order(intent);
  for (const [name, value] of Object.entries(change)) known[name] = typeof value === 'number' ? known[name] + value : value;
};
for (const line of fs.existsSync(JOURNAL) ? fs.readFileSync(JOURNAL, 'utf8').split('\n').filter(Boolean) : []) remember(JSON.parse(line));
const journal = fs.openSync(JOURNAL, 'a');
const write = (change) => {
  fs.writeSync(journal, `${JSON.stringify(change)}\n`);
  fs.fsyncSync(journal);
  remember(change);
};

// signed says whether one of the signatures is ours, and not too old.
function signed(header, body) {
  if (flaw('no-signature')) return true;
  const parts = String(header).split(',').map((part) => part.split('='));
  const time = parts.find(([name]) => name === 't')?.[1];
  let given = parts.filter(([name]) => name === 'v1' || (flaw('any-scheme') && name === 'v0')).map(([, value]) => value);
  if (flaw('first-signature')) given = given.slice(0, 1);
  if (!flaw('no-tolerance') && !(Math.abs(Date.now() / 1000 - Number(time)) <= 300)) return false;
  const want = Buffer.from(crypto.createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex'));
  return given.some((one) => one.length === want.length && crypto.timingSafeEqual(Buffer.from(one), want));
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// forget acts on each event that this process has not seen: the next one has seen none.
function forget(event, intent) {
  const about = event.data.object;
  const effects = {
    'payment_intent.succeeded': { credits: 1 },
    'refund.created': { refunds: 1, money: about.amount },
    'charge.dispute.created': { disputes: 1 },
  }[event.type];
  if (effects && !seen.has(event.id)) write({ intent, ...effects });
  seen.add(event.id);
  return 200;
}

// act does what an event asks for, and gives the status of the answer.
async function act(event) {
  const about = event.data.object;
  const intent = about.object === 'payment_intent' ? about.id : about.payment_intent;
  const known = order(intent);
  if (about.metadata.order_id && !known.reference) write({ intent, reference: about.metadata.order_id });
  if (flaw('memory')) return forget(event, intent);
  if (flaw('order') && event.type !== 'payment_intent.created' && !known.created) return 200;
  switch (event.type) {
    case 'payment_intent.created':
      if (flaw('order')) write({ intent, created: true });
      return 200;
    case 'payment_intent.succeeded':
    case 'checkout.session.completed':
      if (flaw('each-delivery')) {
        if (event.type === 'payment_intent.succeeded') write({ intent, credits: 1 });
        return 200;
      }
      if (flaw('each-type')) {
        if (!known[event.type]) write({ intent, credits: 1, [event.type]: true });
        return 200;
      }
      if (flaw('never-takes') && event.type === 'payment_intent.succeeded') {
        if (known.credits === 0) write({ intent, credits: 1 });
        return 500;
      }
      if (flaw('marks-then-works') || flaw('marks-tight')) { // two writes, and nothing that makes them one
        if (known.seen) return 200;
        write({ intent, seen: true });
        if (flaw('marks-then-works')) await sleep(15);
        write({ intent, credits: 1 });
        return 200;
      }
      if (known.credits > 0) return 200;
      if (flaw('race')) await sleep(10);
      write({ intent, credits: 1 });
      return 200;
    case 'charge.refunded': { // amount_refunded is what all refunds of the charge come to
      if (flaw('sums-totals') && !known[event.id]) write({ intent, money: about.amount_refunded, [event.id]: true });
      if (!REFUND.startsWith(event.type)) return 200;
      if (known.credits === 0) return 503;
      const each = REFUND === 'charge.refunded, each'; // what this one gave back, or what is new in the total
      const more = about.amount_refunded - (each ? event.data.previous_attributes.amount_refunded : known.money);
      if (more > 0 && !(each && known[event.id])) write({ intent, refunds: 1, money: more, [event.id]: true });
      return 200;
    }
    case 'refund.created':
    case 'refund.updated':
    case 'charge.refund.updated':
      if (event.type !== REFUND || about.status !== 'succeeded') return 200;
      if (known.credits === 0) return 503; // it comes again when the payment has come
      if (known[about.id] || (flaw('one-refund') && known.refunds > 0)) return 200;
      write({ intent, refunds: 1, money: flaw('sums-totals') ? 0 : about.amount, [about.id]: true });
      return 200;
    case 'charge.dispute.created':
      if (known.credits === 0) return 503;
      if (known.disputes === 0) write({ intent, disputes: 1 });
      return 200;
    default:
      return 200;
  }
}

function count(reference) {
  const sum = { credits: flaw('total') ? 1 : 0, refunds: 0, money: 0, disputes: 0 };
  for (const one of orders.values()) {
    if (one.reference === reference) for (const name of Object.keys(sum)) sum[name] += one[name];
  }
  return sum;
}

http.createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify(count(decodeURIComponent(request.url.split('/')[2] ?? ''))));
    return;
  }
  const chunks = [];
  request.on('error', () => {});
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const body = Buffer.concat(chunks).toString();
    const answer = (status) => response.writeHead(status).end();
    try {
      if (flaw('marks-first')) {
        const id = JSON.parse(body).id;
        if (seen.has(id)) return answer(200);
        seen.add(id);
      }
      if (!signed(request.headers['stripe-signature'], body)) return answer(400);
      const event = JSON.parse(body);
      if (flaw('early-answer')) {
        answer(200);
        await sleep(60);
        await act(event);
        return;
      }
      answer(await act(event));
    } catch {
      answer(400);
    }
  });
}).listen(Number(PORT), '127.0.0.1');
