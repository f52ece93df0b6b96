#!/usr/bin/env bash
# A page that pays when it is loaded, a bug behind the payment, and a GET that is sent twice.
#
# Shown: the handler of com.sun.net.httpserver charges, and throws a RuntimeException. That is no
# 500: the connection ends without a byte, and nothing is logged. Go's net/http does the same after a
# panic, and logs it.
# - Java's HttpClient then sends the GET once more, on a new connection, too: two payments, and one
#   error for the caller. So does HttpURLConnection; curl does on a used connection only. HttpClient
#   sends POST, PUT and DELETE once.
# - disableRetryConnect, which sounds like it, does not turn that off, redirects.retrylimit=1 does.
#   enableAllMethodRetry makes two POSTs, and two payments.
# - With a filter that makes a 500 of the exception it is one payment.
# Versions: OpenJDK 17 and curl 7.88.1 from Debian 12, Go 1.26.
# Why a checkout cares: the page of the return, "confirm?order=7" in a mail, or an internal service
# called by GET captures or refunds as it is loaded. Its bug is seen as two payments, its cause nowhere.
# Instead: a payment by POST, with a key; a filter around each HttpServer handler that logs and answers
# 500; and a row for the order, claimed before the provider is called.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a handler that throws is a 500, and one call of send() is one request"
uses javac openjdk-17-jdk-headless
uses curl curl
uses go golang-go
echo "versions: Java $(java -version 2>&1 | head -1 | cut -d'"' -f2), $(go version | cut -d' ' -f3), curl $(curl --version | cut -d' ' -f2 | head -1)"

# Two shops with one bug: they pay, and then fail. /seen/ORDER says how often they paid for it.
cat >"$work/Shop.java" <<'END'
import com.sun.net.httpserver.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.*;

class Shop {
    static final ConcurrentHashMap<String, Integer> payments = new ConcurrentHashMap<>();

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        exchange.sendResponseHeaders(status, text.length());
        exchange.getResponseBody().write(text.getBytes());
        exchange.close();
    }

    public static void main(String[] args) throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/seen/", exchange ->
            answer(exchange, 200, "" + payments.getOrDefault(exchange.getRequestURI().getPath().substring(6), 0)));
        HttpHandler pays = exchange -> {
            exchange.getRequestBody().readAllBytes();
            var path = exchange.getRequestURI().getPath();
            payments.merge(path.substring(path.lastIndexOf('/') + 1), 1, Integer::sum);
            throw new IllegalStateException("no template for the receipt");
        };
        server.createContext("/pay/", pays);
        server.createContext("/mended/", pays).getFilters().add(new Filter() {
            public String description() { return "a bug is a 500"; }

            public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
                try {
                    chain.doFilter(exchange);
                } catch (RuntimeException bug) {
                    if (exchange.getResponseCode() != -1) throw bug;
                    answer(exchange, 500, "sorry");
                }
            }
        });
        server.start();
    }
}
END
cat >"$work/shop.go" <<'END'
package main

import ("io"; "log"; "net/http"; "os"; "strconv"; "strings"; "sync")

