#!/usr/bin/env bash
# "Advance the clock by 31 s": which time-outs of 30 s does a faked clock reach?
#
# Shown: Node's own mock timers and @sinonjs/fake-timers (the clock of Jest, Vitest and Sinon)
# do not reach AbortSignal.timeout(), http's `timeout`, nor undici's headersTimeout: after
# 31 faked seconds the call still waits. axios' `timeout` and a hand-made AbortController are
# reached.
# Versions: node:test of Node 20, @sinonjs/fake-timers 15.5.0, axios 1.21.1, undici 7.30.2.
# Why a checkout cares: the test of "the provider never answers" hangs, or somebody replaces the
# time-out by one that the clock reaches, and what ships is no longer what was tested.
# Instead: hand the time-out in and test with 50 real milliseconds, or let another process
# (a proxy) be silent and give the whole test a deadline.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a faked clock that moves 31 s ends every wait of 30 s in the process"
npm_install @sinonjs/fake-timers@15.5.0 axios@1.21.1 undici@7.30.2
cat >"$work/clocks.js" <<'END'
const http = require('http');
const wait = require('timers').setTimeout; // the real one, kept
const pause = () => new Promise((done) => wait(done, 200));
const { mock } = require('node:test');
const sinon = require('@sinonjs/fake-timers');
const axios = require('axios');
const undici = require('undici');

const silent = http.createServer(() => {}).listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${silent.address().port}`;
  const calls = {
    'setTimeout + AbortController': () => {
      const control = new AbortController();
      setTimeout(() => control.abort(), 30_000);
      return fetch(url, { signal: control.signal });
    },
    'AbortSignal.timeout': () => fetch(url, { signal: AbortSignal.timeout(30_000) }),
    'http.request timeout': () => new Promise((_, end) => http.get(url, { timeout: 30_000 }).on('timeout', end)),
    'undici headersTimeout': () => undici.request(url, { headersTimeout: 30_000 }),
    'axios timeout': () => axios.get(url, { timeout: 30_000 }),
  };
  const names = ['setTimeout', 'setInterval', 'Date'];
  for (const [name, call] of Object.entries(calls)) {
    const ended = [];
    for (const clock of ['node:test', 'sinon']) {
      let fake;
      if (clock === 'sinon') fake = sinon.install({ toFake: [...names, 'clearTimeout', 'clearInterval'] });
      else mock.timers.enable({ apis: names });
      let state = 'waits';
      call().catch(() => (state = 'ends'));
      await pause();
      if (fake) await fake.tickAsync(31_000);
      else mock.timers.tick(31_000);
      await pause();
      ended.push(`${clock} ${state}`);
      if (fake) fake.uninstall();
      else mock.timers.reset();
    }
    console.log(`${name}: ${ended.join(', ')}`);
  }
  process.exit();
});
END
node --no-warnings "$work/clocks.js" >"$work/seen"
behaves <<'END'
setTimeout + AbortController: node:test ends, sinon ends
AbortSignal.timeout: node:test waits, sinon waits
http.request timeout: node:test waits, sinon waits
undici headersTimeout: node:test waits, sinon waits
axios timeout: node:test ends, sinon ends
END
