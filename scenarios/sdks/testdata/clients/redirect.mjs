// Given to node by --import: whatever the client sends to the provider goes to
// the fake at FAKE instead, and whatever it would send elsewhere is refused.
import { Agent, setGlobalDispatcher } from 'undici';

const fake = new URL(process.env.FAKE).origin;
const provider = 'https://apitest.vipps.no';

setGlobalDispatcher(new Agent().compose((dispatch) => (options, handler) => {
  if (String(options.origin) !== provider) throw new Error(`a request to ${options.origin}, and not to ${provider}`);
  return dispatch({ ...options, origin: fake }, handler);
}));