func main() {
	var mu sync.Mutex
	payments := map[string]int{}
	http.HandleFunc("/seen/", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		io.WriteString(w, strconv.Itoa(payments[strings.TrimPrefix(r.URL.Path, "/seen/")]))
	})
	http.HandleFunc("/pay/", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		mu.Lock()
		payments[strings.TrimPrefix(r.URL.Path, "/pay/")]++
		mu.Unlock()
		panic("no template for the receipt")
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
END
cat >"$work/Pay.java" <<'END'
import java.net.*;
import java.net.http.*;

class Pay {
    public static void main(String[] args) throws Exception {
        var kind = args[0];
        var shop = URI.create(args[1]);
        try {
            if (kind.equals("old")) {
                System.out.print(((HttpURLConnection) shop.toURL().openConnection()).getResponseCode());
                return;
            }
            var client = HttpClient.newHttpClient();
            if (kind.equals("used"))
                client.send(HttpRequest.newBuilder(shop.resolve("/seen/none")).build(), HttpResponse.BodyHandlers.ofString());
            var call = HttpRequest.newBuilder(shop).method(kind.equals("used") ? "GET" : kind, HttpRequest.BodyPublishers.noBody());
            System.out.print(client.send(call.build(), HttpResponse.BodyHandlers.ofString()).statusCode());
        } catch (java.io.IOException lost) {
            System.out.print("an error");
        }
    }
}
END
export CLASSPATH=$work
javac -d "$work" "$work/Shop.java" "$work/Pay.java"
java_port=$(free_port)
java Shop "$java_port" >"$work/java.log" 2>&1 &
started+=($!)
waits_for curl --silent --fail "http://127.0.0.1:$java_port/seen/none"
go_port=$(free_port)
go build -o "$work/shop" "$work/shop.go"
"$work/shop" "$go_port" 2>"$work/go.log" &
started+=($!)
waits_for curl --silent --fail "http://127.0.0.1:$go_port/seen/none"
java_shop=http://127.0.0.1:$java_port
go_shop=http://127.0.0.1:$go_port
orders=0

# pays NAME SHOP PATH COMMAND…: COMMAND gets the address to pay at.
pays() {
  local name=$1 shop=$2 order=order-$((orders += 1)) told
  told=$("${@:4}" "$shop$3/$order" || true)
  echo "$name: the caller sees ${told/000/an error}, $(curl -s "$shop/seen/$order") payments"
}
curl_get() { curl -s -o "$work/null" -w '%{http_code}' "$1"; }
curl_used() { curl -s -o "$work/null" "${1%/*/*}/seen/none" --next -s -o "$work/null" -w '%{http_code}' "$1"; }
{
  pays 'HttpClient GET, new connection' "$java_shop" /pay java Pay GET
  pays 'HttpClient GET, used connection' "$java_shop" /pay java Pay used
  pays 'HttpClient POST' "$java_shop" /pay java Pay POST
  pays 'HttpClient PUT' "$java_shop" /pay java Pay PUT
  pays 'HttpClient DELETE' "$java_shop" /pay java Pay DELETE
  pays 'HttpClient GET, disableRetryConnect' "$java_shop" /pay java -Djdk.httpclient.disableRetryConnect=true Pay GET
  pays 'HttpClient GET, redirects.retrylimit=1' "$java_shop" /pay java -Djdk.httpclient.redirects.retrylimit=1 Pay GET
  pays 'HttpClient POST, enableAllMethodRetry' "$java_shop" /pay java -Djdk.httpclient.enableAllMethodRetry=true Pay POST
  pays 'HttpURLConnection GET, new connection' "$java_shop" /pay java Pay old
  pays 'curl, new connection' "$java_shop" /pay curl_get
  pays 'curl, used connection' "$java_shop" /pay curl_used
  pays 'HttpClient GET, HttpServer with a filter' "$java_shop" /mended java Pay GET
  pays "HttpClient GET, Go's shop" "$go_shop" /pay java Pay GET
  for shop in java go; do echo "lines in the log of the $shop shop: $(grep -c 'no template' "$work/$shop.log" || true)"; done
} >"$work/seen"
behaves <<'END'
HttpClient GET, new connection: the caller sees an error, 2 payments
HttpClient GET, used connection: the caller sees an error, 2 payments
HttpClient POST: the caller sees an error, 1 payments
HttpClient PUT: the caller sees an error, 1 payments
HttpClient DELETE: the caller sees an error, 1 payments
HttpClient GET, disableRetryConnect: the caller sees an error, 2 payments
HttpClient GET, redirects.retrylimit=1: the caller sees an error, 1 payments
HttpClient POST, enableAllMethodRetry: the caller sees an error, 2 payments
HttpURLConnection GET, new connection: the caller sees an error, 2 payments
curl, new connection: the caller sees an error, 1 payments
curl, used connection: the caller sees an error, 2 payments
HttpClient GET, HttpServer with a filter: the caller sees 500, 1 payments
HttpClient GET, Go's shop: the caller sees an error, 2 payments
lines in the log of the java shop: 0
lines in the log of the go shop: 2
END
