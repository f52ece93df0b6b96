// Takes the provider's own client through a merchant's day, and prints what it
// returned as one JSON document: step → {ok, data} or {ok, error}.
import { Client } from '@vippsmobilepay/sdk';

const client = Client({
  merchantSerialNumber: process.env.MSN,
  subscriptionKey: process.env.SUBSCRIPTION_KEY,
  useTestMode: true,
  retryRequests: false,
  pluginName: 'unhappy-path', pluginVersion: '1.0', systemName: 'unhappy-path', systemVersion: '1.0',
});
const said = {};

async function step(name, promise) {
  const answer = await promise;
  said[name] = answer.ok ? { ok: true, data: answer.data } : { ok: false, error: answer.error };
  return answer;
}

const auth = await step('token', client.auth.getToken(process.env.CLIENT_ID, process.env.CLIENT_SECRET));
const token = auth.ok ? auth.data.access_token : 'none';
const nok = (value) => ({ currency: 'NOK', value });
const create = (reference, value) => client.payment.create(token, {
  amount: nok(value),
  paymentMethod: { type: 'WALLET' },
  customer: { phoneNumber: '4791234567' },
  reference,
  returnUrl: `https://shop.example/back?reference=${reference}`,
  userFlow: 'WEB_REDIRECT',
  paymentDescription: 'One parcel',
});
const modification = (value) => ({ modificationAmount: nok(value) });
const approval = { customer: { phoneNumber: '4791234567' } };

// A purchase, captured in part, paid back in part, the rest released.
await step('create', create('b-ana-1-sdk', 49900));
await step('get before approval', client.payment.info(token, 'b-ana-1-sdk'));
await step('capture too early', client.payment.capture(token, 'b-ana-1-sdk', modification(40000)));
await step('approve', client.payment.forceApprove(token, 'b-ana-1-sdk', approval));
await step('get', client.payment.info(token, 'b-ana-1-sdk'));
await step('capture', client.payment.capture(token, 'b-ana-1-sdk', modification(40000)));
await step('refund', client.payment.refund(token, 'b-ana-1-sdk', modification(15000)));
await step('cancel', client.payment.cancel(token, 'b-ana-1-sdk'));
await step('refund too much', client.payment.refund(token, 'b-ana-1-sdk', modification(40000)));
await step('get again', client.payment.info(token, 'b-ana-1-sdk'));
await step('history', client.payment.history(token, 'b-ana-1-sdk'));

// One that is cancelled before anybody approves, and its reference taken again.
await step('create another', create('b-ben-1-sdk', 9900));
await step('terminate', client.payment.cancel(token, 'b-ben-1-sdk'));
await step('same reference', create('b-ben-1-sdk', 9900));

// Webhooks.
await step('register', client.webhook.register(token, {
  url: 'https://shop.example/webhooks/vipps', events: ['epayments.payment.captured.v1'],
}));
const list = await step('list', client.webhook.list(token));
const id = list.ok ? list.data.webhooks[0].id : 'none';
await step('delete', client.webhook.delete(token, id));

console.log(JSON.stringify(said));
