#!/usr/bin/env bash
# A settlement file of 2,000 rows is cut in the middle: who notices?
#
# Shown: a gzip answer that ends in the middle is taken for whole by Node's fetch, axios, ky,
# superagent, Python's requests and `curl --compressed`: half of the rows, no error. got and Go
# report it. Without packing, an answer shorter than its Content-Length is taken for whole by
# requests 2.28 and by PHP's streams.
# Versions: axios 1.21.1, ky 1.14.3, superagent 10.4.2, got 14.6.6, Node 20, requests 2.28.1,
# PHP 8.2, curl 7.88.1 (Debian 12), Go 1.26.
# Why a checkout cares: reconciliation compares a file with the books; half a file reads as
# "these payments never settled", or as nothing to complain about.
# Instead: ask for a row count, a total or a last line and check it; for a file ask for
# `Accept-Encoding: identity` and compare Content-Length; never take CSV that merely parses.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "an HTTP client reports an answer that ends too early"
uses curl curl
uses php php-cli
/usr/bin/python3 -c 'import requests' || uses python3-requests python3-requests
npm_install axios@1.21.1 ky@1.14.3 superagent@10.4.2 got@14.6.6
printf 'module finding\n\ngo 1.26\n' >"$work/go.mod"
echo "versions: requests $(/usr/bin/python3 -c 'import requests; print(requests.__version__)')," \
  "PHP $(php -r 'echo PHP_VERSION;'), $(curl --version | head -1 | cut -d' ' -f1,2), $(go version | cut -d' ' -f3)"

cat >"$work/provider.js" <<'END'
const http = require('http');
const { gzipSync } = require('zlib');
let file = '';
for (let i = 1; i <= 2000; i++) file += `order-${i},${1000 + i}\n`;
const half = (bytes) => bytes.subarray(0, bytes.length / 2);
http.createServer((request, { socket }) => {
  const packed = request.url === '/gzip';
  const length = packed ? '' : `content-length: ${file.length}\r\n`;
  socket.write(`HTTP/1.1 200 OK\r\n${length}${packed ? 'content-encoding: gzip\r\n' : ''}connection: close\r\n\r\n`);
  socket.end(half(packed ? gzipSync(file) : Buffer.from(file)));
}).listen(+process.argv[2], '127.0.0.1');
END
cat >"$work/read.mjs" <<'END'
import axios from 'axios';
import ky from 'ky';
import got from 'got';
import superagent from 'superagent';
const clients = {
  fetch: (url) => fetch(url).then((answer) => answer.text()),
  axios: (url) => axios.get(url, { responseType: 'text' }).then((answer) => answer.data),
  ky: (url) => ky(url, { retry: 0 }).text(),
  superagent: (url) => superagent.get(url).buffer(true).then((answer) => answer.text),
  got: (url) => got(url, { retry: { limit: 0 } }).text(),
};
const url = process.argv[2];
for (const [name, read] of Object.entries(clients))
  console.log(`${name}: ${await read(url).then((text) => (text.split('\n').length > 2000 ? 'whole' : 'part of the rows, no error'), () => 'an error')}`);
END
cat >"$work/read.py" <<'END'
import sys, requests
try:
    rows = len(requests.get(sys.argv[1]).text.split('\n'))
    print('requests:', 'whole' if rows > 2000 else 'part of the rows, no error')
except requests.RequestException:
    print('requests: an error')
END
cat >"$work/read.go" <<'END'
package main

import ("fmt"; "io"; "net/http"; "os")

func main() {
	answer, err := http.Get(os.Args[1])
	if err != nil { panic(err) }
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		fmt.Println("Go: an error")
	} else {
		fmt.Println("Go:", len(text), "bytes, no error")
	}
}
END
port=$(free_port)
node "$work/provider.js" "$port" &
started+=($!)
waits_for curl --silent --max-time 2 "http://127.0.0.1:$port/gzip" --output "$work/null"
for kind in gzip length; do
  url=http://127.0.0.1:$port/$kind
  echo "$kind:"
  node "$work/read.mjs" "$url"
  /usr/bin/python3 "$work/read.py" "$url"
  curl --silent --compressed "$url" -o "$work/csv" &&
    { [ "$(wc -l <"$work/csv")" -lt 2000 ] && echo 'curl: part of the rows, no error' || echo 'curl: whole'; } || echo "curl: an error"
  [ "$kind" = gzip ] || php -r '$text = @file_get_contents($argv[1]);
    echo "PHP stream: ", $text === false ? "an error" : (count(explode("\n", $text)) > 2000 ? "whole" : "part of the rows, returned"), "\n";' "$url"
  (cd "$work" && go run read.go "$url")
done >"$work/seen"
behaves <<'END'
gzip:
fetch: part of the rows, no error
axios: part of the rows, no error
ky: part of the rows, no error
superagent: part of the rows, no error
got: an error
requests: part of the rows, no error
curl: part of the rows, no error
Go: an error
length:
fetch: an error
axios: an error
ky: an error
superagent: an error
got: an error
requests: part of the rows, no error
curl: an error
PHP stream: part of the rows, returned
Go: an error
END
