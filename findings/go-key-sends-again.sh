#!/usr/bin/env bash
# An Idempotency-Key in the headers, and Go sends the POST a second time by itself.
#
# Shown: the server reads a POST and its connection ends without an answer. On a connection that
# carried a request before, Go's http.Client returns an error; with a header Idempotency-Key or
# X-Idempotency-Key it sends the POST again and returns the answer to the second one. Nothing was
# configured to retry. Caddy, whose proxy is Go's Transport, does the same for a POST without a body
# that comes with a key, and tells the customer success.
# Versions: Go 1.26, Caddy 2.6.2 from Debian 12.
# Why a checkout cares: the key is often sent before the other side knows what to do with it, to a
# service of one's own or past a proxy. There it doubles what it was to prevent.
# Instead: send a key only to who keeps it; count requests on the wire, not calls in the code.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "http.Client sends a POST once, whatever its headers"
uses go golang-go
uses caddy caddy
echo "versions: $(go version | cut -d' ' -f3), Caddy $(caddy version | cut -d' ' -f1)"
mkdir "$work/shop"
cat >"$work/shop/go.mod" <<'END'
module finding

go 1.26
END
cat >"$work/shop/main.go" <<'END'
// The first request to a path with "lost" is counted, and its connection ends without an answer.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

func main() {
	var mu sync.Mutex
	seen := map[string]int{}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		seen[r.URL.Path]++
		if strings.HasPrefix(r.URL.Path, "/lost/") && seen[r.URL.Path] == 1 {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "paid")
	}))
	try := func(name, host, header, body string) {
		client := &http.Client{Transport: &http.Transport{}}
		path := "/lost/" + strings.ReplaceAll(name, " ", "-")
		told := send(client, host, "/warm", "", body)
		told = send(client, host, path, header, body)
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf("%s: %s, %d POSTs\n", name, told, seen[path])
	}
	shop, caddy := "http://127.0.0.1:"+os.Args[1], "http://127.0.0.1:"+os.Args[2]
	try("no key", shop, "", "amount=1999")
	try("Idempotency-Key", shop, "Idempotency-Key", "amount=1999")
	try("X-Idempotency-Key", shop, "X-Idempotency-Key", "amount=1999")
	try("another name", shop, "Request-Key", "amount=1999")
	try("past Caddy, no body, another name", caddy, "Request-Key", "")
	try("past Caddy, no body, Idempotency-Key", caddy, "Idempotency-Key", "")
	try("past Caddy, a body, Idempotency-Key", caddy, "Idempotency-Key", "amount=1999")
}

func send(client *http.Client, host, path, header, body string) string {
	request, err := http.NewRequest("POST", host+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	if header != "" {
		request.Header.Set(header, "order-7")
	}
	answer, err := client.Do(request)
	if err != nil {
		return "an error"
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	return answer.Status
}
END
shop=$(free_port)
front=$(free_port)
cat >"$work/Caddyfile" <<END
{
  admin off
  auto_https off
}
http://127.0.0.1:$front {
  respond /up 200
  reverse_proxy 127.0.0.1:$shop
}
END
HOME="$work" caddy run --config "$work/Caddyfile" --adapter caddyfile >"$work/caddy.log" 2>&1 &
started+=($!)
waits_for curl --silent --fail "http://127.0.0.1:$front/up"
(cd "$work/shop" && go run . "$shop" "$front") >"$work/seen"
behaves <<'END'
no key: an error, 1 POSTs
Idempotency-Key: 200 OK, 2 POSTs
X-Idempotency-Key: 200 OK, 2 POSTs
another name: an error, 1 POSTs
past Caddy, no body, another name: 502 Bad Gateway, 1 POSTs
past Caddy, no body, Idempotency-Key: 200 OK, 2 POSTs
past Caddy, a body, Idempotency-Key: 502 Bad Gateway, 1 POSTs
END
