#!/usr/bin/env bash
# A customer's connection is cut in the middle of her POST: does the shop run?
#
# Shown: a form of 18 bytes, "item=7&quantity=10", of which the last byte does not come, and a list of
# 3000 lines, of which half comes.
# - Behind Apache's mod_proxy_fcgi, which is its way to PHP-FPM, the script runs: of the form it has an
#   empty $_POST, so that `$_POST['quantity'] ?? 1` buys one, and of the list a part by php://input.
#   PHP says nothing, connection_aborted() is 0; only Apache's error log has a line. The same behind
#   nginx with `fastcgi_request_buffering off`; by its default the script does not run.
# - Python's http.server reads "item=7&quantity=1", and no error. In Go r.FormValue() is "" as for a
#   field that was not sent, while reading the body by oneself is an error. Node tells an error.
# Versions: PHP-FPM 8.2, Apache 2.4.71, nginx 1.22.1, Python 3 from Debian 12, Go 1.26, Node 20.
# Why a checkout cares: the customer sees that her order failed, and orders again; the shop has sold
# something else to her already. Half of a list of refunds or prices is booked as the whole.
# Instead: what is missing is an error, never a default; strlen(php://input) against CONTENT_LENGTH;
# r.ParseForm() and its error; a token or a count as the last field.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a POST that did not arrive whole does not reach the shop's code, or reaches it as an error"
PATH=$PATH:/usr/sbin
uses php-fpm8.2 php8.2-fpm
uses apache2 apache2
uses nginx nginx
uses node nodejs
uses go golang-go
echo "versions: PHP $(php-fpm8.2 -v | head -1 | cut -d' ' -f2), $(apache2 -v | grep -o 'Apache/[0-9.]*'), nginx $(nginx -v 2>&1 | cut -d/ -f2)," \
  "$(python3 --version), $(go version | cut -d' ' -f3), Node $(node --version)"

# Each shop writes a line for each POST that its code sees: the path, and what it read.
owned_folder "$work/shop"
export SEEN=$work/shop/seen
cat >"$work/shop.php" <<'END'
<?php
$body = file_get_contents('php://input');
$aborted = connection_aborted();
if (str_ends_with($_SERVER['REQUEST_URI'], 'form')) $read = 'quantity ' . ($_POST['quantity'] ?? 'not sent');
else $read = strlen($body) < 60000 ? (strlen($body) ? 'part of the list' : 'an empty list') : 'the whole list';
file_put_contents($_SERVER['SEEN'], "$_SERVER[REQUEST_URI] runs: $read" . ($aborted || error_get_last() ? ', and an error' : '') . "\n", FILE_APPEND);
END
cat >"$work/shop.py" <<'END'
import http.server, os, sys, urllib.parse
class Shop(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['content-length'])).decode()
        if self.path.endswith('form'): read = 'quantity ' + urllib.parse.parse_qs(body).get('quantity', ['not sent'])[0]
        else: read = 'part of the list' if len(body) < 60000 else 'the whole list'
        with open(os.environ['SEEN'], 'a') as seen: seen.write(f'{self.path} runs: {read}\n')
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words): pass
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Shop).serve_forever()
END
cat >"$work/shop.js" <<'END'
const { appendFileSync } = require('fs');
require('http').createServer(async (request, response) => {
  let body = '', read = 'an error';
  try {
    for await (const chunk of request) body += chunk;
    read = body.length < 60000 ? `quantity ${new URLSearchParams(body).get('quantity')}` : 'the whole list';
  } catch {}
  appendFileSync(process.env.SEEN, `${request.url} runs: ${read}\n`);
  response.end();
}).listen(+process.argv[2], '127.0.0.1');
END
cat >"$work/shop.go" <<'END'
package main

import ("fmt"; "io"; "log"; "net/http"; "os"; "strings")

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		read := "the whole list"
		if strings.HasSuffix(r.URL.Path, "form") {
			read = "quantity not sent"
			if n := r.FormValue("quantity"); n != "" { read = "quantity " + n }
		} else if _, err := io.ReadAll(r.Body); err != nil {
			read = "an error"
		}
		seen, err := os.OpenFile(os.Getenv("SEEN"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil { log.Fatal(err) }
		fmt.Fprintf(seen, "%s runs: %s\n", r.URL.Path, read)
		seen.Close()
	})))
}
END
cat >"$work/post.py" <<'END'
# Sends a form and a list, first whole, then cut: what did the shop's code see?
import os, socket, sys, time
name, port = sys.argv[1], int(sys.argv[2])
form = b'item=7&quantity=10', 'application/x-www-form-urlencoded', 17
rows = b'order-7,1999;payout\n' * 3000, 'text/csv', 30000
def post(path, body, kind, sent):
    shop = socket.create_connection(('127.0.0.1', port))
    head = f'POST {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n'
    shop.sendall(head.encode() + body[:sent])
    if sent == len(body):
        while shop.recv(9999): pass
    else:
        time.sleep(1)
    shop.close()
