'use strict';
// A shop behind GraphQL as it is often written first. Its happy path works: the mutation
// takes the money and sends the parcel while the customer waits. Whatever goes wrong, it
// answers 200 with an error in the body, also of a purchase that it is half through.
const partners = require('./partners.js');
const serve = require('./graphql.js');

const price = { value: 49900, currency: 'NOK' };
const pollMS = Number(process.env.POLL_MS);
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const shipped = new Set();

serve({
  Cart: ({ basket }) => ({ cart: { id: `${basket}-order`, total: price } }),

  async Complete({ basket, order }) {
    const reference = `${order}-${Math.random().toString(36).slice(2, 10)}`; // a new payment for each mutation
    await partners.create(reference, price);
    while ((await partners.look(reference)).state !== 'AUTHORIZED') await sleep(pollMS);
    await partners.capture(reference, price);
    if (!shipped.has(order)) { // the order is checked for, the payment was not
      shipped.add(order);
      await partners.ship(order, basket);
    }
    return { complete: { order: { id: order, status: 'shipped' } } };
  },

  Order: ({ id }) => ({ order: shipped.has(id) ? { id, status: 'shipped' } : null }),
});
