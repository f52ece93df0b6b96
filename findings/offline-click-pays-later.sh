#!/usr/bin/env bash
# The customer clicks "pay" without a network, twice, and gives up. Then the network is back.
#
# Shown: TanStack Query neither asks nor fails. The mutation is "pending" and paused, with no error
# and no end. Each click is kept, also after the page's component is gone and reset() was called, and
# when the browser is online again all of them are sent: two POSTs, an hour later, for nobody.
# A fetch of one's own fails at once, and so does networkMode 'always'. A scope sends the two in turn.
# Version: @tanstack/query-core 5.108.4 (which useMutation of React, Vue, Svelte and Solid wraps), Node 20.
# Why a checkout cares: she has bought elsewhere by then. A key made in mutationFn differs in both.
# Instead: networkMode: 'always' for payments; the button is off from the first click on; a key made of
# the order, outside of mutationFn; mutationCache.clear() when she leaves.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a payment that is submitted offline fails, and is not sent later"
npm_install @tanstack/query-core@5.108.4
cat >"$work/offline.js" <<'END'
const http = require('http');
const { MutationObserver, QueryClient, onlineManager } = require('@tanstack/query-core');
let posts = 0;
let network = true;
const shop = http.createServer((request, response) => request.resume().on('end', () => {
  posts++;
  response.end('paid');
})).listen(0, '127.0.0.1', async () => {
  const pay = async () => {
    if (!network) throw new TypeError('Failed to fetch'); // as a browser's fetch does
    return (await fetch(`http://127.0.0.1:${shop.address().port}/pay`, { method: 'POST' })).text();
  };
  const goes = (online) => { network = online; onlineManager.setOnline(online); };
  const until = async (settled) => {
    for (let n = 0; n < 1000 && !settled(); n++) await new Promise((done) => setTimeout(done, 10));
  };
  const options = { default: {}, "networkMode 'always'": { networkMode: 'always' }, scope: { scope: { id: 'order-1' } } };
  for (const [name, option] of Object.entries(options)) {
    const client = new QueryClient();
    client.mount();
    const button = new MutationObserver(client, { mutationFn: pay, ...option });
    const leave = button.subscribe(() => {});
    posts = 0;
    goes(false);
    for (let click = 0; click < 2; click++) button.mutate().catch(() => {});
    const all = () => client.getMutationCache().getAll().map((mutation) => mutation.state);
    await until(() => all().every((state) => state.isPaused || state.status !== 'pending'));
    const { status, isPaused, error } = button.getCurrentResult();
    console.log(`${name}: offline after two clicks: ${status}${isPaused ? ', paused' : ''}, ${error ?? 'no error'}, ${posts} posts`);
    button.reset();
    leave();
    goes(true);
    await until(() => client.isMutating() === 0);
    console.log(`  she has left the page, and is online again: ${posts} posts`);
    client.unmount();
  }
  process.exit();
});
END
node "$work/offline.js" >"$work/seen"
behaves <<'END'
default: offline after two clicks: pending, paused, no error, 0 posts
  she has left the page, and is online again: 2 posts
networkMode 'always': offline after two clicks: error, TypeError: Failed to fetch, 0 posts
  she has left the page, and is online again: 0 posts
scope: offline after two clicks: pending, paused, no error, 0 posts
  she has left the page, and is online again: 2 posts
END
