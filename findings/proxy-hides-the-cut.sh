#!/usr/bin/env bash
# The shop dies in the middle of an answer, and the proxy makes a whole answer of it.
#
# Shown: the shop streams a settlement list of six lines and is killed, or gives up, after the third.
# Asked directly it is a cut answer: curl exits 18, fetch rejects. Through nginx in its default
# configuration, and through Caddy, it is a 200 that ends as an answer should: curl exits 0, fetch
# resolves. nginx's error log says nothing either. nginx asks the shop by HTTP/1.0, where the end of
# the connection is the end of the answer; with `proxy_http_version 1.1` the cut is told, and so it
# is through HAProxy, Apache and Varnish.
# Versions: nginx 1.22.1, Caddy 2.6.2, HAProxy 2.6.12, Apache 2.4.71, Varnish 7.1.1 from Debian,
# Node 20. (By its source Caddy 2.11.2 ends the connection instead; it was not run.)
# Why a checkout cares: a list of payouts or refunds that lacks its second half is booked as whole,
# and "no such payment in the list" leads to a second charge or a cancelled order. A test against
# the shop itself, without the proxy, shows the opposite.
# Instead: `proxy_http_version 1.1`; a Content-Length; a last line with the count and the total.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "an answer that the shop did not finish is not finished for the client either"
uses nginx nginx
uses haproxy haproxy
uses caddy caddy
uses apache2 apache2
uses varnishd varnish
uses curl curl
uses node nodejs
echo "versions: $(/usr/sbin/nginx -v 2>&1 | cut -d/ -f2), HAProxy $(haproxy -v | grep -o '[0-9][0-9.]*' | head -1)," \
  "Caddy $(caddy version | cut -d' ' -f1), $(apache2 -v | grep -o 'Apache/[0-9.]*'), $(varnishd -V 2>&1 | grep -o 'varnish-[0-9.]*'), Node $(node --version)"
