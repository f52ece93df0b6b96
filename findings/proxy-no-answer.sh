#!/usr/bin/env bash
# Apache or HAProxy in front of a shop, a browser in front of it: a crash becomes a second order.
#
# Shown: the shop reads a POST and its connection ends without an answer. mod_proxy_http and HAProxy
# answer 502 to the first request on a customer's connection; on a connection that has carried a
# request before, they close it without a byte, so that the client can try again, as Apache's source
# says. curl and Chromium do: the shop gets the POST twice, and the customer sees success.
# Versions: apache2 2.4.71, HAProxy 2.6.12, curl 7.88.1, Chromium from Debian 12.
# Why a checkout cares: every real browser's connection has carried a request before (the page).
# A shop that is killed after the charge is asked to charge again by machines alone.
# Instead: an order id that exists before the click, so that the repeat is the same order;
# `KeepAlive Off` (Apache) or `option httpclose` (HAProxy) turns the silence into a 502. Test a shop
# together with the proxy it will have.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a reverse proxy whose backend gives no answer says 502"
uses apache2 apache2
uses haproxy haproxy
uses curl curl
uses chromium chromium
uses node nodejs
echo "versions: $(apache2 -v | head -1 | grep -o 'Apache/[^ ]*'), $(haproxy -v | head -1 | cut -d' ' -f1-3 | cut -d- -f1), $(curl --version | cut -d' ' -f1,2 | head -1)," \
  "$(chromium --version 2>/dev/null | cut -d' ' -f1,2)"

cat >"$work/shop.js" <<'END'
// The first POST to a path with "lost" is counted, and its connection ends without an answer.
const http = require('http');
const seen = {};
const page = (lost) => `<script>
  const pay = (path) => fetch(path, { method: 'POST', body: 'amount=1999' }).then((answer) => answer.text());
  pay('/warm').then(() => pay('${lost}')).catch((error) => error.name)
    .then((text) => { document.body.textContent = 'the customer sees: ' + text; });
</script><body>waiting</body>`;
http.createServer((request, response) => request.resume().on('end', () => {
  const { url } = request;
  if (url.startsWith('/page')) return response.setHeader('content-type', 'text/html').end(page(url.slice(5)));
  if (url.startsWith('/seen')) return response.end(`${seen[url.slice(5)]} POSTs`);
  seen[url] = (seen[url] ?? 0) + 1;
  if (url.startsWith('/lost/') && seen[url] === 1) return request.socket.destroy();
  response.end('paid');
})).listen(+process.argv[2], '127.0.0.1');
END
shop=$(free_port)
node "$work/shop.js" "$shop" &
started+=($!)

start_apache() { # NAME DIRECTIVE
  front=$(free_port)
  mkdir "$work/$1"
  cat >"$work/$1.conf" <<END
ServerName 127.0.0.1
Listen 127.0.0.1:$front
PidFile $work/$1/pid
ErrorLog $work/$1/log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
User nobody
Group nogroup
$2
ProxyPass / http://127.0.0.1:$shop/
END
  apache2 -d "$work" -f "$work/$1.conf" -DFOREGROUND 2>"$work/$1/out" &
  started+=($!)
  waits_for curl --silent --fail "http://127.0.0.1:$front/seen"
}
start_haproxy() { # NAME OPTION
  front=$(free_port)
  cat >"$work/$1.cfg" <<END
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
  $2
listen shop
  bind 127.0.0.1:$front
  server shop 127.0.0.1:$shop
END
  haproxy -f "$work/$1.cfg" 2>"$work/$1.out" &
  started+=($!)
  waits_for curl --silent --fail "http://127.0.0.1:$front/seen"
}
seen() { curl --silent "http://127.0.0.1:$shop/seen$1"; }
# statuses PATH: what one connection is told for a POST to /warm and then one to PATH.
statuses() {
  python3 - "$front" "$1" <<'END'
import http.client, sys
connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=10)
told = []
for path in ['/warm', sys.argv[2]]:
    try:
        connection.request('POST', path, 'amount=1999')
        answer = connection.getresponse()
        answer.read()
        told.append(str(answer.status))
    except http.client.RemoteDisconnected:
        told.append('the connection closed without a byte')
print(', then '.join(told))
END
}

by_itself() { # NAME: one request, and three clients that sent one before
  echo "$1: curl, first request: $(curl -s -o "$work/null" -w '%{http_code}' -d amount=1999 "http://127.0.0.1:$front/lost/$1/cold"), $(seen "/lost/$1/cold")"
  echo "$1: plain client, second request: $(statuses "/lost/$1/plain"), $(seen "/lost/$1/plain")"
  echo "$1: curl, second request: $(curl -s -o "$work/null" -d amount=5 "http://127.0.0.1:$front/warm" \
    --next -s -d amount=1999 "http://127.0.0.1:$front/lost/$1/warm"), $(seen "/lost/$1/warm")"
  echo "$1: Chromium: $(chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --user-data-dir="$work/profile" --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' --virtual-time-budget=5000 \
    --dump-dom "http://127.0.0.1:$front/page/lost/$1/browser" 2>"$work/null" | grep -o 'the customer sees: [^<]*' | tail -1), $(seen "/lost/$1/browser")"
}
warm() { # NAME: what curl is told by its second request, where no connection is kept
  echo "$1, curl, second request: $(curl -s -o "$work/null" -d amount=5 "http://127.0.0.1:$front/warm" \
    --next -s -o "$work/null" -w '%{http_code}' -d amount=1999 "http://127.0.0.1:$front/lost/off/${1%% *}"), $(seen "/lost/off/${1%% *}")"
}

{
  start_apache apache ''
  by_itself apache
  start_apache off 'KeepAlive Off'
  warm 'KeepAlive Off'
  start_haproxy haproxy ''
  by_itself haproxy
  start_haproxy close 'option httpclose'
  warm 'option httpclose'
} >"$work/seen"
behaves <<'END'
apache: curl, first request: 502, 1 POSTs
apache: plain client, second request: 200, then the connection closed without a byte, 1 POSTs
apache: curl, second request: paid, 2 POSTs
apache: Chromium: the customer sees: paid, 2 POSTs
KeepAlive Off, curl, second request: 502, 1 POSTs
haproxy: curl, first request: 502, 1 POSTs
haproxy: plain client, second request: 200, then the connection closed without a byte, 1 POSTs
haproxy: curl, second request: paid, 2 POSTs
haproxy: Chromium: the customer sees: paid, 2 POSTs
option httpclose, curl, second request: 502, 1 POSTs
END
