'use strict';
// What the checkout page does, without a DOM, a network or a clock of its own.
// A browser binds `env` to fetch, timers and the document (drawing.js); a test
// binds it to whatever it likes. The script touches nothing else.
//
//   env.request({method, path, headers, body, timeOutMS}) -> Promise<{status, body}>
//       rejects when no answer came in time, or none at all
//   env.sleep(ms) -> Promise
//   env.show({says, text}) puts a screen up
//   env.pay(url) says where the customer pays, in a page that sends her there
//
// checkout(order, config, env).opened(says) is called once, with the status that
// the shop rendered into the page: one that is loaded while the order is under
// way looks after it. submit() is called at every click of the button.
// The button stays enabled: a second click sends the same order again, and a
// shop that cannot stand that cannot stand a re-sent request either.
function checkout(order, config, env) {
  const without = (name) => config.without.includes(name);
  const outcomes = ['shipped', 'refused', 'refunded', 'cancelled'];
  let id = order.id;
  let told = false; // an outcome is on the screen; nothing less replaces it
  let shown; // what the screen says
  let looking = false; // one loop looks after the order, however many clicks

  function show(says) {
    if (says === shown || told && !outcomes.includes(says)) return;
    shown = says;
    told = outcomes.includes(says);
    env.show({ says, text: config.words[says] });
  }

  // send puts the order to the shop and sends it again when no answer comes:
  // the same order under the same id, so that the shop can tell.
  async function send(headers) {
    const body = JSON.stringify({ basket: order.basket, amount: order.amount, currency: order.currency });
    for (let resent = 0; ; resent++) {
      try {
        return await env.request({
          method: 'PUT',
          path: '/orders/' + id,
          headers: { 'Content-Type': 'application/json', ...headers },
          body,
          timeOutMS: config.timeOutMS,
        });
      } catch (noAnswer) {
        if (resent >= config.resends) throw noAnswer;
      }
    }
  }

  // read finds the order's status in an answer. The tolerant reader takes what
  // it knows and says undefined where it cannot make sense of the rest; the
  // strict one knows exactly one form of answer and stops at any other.
  function read(answer) {
    if (without('tolerant-reader')) {
      const document = JSON.parse(answer.body);
      if (!(document.status in config.words)) throw new Error('the answer has no status that this page knows');
      id = document.id;
      return document.status;
    }
    try {
      const document = JSON.parse(answer.body);
      if (answer.status >= 300 || typeof document.status !== 'string' || !(document.status in config.words)) return undefined;
      id = document.id || id;
      if (typeof document.pay === 'string' && env.pay) env.pay(document.pay);
      return document.status;
    } catch (notJSON) {
      return undefined;
    }
  }

  // ask is for answers that make no sense: it reads the page that the shop
  // itself renders for this basket, which always says how things stand.
  async function ask() {
    const page = await env.request({
      method: 'GET', path: '/checkout/' + order.basket, headers: {}, timeOutMS: config.timeOutMS,
    });
    const status = / data-status="([a-z]+)"/.exec(page.body);
    if (!status) return undefined;
    return status[1] === 'ready' ? 'changed' : status[1];
  }

  // look asks how the order stands until there is an outcome, less and less
  // often. An order that the shop has never heard of is sent once more.
  async function look(sending) {
    if (looking) return;
    looking = true;
    for (let pause = config.lookEveryMS; !told; pause = Math.min(pause * 1.25, config.lookEveryMS * 15)) {
      try {
        const answer = await env.request({
          method: 'GET', path: '/orders/' + id, headers: {}, timeOutMS: config.timeOutMS / 4,
        });
        if (answer.status === 404 && sending.over) {
          sending.over = false;
          send({}).catch(() => {}).then(() => { sending.over = true; });
        } else if (answer.status !== 404) {
          show(read(answer) || await ask() || 'checking');
        }
      } catch (noAnswer) {
        if (without('tolerant-reader')) throw noAnswer;
      }
      if (!told) await env.sleep(pause);
    }
    looking = false;
  }

  // submitAndTell says at once that the order is on its way, speaks up when
  // the shop is silent, and looks after the order until it knows the outcome.
  async function submitAndTell() {
    show('waiting');
    const sending = { over: false };
    let asking = false; // the answer made no sense, and the page is asked for
    env.sleep(config.lookAfterMS).then(() => {
      if (shown !== 'waiting' || sending.over && !asking) return undefined;
      show('checking');
      return look(sending);
    });
    let answer;
    try {
      answer = await send({});
    } catch (noAnswer) {
      answer = undefined;
    } finally {
      sending.over = true;
    }
    if (!answer) {
      show('checking');
    } else {
      const status = read(answer);
      asking = !status;
      show(status || await ask().catch(() => undefined) || 'checking');
    }
    await look(sending);
  }

  // opened takes up what an earlier page, or another tab, has begun.
  function opened(says) {
    if (without('status-page') || says !== 'checking') return undefined;
    shown = says;
    return look({ over: false });
  }

  // submitAndHope is the page without its status-page: it waits for the one
  // answer that carries the outcome, and has no word for its absence.
  async function submitAndHope() {
    show('waiting');
    show(read(await send({ Prefer: 'wait=' + config.timeOutMS / 1000 })));
  }

  return { opened, submit: without('status-page') ? submitAndHope : submitAndTell };
}
