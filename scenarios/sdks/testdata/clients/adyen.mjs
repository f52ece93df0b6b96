// Creates one payment, and prints what its caller heard. The client opens a connection for
// each request, and calls HTTPS only.
import { createRequire } from 'node:module';
import { heard } from './heard.mjs';

const require = createRequire(import.meta.url);
const { version } = require('@adyen/api-library/package.json');
const { Client, EnvironmentEnum } = require('@adyen/api-library');
const { PaymentsApi } = require('@adyen/api-library/lib/src/services/checkout/paymentsApi');

class AtTheFake extends PaymentsApi {
  createBaseUrl(url) {
    return url.replace(/^https:\/\/[^/]+/, process.env.FAKE);
  }
}

const timeout = process.env.TIMEOUT_MS ? { connectionTimeoutMillis: Number(process.env.TIMEOUT_MS) } : {};
const payments = new AtTheFake(new Client({ apiKey: process.env.API_KEY, environment: EnvironmentEnum.TEST, ...timeout }));
await heard(version, async () => {
  const answer = await payments.payments({
    amount: { currency: 'NOK', value: 49900 }, merchantAccount: process.env.MERCHANT_ACCOUNT, reference: 'b-ana-1-sdk',
    paymentMethod: { type: 'scheme', encryptedCardNumber: 'test_4111111111111111' }, returnUrl: 'https://shop.example/back',
  });
  return { heard: answer?.pspReference ? 'a payment' : 'success without a payment' };
}, (error) => ({ heard: error.constructor.name, status: error.statusCode }));
