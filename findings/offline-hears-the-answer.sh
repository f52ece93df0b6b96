#!/usr/bin/env bash
# A browser that a test takes offline in the middle of a submit still hears the answer.
#
# Shown: setOfflineMode(true) of Puppeteer and setOffline(true) of Playwright, called while a
# POST waits for its answer, do not end it: the shop answers, and the page says "paid". Only
# requests that begin later fail. A real network that is lost takes the answer with it.
# Version: puppeteer-core 25.16.0, playwright-core 1.65.1, Debian's Chromium.
# Why a checkout cares: a test of "the customer loses the network after her click" stays green
# with a page that shows nothing, for ever, when an answer is lost: it never was.
# Instead: cut the connection outside of the browser (a proxy that is told to drop it), or take
# the page's request away with Page.stopLoading before it goes offline.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "offline in the middle of a request takes its answer away"
uses chromium chromium
npm_install puppeteer-core@25.16.0 playwright-core@1.65.1
echo "browser: $(chromium --version 2>/dev/null | grep -o 'Chromium [0-9]*')"
cat >"$work/offline.js" <<'END'
const http = require('http');
const puppeteer = require('puppeteer-core');
const { chromium } = require('playwright-core');
const executablePath = require('child_process').execSync('command -v chromium').toString().trim();
const args = ['--no-sandbox'];

const page = `<!doctype html><button onclick="
  fetch('/buy', { method: 'POST' }).then(() => 'paid', () => 'no answer').then((says) => { document.title = says; })
">buy</button>`;
let arrived, answer;
const shop = http.createServer(async (request, response) => {
  if (request.method !== 'POST') return response.setHeader('Content-Type', 'text/html').end(page);
  arrived();
  await new Promise((now) => { answer = now; });
  response.end('ok');
});

async function story(name, tab, offline) {
  for (const when of ['before the click', 'after the click']) {
    await offline(false);
    await tab.goto(`http://127.0.0.1:${shop.address().port}/`);
    const there = new Promise((resolve) => { arrived = resolve; });
    if (when === 'before the click') await offline(true);
    await tab.click('button');
    if (when === 'after the click') {
      await there;
      await offline(true);
      answer();
    }
    await tab.waitForFunction(() => document.title !== '');
    console.log(`${name}, offline ${when}: the page says ${await tab.title()}`);
  }
}

shop.listen(0, '127.0.0.1', async () => {
  const one = await puppeteer.launch({ executablePath, args });
  const tab = await one.newPage();
  await story('Puppeteer', tab, (is) => tab.setOfflineMode(is));
  await one.close();
  const other = await chromium.launch({ executablePath, args });
  const context = await other.newContext();
  await story('Playwright', await context.newPage(), (is) => context.setOffline(is));
  await other.close();
  process.exit();
});
END
(cd "$work" && node offline.js) >"$work/seen"
behaves <<'END'
Puppeteer, offline before the click: the page says no answer
Puppeteer, offline after the click: the page says paid
Playwright, offline before the click: the page says no answer
Playwright, offline after the click: the page says paid
END
