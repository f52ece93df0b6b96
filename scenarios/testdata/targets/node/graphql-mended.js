'use strict';
// The shop behind GraphQL, mended: the mutation takes the order down, once, and answers at
// once; the desk does the rest, and the query Order says how it stands. What the customer
// can do something about stands in the data (userErrors); what happened to a request
// stands in errors, and says nothing of the order.
const { price, orders, take } = require('./desk.js');
const serve = require('./graphql.js');

const orderOf = (basket) => `${basket}-order`; // one basket, one order, however often its page is loaded

function view(id) {
  const { status } = orders.get(id);
  return { id, status: ['shipped', 'refused'].includes(status) ? status : 'working' };
}

serve({
  Cart: ({ basket }) => ({ cart: { id: orderOf(basket), total: price } }),

  Complete({ basket, order, total }) {
    const asShown = order === orderOf(basket) && total.value === price.value && total.currency === price.currency;
    if (!asShown) return { complete: { order: null, userErrors: [{ code: 'CHANGED', message: 'The basket has changed.' }] } };
    take(order, basket);
    return { complete: { order: view(order), userErrors: [] } };
  },

  Order({ id }) {
    if (!orders.has(id)) throw Object.assign(new Error('There is no such order'), { code: 'NOT_FOUND' });
    return { order: view(id) };
  },
});