cat >"$work/shop.js" <<'END'
const http = require('http');
const list = (request, response) => {
  if (request.url === '/up') return response.end('up');
  response.writeHead(200, { 'content-type': 'text/csv' });
  let lines = 0;
  const stream = setInterval(() => {
    response.write(`order-${++lines},1999\n`);
    if (request.url === '/whole' && lines === 6) return clearInterval(stream), response.end();
    if (request.url === '/whole' || lines < 3) return;
    clearInterval(stream);
    setTimeout(() => request.url === '/killed' ? process.kill(process.pid, 'SIGKILL') : response.destroy(), 100);
  }, 30);
};
const server = http.createServer(list);
server.keepAliveTimeout = 60000; // no idle connection ends while a proxy takes it
server.listen(+process.argv[2], '127.0.0.1');
END
cat >"$work/client.mjs" <<'END'
console.log(await fetch(process.argv[2]).then((answer) => answer.text()).then(() => 'resolves', () => 'rejects'));
END
read -r shop plain newer haproxy caddy apache varnish < <(for _ in 1 2 3 4 5 6 7; do free_port; done | xargs)
(
  trap 'kill "$child"; exit' TERM
  while :; do node "$work/shop.js" "$shop" & child=$!; wait "$child" || true; done # the shop comes back
) 2>"$work/deaths" &
started+=($!)
cat >"$work/nginx.conf" <<END
daemon off;
pid $work/pid;
events {}
http {
  access_log off;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
  uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  server { listen 127.0.0.1:$plain; location / { proxy_pass http://127.0.0.1:$shop; } }
  server { listen 127.0.0.1:$newer; error_log $work/newer; location / { proxy_pass http://127.0.0.1:$shop; proxy_http_version 1.1; } }
}
END
cat >"$work/haproxy.cfg" <<END
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen shop
  bind 127.0.0.1:$haproxy
  server one 127.0.0.1:$shop
END
cat >"$work/Caddyfile" <<END
{
  admin off
  auto_https off
}
http://127.0.0.1:$caddy {
  reverse_proxy 127.0.0.1:$shop
}
END
cat >"$work/apache.conf" <<END
ServerRoot $work
ServerName 127.0.0.1
PidFile $work/apache.pid
ErrorLog $work/apache.log
Listen 127.0.0.1:$apache
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
ProxyPass / http://127.0.0.1:$shop/
END
cat >"$work/shop.vcl" <<END
vcl 4.1;
backend shop { .host = "127.0.0.1"; .port = "$shop"; }
END
chmod 755 "$work"
/usr/sbin/nginx -e "$work/log" -c "$work/nginx.conf" 2>"$work/out" &
started+=($!)
haproxy -f "$work/haproxy.cfg" >"$work/out2" 2>&1 &
started+=($!)
HOME="$work" XDG_DATA_HOME="$work" XDG_CONFIG_HOME="$work" caddy run --config "$work/Caddyfile" --adapter caddyfile >"$work/out3" 2>&1 &
started+=($!)
apache2 -X -f "$work/apache.conf" >"$work/out4" 2>&1 &
started+=($!)
varnishd -F -a "127.0.0.1:$varnish" -f "$work/shop.vcl" -n "$work/varnish" -T none >"$work/out5" 2>&1 &
started+=($!)
for port in "$shop" "$plain" "$newer" "$haproxy" "$caddy" "$apache" "$varnish"; do
  waits_for curl --silent --fail "http://127.0.0.1:$port/up"
done
ask() { # ask NAME PORT
  local said="" fault code
  for fault in whole gave-up killed; do
    waits_for curl --silent --fail "http://127.0.0.1:$shop/up"
    code=0
    curl --silent --output "$work/list" "http://127.0.0.1:$2/$fault" || code=$?
    waits_for curl --silent --fail "http://127.0.0.1:$shop/up"
    said="$said; $fault: $(wc -l <"$work/list") lines, curl $code, fetch $(node "$work/client.mjs" "http://127.0.0.1:$2/$fault")"
  done
  echo "$1: ${said:2}"
}
{
  ask 'the shop itself' "$shop"
  ask 'nginx' "$plain"
  ask 'nginx, proxy_http_version 1.1' "$newer"
  ask 'HAProxy' "$haproxy"
  ask 'Caddy' "$caddy"
  ask 'Apache' "$apache"
  ask 'Varnish' "$varnish"
  echo "lines in nginx's error log: $(grep -c 'upstream prematurely' "$work/log" || true) by default, $(grep -c 'upstream prematurely' "$work/newer" || true) with 1.1"
} >"$work/seen"
behaves <<'END'
the shop itself: whole: 6 lines, curl 0, fetch resolves; gave-up: 3 lines, curl 18, fetch rejects; killed: 3 lines, curl 18, fetch rejects
nginx: whole: 6 lines, curl 0, fetch resolves; gave-up: 3 lines, curl 0, fetch resolves; killed: 3 lines, curl 0, fetch resolves
nginx, proxy_http_version 1.1: whole: 6 lines, curl 0, fetch resolves; gave-up: 3 lines, curl 18, fetch rejects; killed: 3 lines, curl 18, fetch rejects
HAProxy: whole: 6 lines, curl 0, fetch resolves; gave-up: 3 lines, curl 18, fetch rejects; killed: 3 lines, curl 18, fetch rejects
Caddy: whole: 6 lines, curl 0, fetch resolves; gave-up: 3 lines, curl 0, fetch resolves; killed: 3 lines, curl 0, fetch resolves
Apache: whole: 6 lines, curl 0, fetch resolves; gave-up: 3 lines, curl 18, fetch rejects; killed: 3 lines, curl 18, fetch rejects
Varnish: whole: 6 lines, curl 0, fetch resolves; gave-up: 3 lines, curl 18, fetch rejects; killed: 3 lines, curl 18, fetch rejects
lines in nginx's error log: 0 by default, 4 with 1.1
END
