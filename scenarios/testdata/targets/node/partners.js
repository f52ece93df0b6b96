'use strict';
// The calls to the payment provider and to the carrier that a purchase needs.
// Both shops here make the same ones; they differ in when, and in what they take
// an answer for.
const http = require('node:http');

const env = process.env;
const timeoutMS = Number(env.TIMEOUT_MS);
const agent = new http.Agent({ keepAlive: true }); // warm connections are used again

// send resolves with the answer, whatever its status, and rejects where none
// came in time, or only a part of one, or no JSON.
function send(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const text = body ? JSON.stringify(body) : '';
    const request = http.request(url, {
      method, agent, signal: AbortSignal.timeout(timeoutMS),
      headers: { ...headers, 'Content-Length': Buffer.byteLength(text), ...(body && { 'Content-Type': 'application/json' }) },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let said = '';
      response.setEncoding('utf8').on('error', reject).on('data', (part) => { said += part; });
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode, body: JSON.parse(said) });
        } catch (noJSON) {
          reject(noJSON);
        }
      });
    });
    request.end(text);
  });
}

function refused(answer) {
  return Object.assign(new Error(`it was answered with status ${answer.status}`), { status: answer.status, body: answer.body });
}

const account = { 'Ocp-Apim-Subscription-Key': env.PAYMENTS_SUBSCRIPTION_KEY, 'Merchant-Serial-Number': env.PAYMENTS_MERCHANT };
let token; // good for many calls

async function logIn() {
  const answer = await send('POST', `${env.PAYMENTS_URL}/accesstoken/get`, {
    ...account, client_id: env.PAYMENTS_CLIENT_ID, client_secret: env.PAYMENTS_CLIENT_SECRET,
  });
  if (answer.status !== 200 || !answer.body.access_token) throw refused(answer);
  return answer.body.access_token;
}

async function provider(method, path, key, body) {
  token = token || await logIn();
  const answer = await send(method, `${env.PAYMENTS_URL}/epayment/v1/payments${path}`, {
    ...account, Authorization: `Bearer ${token}`, ...(key && { 'Idempotency-Key': key }),
  }, body);
  if (answer.status === 401) token = undefined; // it ran out: the next call gets a new one
  if (answer.status >= 300) throw refused(answer);
  return answer.body;
}

module.exports = {
  create: (reference, amount) => provider('POST', '', `create-${reference}`, {
    amount, reference, paymentMethod: { type: 'WALLET' },
    userFlow: 'WEB_REDIRECT', returnUrl: `${env.PUBLIC_URL}/done`, paymentDescription: 'One parcel',
  }),
  look: (reference) => provider('GET', `/${reference}`),
  capture: (reference, amount) => provider('POST', `/${reference}/capture`, `capture-${reference}`, { modificationAmount: amount }),
  refund: (reference, amount) => provider('POST', `/${reference}/refund`, `refund-${reference}`, { modificationAmount: amount }),
  async ship(order, basket, key = `ship-${order}`) {
    const answer = await send('POST', `${env.SHIPPING_URL}/shipments`, { 'Idempotency-Key': key }, { reference: order, basket });
    if (answer.status !== 201) throw refused(answer);
  },
};
