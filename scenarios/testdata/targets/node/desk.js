'use strict';
// The desk takes orders to their end, whatever the page that they come from: what the
// mended shops do once an order is in the journal.
const { Journal } = require('./journal.js');
const partners = require('./partners.js');

const price = { value: 49900, currency: 'NOK' };
const pollMS = Number(process.env.POLL_MS);
const backOffMS = { first: Number(process.env.BACK_OFF_MS), most: Number(process.env.BACK_OFF_MOST_MS) };
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const journal = new Journal(`${process.env.DATA}/orders.jsonl`);

// A step says where the order stands next, or nothing where it stands as before.
// It looks before it acts, so that it can be taken as often as need be.
const steps = {
  async paying(id) {
    const payment = await partners.look(id).catch((error) => {
      if (error.status === 404) return undefined; // nothing of it got there
      throw error;
    });
    if (!payment) await partners.create(id, price);
    if (payment?.state === 'AUTHORIZED') return 'capturing';
    if (['ABORTED', 'EXPIRED', 'TERMINATED'].includes(payment?.state)) return 'refused';
  },
  async capturing(id) {
    const captured = (await partners.look(id)).aggregate.capturedAmount.value;
    if (captured === price.value) return 'shipping';
    if (captured === 0) await partners.capture(id, price); // and look whether it is so
  },
  async shipping(id, { basket }) {
    await partners.ship(id, basket);
    return 'shipped';
  },
};

// work takes an order to its end. Nobody waits for it.
async function work(id) {
  for (let failures = 0; ;) {
    const order = journal.orders.get(id);
    if (!steps[order?.status]) return; // shipped, refused, or forgotten
    try {
      const next = await steps[order.status](id, order);
      failures = 0;
      if (next) journal.write(id, { status: next });
      else await sleep(pollMS);
    } catch (unknown) {
      // Perhaps it happened, perhaps not: look again, later each time, and not
      // all orders at the same moment.
      const pause = Math.min(backOffMS.most, backOffMS.first * 2 ** failures++);
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }
}

// take takes an order, once.
function take(id, basket) {
  if (journal.orders.has(id)) return;
  journal.write(id, { status: 'paying', basket });
  work(id);
}

for (const id of journal.orders.keys()) work(id); // what the last life has left

module.exports = { price, orders: journal.orders, take, forget: () => journal.forget() };
