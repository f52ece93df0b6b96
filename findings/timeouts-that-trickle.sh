#!/usr/bin/env bash
# A time-out of 0.5 s, and an answer that trickles in for 1.6 s: which call ends in time?
#
# Shown: in axios, ky, undici (headersTimeout, bodyTimeout), Node's http `timeout` and Python's
# requests the time-out bounds a silence or the wait for the headers, not the call: it returns
# after 1.6 s and would after an hour. got's timeout.request, superagent, AbortSignal.timeout, Go's
# Client.Timeout and curl --max-time bound the whole call.
# Versions: axios 1.21.1, ky 1.14.3, undici 7.30.2, got 14.6.6, superagent 10.4.2, Node 20,
# requests 2.28.1, curl 7.88.1 (Debian 12), Go 1.26.
# Why a checkout cares: time-outs are meant to nest (page > shop > provider). A provider behind a
# slow proxy holds the shop far beyond its "500 ms" while the customer's page has given up.
# Instead: AbortSignal.timeout on the call *and* the body (axios: `signal`), or a deadline of the
# whole step; test with an answer that trickles, not only with silence.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "timeout: 500 means that the call is over after 500 ms"
uses curl curl
/usr/bin/python3 -c 'import requests' || uses python3-requests python3-requests
npm_install axios@1.21.1 ky@1.14.3 undici@7.30.2 got@14.6.6 superagent@10.4.2
printf 'module finding\n\ngo 1.26\n' >"$work/go.mod"
cat >"$work/provider.js" <<'END'
const http = require('http');
http.createServer((request, response) => {
  response.setHeader('content-type', 'application/json').write('{"status":"paid"');
  let spaces = 0;
  const trickle = setInterval(() => {
    response.write(' ');
    if (++spaces === 8) clearInterval(trickle), response.end('}');
  }, 200);
}).listen(+process.argv[2], '127.0.0.1');
END
cat >"$work/calls.mjs" <<'END'
import http from 'node:http';
import axios from 'axios';
import ky from 'ky';
import got from 'got';
import superagent from 'superagent';
import { request } from 'undici';
const url = process.argv[2];
const calls = {
  'axios, timeout': () => axios.get(url, { timeout: 500 }),
  'axios, signal': () => axios.get(url, { signal: AbortSignal.timeout(500) }),
  'ky, timeout': () => ky(url, { timeout: 500, retry: 0 }).json(),
  'undici, headersTimeout and bodyTimeout': async () =>
    (await request(url, { headersTimeout: 500, bodyTimeout: 500 })).body.json(),
  'http.get, timeout': () => new Promise((done, late) =>
    http.get(url, { timeout: 500 }, (answer) => answer.resume().on('end', done)).on('timeout', late)),
  'got, timeout.request': () => got(url, { timeout: { request: 500 }, retry: { limit: 0 } }).json(),
  'superagent, timeout': () => superagent.get(url).timeout(500),
  'fetch, AbortSignal.timeout': async () => (await fetch(url, { signal: AbortSignal.timeout(500) })).json(),
};
for (const [name, call] of Object.entries(calls))
  console.log(`${name}: ${await call().then(() => 'the whole answer after 1.6 s', () => 'ends in time')}`);
END
cat >"$work/main.go" <<'END'
package main

import ("fmt"; "io"; "net/http"; "os"; "time")

func main() {
	client := http.Client{Timeout: 500 * time.Millisecond}
	answer, err := client.Get(os.Args[1])
	if err == nil { _, err = io.ReadAll(answer.Body) }
	fmt.Println("Go, Client.Timeout:", map[bool]string{true: "the whole answer after 1.6 s", false: "ends in time"}[err == nil])
}
END
port=$(free_port)
url=http://127.0.0.1:$port
node "$work/provider.js" "$port" &
started+=($!)
waits_for curl --silent "$url"
{
  node "$work/calls.mjs" "$url"
  (cd "$work" && go run main.go "$url")
  /usr/bin/python3 - "$url" <<'END'
import sys, requests
try:
    requests.get(sys.argv[1], timeout=0.5).json()
    print('Python requests, timeout: the whole answer after 1.6 s')
except requests.RequestException:
    print('Python requests, timeout: ends in time')
END
  curl --silent --max-time 0.5 "$url" -o "$work/null" && echo 'curl, --max-time: the whole answer after 1.6 s' ||
    echo 'curl, --max-time: ends in time'
} >"$work/seen"
behaves <<'END'
axios, timeout: the whole answer after 1.6 s
axios, signal: ends in time
ky, timeout: the whole answer after 1.6 s
undici, headersTimeout and bodyTimeout: the whole answer after 1.6 s
http.get, timeout: the whole answer after 1.6 s
got, timeout.request: ends in time
superagent, timeout: ends in time
fetch, AbortSignal.timeout: ends in time
Go, Client.Timeout: ends in time
Python requests, timeout: the whole answer after 1.6 s
curl, --max-time: ends in time
END
