// Creates one payment on a connection that was used before, and prints what its caller heard.
import { readFileSync } from 'node:fs';
import { Client } from '@vippsmobilepay/sdk';
import { heard } from './heard.mjs';

const { version } = JSON.parse(readFileSync(new URL('node_modules/@vippsmobilepay/sdk/package.json', import.meta.url)));
const client = Client({
  merchantSerialNumber: process.env.MERCHANT, subscriptionKey: process.env.SUBSCRIPTION_KEY, useTestMode: true,
  pluginName: 'sdks', pluginVersion: '1.0', systemName: 'sdks', systemVersion: '1.0',
});
const { data } = await client.auth.getToken(process.env.CLIENT_ID, process.env.CLIENT_SECRET);
await heard(version, async () => {
  const answer = await client.payment.create(data.access_token, {
    amount: { currency: 'NOK', value: 49900 }, paymentMethod: { type: 'WALLET' }, customer: { phoneNumber: '4791234567' },
    reference: 'b-ana-1-sdk', returnUrl: 'https://shop.example/back', userFlow: 'WEB_REDIRECT', paymentDescription: 'One parcel',
  });
  if (answer.ok) return { heard: answer.data?.reference ? 'a payment' : 'ok: true without a payment' };
  return { heard: 'ok: false' + (answer.error?.name ? `, ${answer.error.name}` : ''), status: answer.error?.status };
}, (error) => ({ heard: `throws ${error.name}` }));
