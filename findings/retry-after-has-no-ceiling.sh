#!/usr/bin/env bash
# The longest wait between tries is set to 0.1 s, and the provider says `Retry-After: 3`.
#
# Shown: ky (backoffLimit), got (backoffLimit) and go-retryablehttp (RetryWaitMax) wait the three
# seconds: their ceiling holds for their own back-off only, and the time-out of a try does not run
# during the wait. maxRetryAfter is the ceiling, and means two things: ky waits less and tries
# again, got gives up at once. undici's RetryAgent keeps to its maxTimeout.
# Versions: ky 1.14.3, got 14.6.6, undici 7.30.2 (Node 20),
# go-retryablehttp 0.7.8 (Go).
# Why a checkout cares: a provider in maintenance says 3600. The worker, the request handler and
# its database connection sit there for an hour, or the customer's page does.
# Instead: give the step a deadline (AbortSignal.timeout, context.WithTimeout) and hand a longer
# wait to the queue; set the ceilings named above.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a maximal wait of 0.1 s is the longest wait between two tries"
npm_install ky@1.14.3 got@14.6.6 undici@7.30.2
go_install github.com/hashicorp/go-retryablehttp@v0.7.8
cat >"$work/shop.mjs" <<'END'
import http from 'node:http';
import ky from 'ky';
import got from 'got';
import { Agent, RetryAgent, request } from 'undici';
let tries = 0;
const provider = http.createServer((_, response) => {
  tries++;
  response.writeHead(503, { 'retry-after': '3' }).end();
}).listen(0, '127.0.0.1');
await new Promise((done) => provider.on('listening', done));
const url = `http://127.0.0.1:${provider.address().port}`;
const dispatcher = new RetryAgent(new Agent(), { maxRetries: 1, minTimeout: 50, maxTimeout: 100 });
const calls = {
  'ky, backoffLimit 100, timeout 1000': () => ky(url, { timeout: 1000, retry: { limit: 1, backoffLimit: 100 } }),
  'ky, maxRetryAfter 100': () => ky(url, { retry: { limit: 1, maxRetryAfter: 100 } }),
  'got, backoffLimit 100': () => got(url, { retry: { limit: 1, backoffLimit: 100 } }),
  'got, maxRetryAfter 100': () => got(url, { retry: { limit: 1, maxRetryAfter: 100 } }),
  'undici RetryAgent, maxTimeout 100': async () => (await request(url, { method: 'GET', dispatcher })).body.dump(),
};
for (const [name, call] of Object.entries(calls)) {
  tries = 0;
  const start = Date.now();
  await call().catch(() => {});
  const waited = Date.now() - start > 2500 ? 'the wait is 3 s' : 'no long wait';
  console.log(`${name}: ${tries} tries, ${waited}`);
}
process.exit();
END
cat >"$work/main.go" <<'END'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

func main() {
	tries := 0
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tries++
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(503)
	}))
	client := retryablehttp.NewClient()
	client.Logger, client.RetryMax = nil, 1
	client.RetryWaitMin, client.RetryWaitMax = 10*time.Millisecond, 100*time.Millisecond
	client.HTTPClient.Timeout = time.Second
	start := time.Now()
	client.Get(provider.URL)
	waited := map[bool]string{true: "the wait is 3 s", false: "no long wait"}[time.Since(start) > 2500*time.Millisecond]
	fmt.Printf("go-retryablehttp, RetryWaitMax 100 ms, Timeout 1 s: %d tries, %s\n", tries, waited)
}
END
node "$work/shop.mjs" >"$work/seen"
run_go main.go >>"$work/seen"
behaves <<'END'
ky, backoffLimit 100, timeout 1000: 2 tries, the wait is 3 s
ky, maxRetryAfter 100: 2 tries, no long wait
got, backoffLimit 100: 2 tries, the wait is 3 s
got, maxRetryAfter 100: 1 tries, no long wait
undici RetryAgent, maxTimeout 100: 2 tries, no long wait
go-retryablehttp, RetryWaitMax 100 ms, Timeout 1 s: 2 tries, the wait is 3 s
END
