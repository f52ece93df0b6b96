#!/usr/bin/env bash
# Two clients that send a POST again by themselves when its answer is lost: libcurl and Java.
#
# Shown: the server reads a POST and closes the connection without an answer.
# - curl and PHP's curl send it again if the connection had been used before (a second purchase
#   through one handle), without any header that would allow it, and report success.
# - Java's HttpURLConnection sends it again even on a *new* connection.
# - java.net.http.HttpClient and Python's requests report the error and send nothing again.
# Versions: curl 7.88.1, PHP 8.2, requests 2.28.1, OpenJDK 17, all from Debian 12.
# Why a checkout cares: one call in the code is two charges at the provider, and the caller
# sees a 200. Counting calls in the code, or mocking the client, never shows it.
# Instead: an idempotency key on every POST; CURLOPT_FORBID_REUSE (or FRESH_CONNECT) where there is
# none; -Dsun.net.http.retryPost=false or HttpClient in Java. Count requests at the server.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a POST is not idempotent: when its answer is lost, the client reports an error"
uses curl curl
uses php php-cli
uses java openjdk-17-jdk-headless
php -r 'exit(extension_loaded("curl") ? 0 : 1);' || uses php-curl php-curl
/usr/bin/python3 -c 'import requests' || uses python3-requests python3-requests
echo "versions: $(curl --version | head -1 | cut -d' ' -f1,2), PHP $(php -r 'echo PHP_VERSION;')," \
  "requests $(/usr/bin/python3 -c 'import requests; print(requests.__version__)'), Java $(java -version 2>&1 | head -1 | cut -d'"' -f2)"

cat >"$work/provider.js" <<'END'
// Counts requests by path. The first one to a path with "lost" gets no answer: FIN after it was read.
const http = require('http');
const seen = {};
const server = http.createServer((request, response) => request.resume().on('end', () => {
  if (request.url === '/seen') return response.end(Object.entries(seen).map(([k, n]) => `${k.slice(6)}: ${n} POSTs\n`).join(''));
  if (!request.url.startsWith('/lost/')) return response.end('warm');
  seen[request.url] = (seen[request.url] ?? 0) + 1;
  if (seen[request.url] === 1) request.socket.end();
  else response.end('paid');
}));
server.keepAliveTimeout = 60_000;
server.listen(+process.argv[2], '127.0.0.1');
END
port=$(free_port)
url=http://127.0.0.1:$port
node "$work/provider.js" "$port" &
started+=($!)
waits_for curl --silent "$url/seen"

pays() { [ "$2" = paid ] && echo "$1: success" || echo "$1: an error"; }
{
  pays 'curl, new connection' "$(curl -s -d amount=1999 "$url/lost/curl,%20new%20connection" || true)"
  pays 'curl, used connection' "$(curl -s -o "$work/null" -d amount=5 "$url/warm" \
    --next -s -d amount=1999 "$url/lost/curl,%20used%20connection" || true)"
  cat >"$work/pay.php" <<'END'
<?php
$curl = curl_init();
curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_POST => true, CURLOPT_POSTFIELDS => 'amount=1999']);
foreach (['/warm', '/lost/php'] as $path) {
    curl_setopt($curl, CURLOPT_URL, $argv[1] . $path);
    $answer = curl_exec($curl);
}
echo $answer;
END
  pays 'PHP curl, used connection' "$(php "$work/pay.php" "$url")"
  cat >"$work/Pay.java" <<'END'
import java.net.*;
import java.net.http.*;

class Pay {
    public static void main(String[] args) throws Exception {
        try {
            if (args[1].equals("old")) {
                var call = (HttpURLConnection) new URL(args[0] + "/lost/HttpURLConnection").openConnection();
                call.setDoOutput(true);
                call.getOutputStream().write("amount=1999".getBytes());
                System.out.print(new String(call.getInputStream().readAllBytes()));
            } else {
                var call = HttpRequest.newBuilder(URI.create(args[0] + "/lost/HttpClient"))
                    .version(HttpClient.Version.HTTP_1_1).POST(HttpRequest.BodyPublishers.ofString("amount=1999")).build();
                System.out.print(HttpClient.newHttpClient().send(call, HttpResponse.BodyHandlers.ofString()).body());
            }
        } catch (java.io.IOException lost) {
            System.out.print("an error");
        }
    }
}
END
  pays 'Java HttpURLConnection, new connection' "$(java "$work/Pay.java" "$url" old)"
  pays 'Java HttpClient, new connection' "$(java "$work/Pay.java" "$url" new)"
  pays 'Python requests, used connection' "$(/usr/bin/python3 - "$url" <<'END'
import sys, requests
session = requests.Session()
session.post(sys.argv[1] + '/warm', data='amount=5')
try:
    print(session.post(sys.argv[1] + '/lost/requests', data='amount=1999').text)
except requests.ConnectionError:
    print('an error')
END
)"
  curl -s "$url/seen"
} >"$work/seen"
sed -i 's/%20/ /g' "$work/seen"
behaves <<'END'
curl, new connection: an error
curl, used connection: success
PHP curl, used connection: success
Java HttpURLConnection, new connection: success
Java HttpClient, new connection: an error
Python requests, used connection: an error
curl, new connection: 1 POSTs
curl, used connection: 2 POSTs
php: 2 POSTs
HttpURLConnection: 2 POSTs
HttpClient: 1 POSTs
requests: 1 POSTs
END
