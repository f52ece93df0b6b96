'use strict';
// The call to the carrier that sends the goods. The same key books one parcel at most.
const send = require('./send.js');

module.exports = async function ship(order, basket, key) {
  const { status } = await send('POST', `${process.env.SHIPPING_URL}/shipments`, {
    'Content-Type': 'application/json', 'Idempotency-Key': key,
  }, JSON.stringify({ reference: order, basket }));
  if (status !== 201) throw new Error(`the carrier answered ${status}`); // a gateway's 200 is no parcel
};
