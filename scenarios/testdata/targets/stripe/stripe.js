'use strict';
// The calls to Stripe that a purchase needs, and the check of those that Stripe makes to
// the shop. Both shops here use it; they differ in when, and in what they take an answer for.
const { createHmac, timingSafeEqual } = require('node:crypto');
const send = require('./send.js');

const { STRIPE_URL, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET } = process.env;
const toleranceS = 300; // Stripe's own libraries refuse a webhook that is older

// call resolves with a payment intent. It rejects where Stripe did not answer with one, which
// does not say that nothing happened. A POST with a key that Stripe knows is answered as it
// was the first time, so the same call can be made again. Stripe forgets keys after 24 hours.
async function call(method, path, key, fields) {
  const { status, body } = await send(method, `${STRIPE_URL}/v1/payment_intents${path}`, {
    Authorization: `Bearer ${STRIPE_SECRET_KEY}`,
    ...(key && { 'Idempotency-Key': key }),
    ...(fields && { 'Content-Type': 'application/x-www-form-urlencoded' }),
  }, fields && String(new URLSearchParams(fields)));
  if (status !== 200 || body.object !== 'payment_intent') throw new Error(`Stripe answered ${status}: ${body.error?.message}`);
  return body;
}

const same = (a, b) => a.length === b.length && timingSafeEqual(a, b);

module.exports = {
  // The metadata comes back with every webhook of the payment, and names its order, even
  // where the answer to this call is lost.
  create: (order, { amount, currency }, key) => call('POST', '', key, {
    amount, currency: currency.toLowerCase(), 'automatic_payment_methods[enabled]': true, 'metadata[order]': order,
  }),
  look: (intent) => call('GET', `/${intent}`),
  cancel: (intent) => call('POST', `/${intent}/cancel`, `cancel-${intent}`),

  // eventOf is the event in the body of a webhook, or nothing where Stripe did not sign it.
  // The body is what was sent, byte for byte: parsed and written anew it has another signature.
  eventOf(signature, body) {
    const fields = String(signature).split(',').map((field) => field.split('=')); // t=…,v1=…, with v1 twice while a secret is replaced
    const time = fields.find(([name]) => name === 't')?.[1];
    const right = createHmac('sha256', STRIPE_WEBHOOK_SECRET).update(`${time}.${body}`).digest('hex');
    const signed = fields.some(([name, value]) => name === 'v1' && same(Buffer.from(value), Buffer.from(right)));
    return signed && Math.abs(Date.now() / 1000 - time) < toleranceS ? JSON.parse(body) : undefined;
  },
};
