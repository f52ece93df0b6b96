'use strict';
// The few calls to the payment provider that a purchase needs.
const env = process.env;

async function call(method, path, body, key) {
  const token = await fetch(`${env.PAYMENTS_URL}/accesstoken/get`, {
    method: 'POST',
    headers: {
      client_id: env.PAYMENTS_CLIENT_ID, client_secret: env.PAYMENTS_CLIENT_SECRET,
      'Ocp-Apim-Subscription-Key': env.PAYMENTS_SUBSCRIPTION_KEY, 'Merchant-Serial-Number': env.PAYMENTS_MERCHANT,
    },
  }).then((answer) => answer.json());
  const answer = await fetch(env.PAYMENTS_URL + path, {
    method,
    headers: {
      Authorization: `Bearer ${token.access_token}`, 'Content-Type': 'application/json',
      'Ocp-Apim-Subscription-Key': env.PAYMENTS_SUBSCRIPTION_KEY, 'Merchant-Serial-Number': env.PAYMENTS_MERCHANT,
      ...(key ? { 'Idempotency-Key': key } : {}),
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(Number(env.PAYMENTS_TIMEOUT_MS)),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer.json();
}

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

// pay charges the customer, and returns when it is done.
async function pay(reference, value, currency) {
  await call('POST', '/epayment/v1/payments', {
    amount: { value, currency }, paymentMethod: { type: 'WALLET' }, reference,
    userFlow: 'WEB_REDIRECT', returnUrl: `${env.PUBLIC_URL}/done`, paymentDescription: 'One parcel',
  }, `create-${reference}`);
  for (;;) {
    const payment = await call('GET', `/epayment/v1/payments/${reference}`);
    if (payment.state === 'AUTHORIZED') break;
    if (payment.state !== 'CREATED') throw new Error(`the payment is ${payment.state}`);
    await sleep(Number(env.POLL_MS));
  }
  await call('POST', `/epayment/v1/payments/${reference}/capture`, { modificationAmount: { value, currency } }, `capture-${reference}`);
}

module.exports = { pay, call };
