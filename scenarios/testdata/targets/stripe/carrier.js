'use strict';
// The call to the carrier that sends the goods. The same key books one parcel at most.

module.exports = async function ship(order, basket, key) {
  const response = await fetch(`${process.env.SHIPPING_URL}/shipments`, {
    method: 'POST', redirect: 'error', signal: AbortSignal.timeout(Number(process.env.TIMEOUT_MS)),
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ reference: order, basket }),
  });
  await response.text();
  if (response.status !== 201) throw new Error(`the carrier answered ${response.status}`); // a gateway's 200 is no parcel
};
