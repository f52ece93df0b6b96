'use strict';
// The mended shop with more of what shops have: it hears the provider's notices, and
// pays back where the carrier refuses the parcel. SHOP_DEFECT=name switches one of the
// defects of ../defects.yaml on, and SHOP_TWIN=name the same change made right. With
// neither it keeps its promises.
const http = require('node:http');
const { Journal } = require('./journal.js');
const partners = require('./partners.js');

const { env } = process;
const price = { value: 49900, currency: 'NOK' };
const pollMS = Number(env.POLL_MS);
const backOffMS = { first: Number(env.BACK_OFF_MS), most: Number(env.BACK_OFF_MOST_MS) };
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const journal = new Journal(`${env.DATA}/orders.jsonl`);

const switches = [
  'reference-per-try', 'notice-of-unknown-payment', 'parcel-per-notice', 'notice-goes-back',
  'notice-kept-in-memory', 'refund-told-too-early', 'order-checked-then-written', 'error-page-is-success',
  'last-one-sold-twice',
];
for (const name of [env.SHOP_DEFECT, env.SHOP_TWIN]) {
  if (name && !switches.includes(name)) throw new Error(`there is no switch "${name}": there are ${switches.join(', ')}`);
}
const defect = (name) => env.SHOP_DEFECT === name;
const twin = (name) => env.SHOP_TWIN === name;
const either = (name) => defect(name) || twin(name);

// In these the shop goes on by the provider's notices alone.
const waits = either('notice-of-unknown-payment') || either('notice-kept-in-memory');

// Those who rest, by order, until a notice wakes them or a time is over.
const resting = new Map();
const rest = (id, ms) => new Promise((wake) => {
  resting.set(id, wake);
  if (ms) setTimeout(wake, ms);
});
const wake = (id) => resting.get(id)?.();

const approvedInMemory = new Set();

// A 4xx says no, unless it says to come back.
const saysNo = ({ status }) => status >= 400 && status < 500 && ![401, 408, 409, 423, 425, 429].includes(status);

async function lookAt(reference) {
  return partners.look(reference).catch((error) => {
    if (error.status === 404) return undefined; // nothing of it got there
    throw error;
  });
}

const isOver = (payment) => ['ABORTED', 'EXPIRED', 'TERMINATED'].includes(payment?.state);

async function create(id, { reference, tries = 0 }) {
  try {
    await partners.create(reference, price);
  } catch (error) {
    const next = { reference: `${id}-${tries + 2}`, tries: tries + 1 };
    if (defect('reference-per-try')) journal.write(id, next); // the provider takes a reference once only
    if (twin('reference-per-try') && isOver(await lookAt(reference))) journal.write(id, next);
    throw error;
  }
  if (waits) journal.write(id, { created: true }); // from now on a notice is of a payment that is known
}

// capture takes the money, and says whether the answer is enough to know.
async function capture({ reference }) {
  if (!either('error-page-is-success')) {
    await partners.capture(reference, price);
    return false;
  }
  const said = await partners.capture(reference, price).catch((error) => error.body); // an answer is an answer
  return said && (defect('error-page-is-success') || said.aggregate?.capturedAmount.value === price.value);
}

const oneLeft = either('last-one-sold-twice');
let sold = 0;
let sent = 0;

// ship books the parcel. A no counts where no earlier try may have got there.
async function ship(id, { basket, asked }, key) {
  if (oneLeft && !asked && sent++ > 0) throw new Error('the shelf is empty');
  journal.write(id, { asked: true });
  try {
    await partners.ship(id, basket, key);
  } catch (error) {
    if (!asked && saysNo(error)) return 'refunding';
    throw error;
  }
  return 'shipped';
}

// A step says where the order stands next, or nothing where it stands as before. It
// looks before it acts, so that it can be taken as often as need be.
const steps = {
  async paying(id, order) {
    if (approvedInMemory.has(id)) return steps.capturing(id, order);
    if (order.created) return undefined; // a notice will come
    const payment = await lookAt(order.reference);
    if (!payment) await create(id, order);
    else if (waits) journal.write(id, { created: true });
    if (payment?.state === 'AUTHORIZED') return 'capturing';
    return isOver(payment) ? 'refused' : undefined;
  },
  async capturing(id, order) {
    const captured = async () => (await partners.look(order.reference)).aggregate.capturedAmount.value;
    if (await captured() === 0 && await capture(order)) return 'shipping';
    return await captured() === price.value ? 'shipping' : undefined;
  },
  async shipping(id, order) {
    return either('parcel-per-notice') ? undefined : ship(id, order); // or the notice of the capture has it sent
  },
  async refunding(id, { reference }) {
    const refunded = (await partners.look(reference)).aggregate.refundedAmount.value;
    if (refunded === price.value) return 'refunded';
    if (refunded === 0) await partners.refund(reference, price);
    return undefined;
  },
};

