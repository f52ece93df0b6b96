#!/usr/bin/env bash
# A checkout is an XState machine whose state is kept, and the shop restarts.
#
# Shown: an order waits for its payment and expires `after` a while. Kept by getPersistedSnapshot()
# and started again from it, the order never expires: the timer is not kept, and not started anew.
# A charge that was under way is invoked again at once, so the provider gets two of them.
# Without a restart, and when the state is entered after one, the timer fires.
# Version: xstate 5.33.3, Node 20.
# Why a checkout cares: each deploy leaves orders that hold stock and an authorisation for ever, and
# charges twice whatever it interrupts, unless the call carries the order's own key.
# Instead: a time by which it expires in the context, and a sweeper (or an event after the restart)
# that looks at it; an idempotency key made of the order in whatever is invoked.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a machine that is restored in a state expires as if it had not stopped, or runs nothing twice"
npm_install xstate@5.33.3
cat >"$work/order.js" <<'END'
const http = require('http');
const { createActor, createMachine, fromPromise, waitFor } = require('xstate');
let charges = 0;
const provider = http.createServer((request, response) => request.resume().on('end', () => {
  charges++;
  setTimeout(() => response.end('charged'), 500);
})).listen(0, '127.0.0.1', async () => {
  const charge = fromPromise(() => fetch(`http://127.0.0.1:${provider.address().port}`, { method: 'POST' }).then((r) => r.text()));
  const order = createMachine({
    initial: 'basket',
    states: {
      basket: { on: { SUBMIT: 'waiting' } },
      waiting: { after: { 300: 'expired' }, on: { PAY: 'charging' } },
      charging: { invoke: { src: charge, onDone: 'paid', onError: 'failed' } },
      paid: {}, failed: {}, expired: {},
    },
  });
  const started = (snapshot) => createActor(order, snapshot && { snapshot }).start();
  const restart = (actor) => {
    const kept = JSON.stringify(actor.getPersistedSnapshot());
    actor.stop();
    return started(JSON.parse(kept));
  };
  const submitted = (actor) => (actor.send({ type: 'SUBMIT' }), actor);
  const ends = async (actor, states) => {
    await waitFor(actor, (snapshot) => states.includes(snapshot.value), { timeout: 3000 }).catch(() => {});
    return actor.getSnapshot().value;
  };
  console.log(`waiting, no restart: ${await ends(submitted(started()), ['expired'])}`);
  console.log(`restarted before it waits: ${await ends(submitted(restart(started())), ['expired'])}`);
  console.log(`restarted while it waits, ten times the time later: ${await ends(restart(submitted(started())), ['expired'])}`);
  const paying = submitted(started());
  paying.send({ type: 'PAY' });
  while (charges === 0) await new Promise((done) => setTimeout(done, 10));
  console.log(`restarted while it charges: ${await ends(restart(paying), ['paid', 'failed'])}, charges at the provider: ${charges}`);
  process.exit();
});
END
node "$work/order.js" >"$work/seen"
behaves <<'END'
waiting, no restart: expired
restarted before it waits: expired
restarted while it waits, ten times the time later: waiting
restarted while it charges: paid, charges at the provider: 2
END
