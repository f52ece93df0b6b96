#!/usr/bin/env bash
# "Retry twice", said to eight HTTP helpers, and a POST whose answer is lost.
#
# Shown: axios-retry with its default condition, superagent's retry(), hashicorp's
# go-retryablehttp and resty 2 send the POST three times when the connection ends without an
# answer; retryablehttp and superagent also on a 503. got, ky, undici's RetryAgent and resty 3
# send it once. No key is added by any.
# Versions: axios 1.21.1 + axios-retry 4.5.0, superagent 10.4.2, got 14.6.6, ky 1.14.3, undici 7.30.2
# (Node 20), go-retryablehttp 0.7.8, resty 2.17.2 and 3.0.0-rc.4 (Go).
# Why a checkout cares: three charges for one line of configuration; axios-retry's is the one whose
# name for it, "network or idempotent request error", reads like the safe choice.
# Instead: a key per purchase on every POST, or a condition that names the methods:
# axios-retry `retryCondition: isIdempotentRequestError`; retryablehttp's CheckRetry.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "helpers repeat GET, PUT and DELETE unasked, and a POST only when told to (RFC 9110, 9.2.2)"
npm_install axios@1.21.1 axios-retry@4.5.0 superagent@10.4.2 got@14.6.6 ky@1.14.3 undici@7.30.2
go_install github.com/hashicorp/go-retryablehttp@v0.7.8 github.com/go-resty/resty/v2@v2.17.2 resty.dev/v3@v3.0.0-rc.4
cat >"$work/shop.mjs" <<'END'
import http from 'node:http';
import axios from 'axios';
import axiosRetry, { isIdempotentRequestError } from 'axios-retry';
import superagent from 'superagent';
import got from 'got';
import ky from 'ky';
import { Agent, RetryAgent, request } from 'undici';
let charges = 0, answer;
const provider = http.createServer((charge, response) => charge.resume().on('end', () => {
  charges++;
  if (answer === 'lost') charge.socket.destroy();
  else response.writeHead(503).end('busy');
})).listen(0, '127.0.0.1');
await new Promise((done) => provider.on('listening', done));
const url = `http://127.0.0.1:${provider.address().port}`;
const plain = axios.create(), careful = axios.create();
axiosRetry(plain, { retries: 2 });
axiosRetry(careful, { retries: 2, retryCondition: isIdempotentRequestError });
const dispatcher = new RetryAgent(new Agent(), { maxRetries: 2, minTimeout: 50 });
const helpers = {
  'axios-retry': () => plain.post(url, 'x'),
  'axios-retry, isIdempotentRequestError': () => careful.post(url, 'x'),
  'superagent retry(2)': () => superagent.post(url).send('x').retry(2),
  got: () => got.post(url, { body: 'x', retry: { limit: 2 } }),
  ky: () => ky.post(url, { body: 'x', retry: 2 }),
  'undici RetryAgent': async () => (await request(url, { method: 'POST', body: 'x', dispatcher })).body.dump(),
};
for (const [name, pay] of Object.entries(helpers)) {
  const counts = [];
  for (answer of ['lost', '503']) {
    charges = 0;
    await pay().catch(() => {});
    counts.push(`${charges} POSTs when ${answer}`);
  }
  console.log(`${name}: ${counts.join(', ')}`);
}
process.exit();
END
cat >"$work/main.go" <<'END'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	resty2 "github.com/go-resty/resty/v2"
	"github.com/hashicorp/go-retryablehttp"
	resty3 "resty.dev/v3"
)

type silence struct{}

func (silence) Errorf(string, ...any) {}
func (silence) Warnf(string, ...any)  {}
func (silence) Debugf(string, ...any) {}

func main() {
	var charges atomic.Int32
	lost := true
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		charges.Add(1)
		if !lost {
			w.WriteHeader(503)
			return
		}
		connection, _, _ := w.(http.Hijacker).Hijack()
		connection.Close()
	}))
	retryable := retryablehttp.NewClient()
	retryable.Logger, retryable.RetryMax, retryable.RetryWaitMin = nil, 2, time.Millisecond
	two := resty2.New().SetLogger(silence{}).SetRetryCount(2)
	three := resty3.New().SetLogger(silence{}).SetRetryCount(2)
	for _, helper := range []struct {
		name string
		pay  func()
	}{
		{"go-retryablehttp", func() { retryable.Post(provider.URL, "text/plain", strings.NewReader("x")) }},
		{"resty 2", func() { two.R().SetBody("x").Post(provider.URL) }},
		{"resty 3", func() { three.R().SetBody("x").Post(provider.URL) }},
	} {
		lost = true
		charges.Store(0)
		helper.pay()
		whenLost := charges.Swap(0)
		lost = false
		helper.pay()
		fmt.Printf("%s: %d POSTs when lost, %d POSTs when 503\n", helper.name, whenLost, charges.Load())
	}
}
END
node "$work/shop.mjs" >"$work/seen"
run_go main.go >>"$work/seen"
behaves <<'END'
axios-retry: 3 POSTs when lost, 1 POSTs when 503
axios-retry, isIdempotentRequestError: 1 POSTs when lost, 1 POSTs when 503
superagent retry(2): 3 POSTs when lost, 3 POSTs when 503
got: 1 POSTs when lost, 1 POSTs when 503
ky: 1 POSTs when lost, 1 POSTs when 503
undici RetryAgent: 1 POSTs when lost, 1 POSTs when 503
go-retryablehttp: 3 POSTs when lost, 3 POSTs when 503
resty 2: 3 POSTs when lost, 1 POSTs when 503
resty 3: 1 POSTs when lost, 1 POSTs when 503
END
