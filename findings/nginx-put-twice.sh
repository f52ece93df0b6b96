#!/usr/bin/env bash
# PUT /orders/1 through nginx with two shops behind it: both take the order at the same time.
#
# Shown: when a shop ends the connection without an answer, or is silent for proxy_read_timeout,
# nginx sends a PUT (and a DELETE) to the next shop; POST and PATCH are not repeated. In the silent
# case the first shop is still charging while the second begins, and the customer gets one 200.
# Version: nginx 1.22.1 from Debian, default proxy_next_upstream.
# Why a checkout cares: PUT with an order id is the *right* design, and it promises that repeats
# are harmless one after the other. Here they run at once, in two processes: a check in memory,
# "read, then insert", or a lock of one process lets both through.
# Instead: claim the order with a unique row before the call to the provider and a key there made
# of the order; a proxy_read_timeout beyond the shop's own; or proxy_next_upstream off.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a request that has reached a shop is finished by that shop, or ends in a 502 or 504"
uses nginx nginx
uses curl curl
uses node nodejs
echo "versions: $(/usr/sbin/nginx -v 2>&1), Node $(node --version)"
cat >"$work/shops.js" <<'END'
// Two shops in one process that tells what happened. The first request to a path meets the fault.
const http = require('http');
const story = {};
const [one, two] = process.argv.slice(2);
for (const [name, port] of [['shop 1', one], ['shop 2', two]])
  http.createServer((request, response) => request.resume().on('end', async () => {
    const { method, url } = request, key = `${method} ${url}`;
    if (url.startsWith('/story/')) return response.end(story[decodeURIComponent(url.slice(7))].join(', '));
    const told = (story[key] ??= []);
    told.push('begins');
    const fault = told.length === 1 && url;
    if (fault === '/lost') return request.socket.destroy();
    if (fault === '/silent') await new Promise((done) => setTimeout(done, 2000));
    told.push(fault ? 'first charges' : 'next charges');
    response.end('paid');
  })).listen(+port, '127.0.0.1');
END
one=$(free_port)
two=$(free_port)
front=$(free_port)
node "$work/shops.js" "$one" "$two" &
started+=($!)
cat >"$work/nginx.conf" <<END
daemon off;
pid $work/pid;
events {}
http {
  access_log off;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
  uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  upstream shop { server 127.0.0.1:$one max_fails=0; server 127.0.0.1:$two max_fails=0; }
  server { listen 127.0.0.1:$front; location / { proxy_pass http://shop; proxy_read_timeout 1s; } }
}
END
chmod 755 "$work"
/usr/sbin/nginx -e "$work/log" -c "$work/nginx.conf" 2>"$work/out" &
started+=($!)
waits_for bash -c "</dev/tcp/127.0.0.1/$front"
waits_for bash -c "</dev/tcp/127.0.0.1/$one"
for method in PUT DELETE POST PATCH; do
  for fault in lost silent; do
    status=$(curl --silent --output "$work/null" --write-out '%{http_code}' -X "$method" -d amount=1999 "http://127.0.0.1:$front/$fault")
    [ "$fault" = lost ] || sleep 1.5
    echo "$method, $fault: the customer gets $status; $(curl --silent "http://127.0.0.1:$one/story/$method%20%2F$fault")"
  done
done >"$work/seen"
behaves <<'END'
PUT, lost: the customer gets 200; begins, begins, next charges
PUT, silent: the customer gets 200; begins, begins, next charges, first charges
DELETE, lost: the customer gets 200; begins, begins, next charges
DELETE, silent: the customer gets 200; begins, begins, next charges, first charges
POST, lost: the customer gets 502; begins
POST, silent: the customer gets 504; begins, first charges
PATCH, lost: the customer gets 502; begins
PATCH, silent: the customer gets 504; begins, first charges
END