def look(path):
    for _ in range(100):
        with open(os.environ['SEEN']) as seen:
            lines = [line.strip() for line in seen if line.startswith(path + ' ')]
        if lines: return lines[0].split(' ', 1)[1]
        time.sleep(0.1)
    return 'does not run'
for kind, (body, media, cut) in {'form': form, 'list': rows}.items():
    for sent in len(body), cut:
        path = f'/{name}/{"whole" if sent == len(body) else "cut"}/{kind}'
        post(path, body, media, sent)
        print(f'{path[1:]} {look(path)}')
END
read -r fpm apache nginx through python node go < <(for _ in 1 2 3 4 5 6 7; do free_port; done | xargs)
cat >"$work/fpm.conf" <<END
[global]
error_log = $work/shop/fpm.log
daemonize = no
[shop]
listen = 127.0.0.1:$fpm
pm = static
pm.max_children = 2
catch_workers_output = yes
env[SEEN] = $SEEN
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
LoadModule proxy_fcgi_module /usr/lib/apache2/modules/mod_proxy_fcgi.so
ProxyPassMatch ^/ fcgi://127.0.0.1:$fpm$work/shop.php
END
fastcgi="fastcgi_pass 127.0.0.1:$fpm; fastcgi_param SCRIPT_FILENAME $work/shop.php; include /etc/nginx/fastcgi_params;"
cat >"$work/nginx.conf" <<END
daemon off;
pid $work/pid;
events {}
http {
  access_log off;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
  uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  server { listen 127.0.0.1:$nginx; location / { $fastcgi } }
  server { listen 127.0.0.1:$through; location / { fastcgi_request_buffering off; $fastcgi } }
}
END
: >"$SEEN"
chmod 666 "$SEEN"
serve php-fpm8.2 -y "$work/fpm.conf" 2>"$work/fpm.out"
apache2 -X -f "$work/apache.conf" >"$work/apache.out" 2>&1 &
started+=($!)
nginx -e "$work/nginx.log" -c "$work/nginx.conf" 2>"$work/nginx.out" &
started+=($!)
python3 "$work/shop.py" "$python" 2>"$work/python.out" &
started+=($!)
node "$work/shop.js" "$node" &
started+=($!)
go build -o "$work/shop.exe" "$work/shop.go"
"$work/shop.exe" "$go" &
started+=($!)
for port in $fpm $apache $nginx $through $python $node $go; do
  waits_for python3 -c "import socket; socket.create_connection(('127.0.0.1', $port)).close()"
done
{
  python3 "$work/post.py" apache-php "$apache"
  python3 "$work/post.py" nginx-php "$nginx"
  python3 "$work/post.py" nginx-without-buffering-php "$through"
  python3 "$work/post.py" python "$python"
  python3 "$work/post.py" go "$go"
  python3 "$work/post.py" node "$node"
  echo "lines about it in Apache's log: $(grep -c 'reading input brigade' "$work/apache.log" || true), in PHP-FPM's: $(grep -ci 'warning\|error' "$work/shop/fpm.log" || true)"
} >"$work/seen"
behaves <<'END'
apache-php/whole/form runs: quantity 10
apache-php/cut/form runs: quantity not sent
apache-php/whole/list runs: the whole list
apache-php/cut/list runs: part of the list
nginx-php/whole/form runs: quantity 10
nginx-php/cut/form does not run
nginx-php/whole/list runs: the whole list
nginx-php/cut/list does not run
nginx-without-buffering-php/whole/form runs: quantity 10
nginx-without-buffering-php/cut/form runs: quantity not sent
nginx-without-buffering-php/whole/list runs: the whole list
nginx-without-buffering-php/cut/list runs: part of the list
python/whole/form runs: quantity 10
python/cut/form runs: quantity 1
python/whole/list runs: the whole list
python/cut/list runs: part of the list
go/whole/form runs: quantity 10
go/cut/form runs: quantity not sent
go/whole/list runs: the whole list
go/cut/list runs: an error
node/whole/form runs: quantity 10
node/cut/form runs: an error
node/whole/list runs: the whole list
node/cut/list runs: an error
lines about it in Apache's log: 2, in PHP-FPM's: 0
END
