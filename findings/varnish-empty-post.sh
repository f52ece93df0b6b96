#!/usr/bin/env bash
# Varnish in front of a shop: a POST without a body is sent to the shop a second time.
#
# Shown: the shop reads a POST and its connection ends without an answer. With a body, Varnish
# answers 503 and the shop saw one POST. Without a body, as in POST /orders/7/confirm, it sends the
# POST once more where its connection to the shop carried a request before, and the customer is told
# success. PUT and DELETE without a body come twice, too. On a new connection all come once.
# Versions: varnish 7.1.1 from Debian 12, its defaults and a configuration of one backend.
# Why a checkout cares: "capture", "confirm" and "pay now" are often calls without a body. A shop that
# dies after the charge is asked to charge again before the customer sees anything.
# Instead: an idempotency key or the order's state decides, never the number of requests; with a
# body, an empty JSON object will do, the request is sent once.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a cache sends a POST to its backend once, with a body or without"
uses varnishd varnish
uses curl curl
uses node nodejs
echo "versions: $(varnishd -V 2>&1 | grep -o 'varnish-[^ ]*'), curl $(curl --version | cut -d' ' -f2 | head -1), Node $(node --version)"

cat >"$work/shop.js" <<'END'
// The first request to a path with "lost" is counted, and its connection ends without an answer.
const http = require('http');
const seen = {};
http.createServer((request, response) => request.resume().on('end', () => {
  const { url } = request;
  if (url.startsWith('/seen')) return response.end(`${seen[url.slice(5)]} requests`);
  seen[url] = (seen[url] ?? 0) + 1;
  if (url.startsWith('/lost/') && seen[url] === 1) return request.socket.destroy();
  response.end('paid');
})).listen(+process.argv[2], '127.0.0.1');
END
shop=$(free_port)
node "$work/shop.js" "$shop" &
started+=($!)
front=$(free_port)
printf 'vcl 4.1;\nbackend default { .host = "127.0.0.1"; .port = "%s"; }\n' "$shop" >"$work/shop.vcl"
echo 'sub vcl_recv { if (req.url == "/up") { return (synth(200)); } }' >>"$work/shop.vcl" # without the shop
mkdir "$work/varnish"
varnishd -F -n "$work/varnish" -a "127.0.0.1:$front" -f "$work/shop.vcl" -s malloc,16m -p vsl_space=2M >"$work/varnish.log" 2>&1 &
started+=($!)
waits_for curl --silent --fail "http://127.0.0.1:$front/up"

# told NAME CURL-ARGUMENTS…: what the customer is told, and what the shop got.
told() {
  local name=$1 status
  shift
  status=$(curl -s -o "$work/null" -w '%{http_code}' "$@" "http://127.0.0.1:$front/lost/$name")
  echo "$name: $status, the shop got $(curl -s "http://127.0.0.1:$shop/seen/lost/$name")"
}
# warm leaves a connection to the shop that carried a request.
warm() { curl -s -o "$work/null" -d amount=5 "http://127.0.0.1:$front/warm"; }
{
  told first-post-without-a-body -d ''
  warm && told post-with-a-body -d amount=1999
  warm && told post-with-an-empty-object -d '{}'
  warm && told post-without-a-body -X POST
  warm && told post-of-length-0 -d ''
  warm && told put-without-a-body -X PUT
  warm && told delete -X DELETE
} >"$work/seen"
behaves <<'END'
first-post-without-a-body: 503, the shop got 1 requests
post-with-a-body: 503, the shop got 1 requests
post-with-an-empty-object: 503, the shop got 1 requests
post-without-a-body: 200, the shop got 2 requests
post-of-length-0: 200, the shop got 2 requests
put-without-a-body: 200, the shop got 2 requests
delete: 200, the shop got 2 requests
END
