// Creates one payment with the package of the name given, on a connection that was used
// before, and prints what its caller heard.
import { heard } from './heard.mjs';

const { default: Stripe } = await import(process.argv[2]);
const { hostname, port } = new URL(process.env.FAKE);
const timeout = process.env.TIMEOUT_MS ? { timeout: Number(process.env.TIMEOUT_MS) } : {};
const stripe = new Stripe(process.env.SECRET_KEY, { host: hostname, port, protocol: 'http', ...timeout });
await stripe.customers.list({ limit: 1 });
await heard(Stripe.PACKAGE_VERSION, () => stripe.paymentIntents.create({ amount: 49900, currency: 'nok' }),
  (error) => ({ heard: error.type ?? error.name, status: error.statusCode }));