// work takes an order to its end. Nobody waits for it.
async function work(id) {
  const started = times;
  for (let failures = 0; ;) {
    const order = times === started ? journal.orders.get(id) : {}; // or all of that time is forgotten
    if (!steps[order.status]) return; // shipped, refunded, or refused
    try {
      const next = await steps[order.status](id, order);
      failures = 0;
      if (times !== started || journal.orders.get(id).status !== order.status) continue; // a notice was first
      if (next) journal.write(id, { status: next });
      else await rest(id, waitsForNotice(id) ? 0 : pollMS);
    } catch (unknown) {
      // Perhaps it happened, perhaps not: look again, later each time, and not
      // all orders at the same moment.
      const pause = Math.min(backOffMS.most, backOffMS.first * 2 ** failures++);
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }
}

function waitsForNotice(id) {
  const { status, created } = journal.orders.get(id);
  return status === 'paying' && created && !approvedInMemory.has(id) || status === 'shipping' && either('parcel-per-notice');
}

const sending = new Set(); // orders whose parcel a notice has booked

// hear takes a notice of the provider's. What is answered with an error is told again.
async function hear({ name, reference }) {
  const [id, order] = [...journal.orders].find(([, o]) => o.reference === reference) || [];
  const unknown = !order || waits && !order.created;
  if (unknown) return waits && !defect('notice-of-unknown-payment') ? 404 : 200;
  if (name === 'AUTHORIZED' && defect('notice-kept-in-memory')) approvedInMemory.add(id);
  else if (name === 'AUTHORIZED' && waits && order.status === 'paying') journal.write(id, { status: 'capturing' });
  if (waits && isOver({ state: name }) && order.status === 'paying') journal.write(id, { status: 'refused' });
  if (name === 'AUTHORIZED' && either('notice-goes-back') && (defect('notice-goes-back') || order.status === 'paying')) {
    journal.write(id, { status: 'capturing' });
  }
  if (name === 'CAPTURED' && either('parcel-per-notice')) {
    if (sending.has(id)) return 503; // another notice is at it
    if (order.status === 'capturing') journal.write(id, { status: 'shipping' }); // the answer to the capture is not here yet
    if (['capturing', 'shipping', 'shipped'].includes(order.status)) {
      const key = defect('parcel-per-notice') ? `ship-${id}-${Date.now()}` : `ship-${id}`;
      sending.add(id);
      const next = await ship(id, order, key).finally(() => sending.delete(id));
      journal.write(id, { status: next });
    }
  }
  wake(id);
  return 200;
}

const words = {
  shipped: 'Your parcel is on its way.',
  refunded: 'We could not send your parcel, and have paid you back.',
  refused: 'The payment was refused. You were not charged.',
  changed: 'The basket has changed. Please look at it again.',
};

// view says it twice, in a word for programs and in a sentence for people: a page
// that finds one of them missing has the other.
function view(id) {
  let { status } = journal.orders.get(id) || {};
  if (status === 'refunding' && defect('refund-told-too-early')) status = 'refunded'; // it is as good as done
  return { id, status: words[status] ? status : 'working', says: words[status] || 'We have your order, and are working on it.' };
}

const orderOf = (basket) => `${basket}-order`; // one basket, one order, however often its page is loaded

const inStock = () => sleep(pollMS / 4); // the warehouse has it, always
const taking = new Set(); // orders that the warehouse is asked about

// put takes an order, once.
async function put(id, asked) {
  const asShown = id === orderOf(asked.basket) && asked.amount === price.value && asked.currency === price.currency;
  if (journal.orders.has(id) || taking.has(id)) return [202, view(id)];
  if (!asShown) return [409, { status: 'changed', says: words.changed }];
  let reference = id;
  if (either('order-checked-then-written')) {
    reference += `-${Math.random().toString(36).slice(2, 10)}`;
    if (twin('order-checked-then-written')) taking.add(id);
    await inStock();
    taking.delete(id);
  }
  if (oneLeft) {
    if (sold > 0) return [409, { status: 'changed', says: words.changed }];
    if (twin('last-one-sold-twice')) sold++;
    taking.add(id);
    await inStock();
    taking.delete(id);
    if (defect('last-one-sold-twice')) sold++;
  }
  journal.write(id, { status: 'paying', basket: asked.basket, reference });
  work(id);
  return [202, view(id)];
}

let times = 1; // that it began with nothing

// forget is for tests, between one and the next: the shop stands as one that has just started.
function forget() {
  times++;
  sold = sent = 0;
  journal.forget();
  for (const kept of [resting, approvedInMemory, sending, taking]) kept.clear();
}

async function serve(request) {
  const [, what, id] = request.url.split('/');
  let body = '';
  for await (const part of request) body += part;
  if (request.method === 'GET' && what === 'cart') return [200, { order: orderOf(id), ...price }];
  if (request.method === 'PUT' && what === 'orders') return put(id, JSON.parse(body));
  if (request.method === 'GET' && what === 'orders' && journal.orders.has(id)) return [200, view(id)];
  if (request.method === 'POST' && what === 'notices') return [await hear(JSON.parse(body)), {}];
  if (request.method === 'POST' && request.url === '/test/reset') return [200, forget() || {}]; // a shop that sells has no such page
  return [404, { says: 'There is nothing here.' }];
}

http.createServer((request, response) => {
  serve(request).catch((error) => [request.method === 'POST' ? 503 : 400, { says: error.message }]).then(([status, body]) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
}).listen(Number(env.PORT), '127.0.0.1', () => console.log('listening'));

for (const id of journal.orders.keys()) work(id); // what the last life has left
