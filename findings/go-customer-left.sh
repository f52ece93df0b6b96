#!/usr/bin/env bash
# Go's net/http tells a handler that the customer left, if it has read the whole body.
#
# Shown: r.Context() of a POST whose body has not been read to its end is not cancelled when the
# customer's connection closes; after io.ReadAll or ParseForm it is. A handler that takes the
# order id from the path and ignores the body is never told.
# Version: Go 1.26 (no module).
# Why a checkout cares: whether "the customer left" cancels the context, and with it a database
# transaction or the call to the provider, hangs on a line that seems to have nothing to do with
# it; a test with an empty body (told) does not show what a form does (not told).
# Instead: pay under a context of its own (context.WithoutCancel plus a deadline), so that neither
# case decides over money; read or limit the body first if leaving must be noticed.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "r.Context() is cancelled when the client's connection closes (as net/http documents)"
uses go golang-go
echo "versions: $(go version | cut -d' ' -f3)"
printf 'module finding\n\ngo 1.26\n' >"$work/go.mod"
cat >"$work/main.go" <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"
)

func main() {
	working, told := make(chan bool), make(chan bool)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/io.ReadAll":
			io.ReadAll(r.Body)
		case "/ParseForm":
			r.ParseForm()
		case "/json.Decode":
			var order any
			json.NewDecoder(r.Body).Decode(&order)
		}
		working <- true
		select {
		case <-r.Context().Done():
			told <- true
		case <-time.After(time.Second):
			told <- false
		}
	}))
	for _, c := range []struct{ path, body string }{
		{"/unread", ""}, {"/unread", `{"amount": 1999}`}, {"/json.Decode", `{"amount": 1999}`},
		{"/io.ReadAll", `{"amount": 1999}`}, {"/ParseForm", "amount=1999"},
	} {
		customer, err := net.Dial("tcp", shop.Listener.Addr().String())
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(customer, "POST %s HTTP/1.1\r\nHost: shop\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
			"Content-Length: %d\r\n\r\n%s", c.path, len(c.body), c.body)
		<-working
		customer.Close()
		fmt.Printf("POST %s, body %q: %s\n", c.path, c.body, map[bool]string{true: "told", false: "NOT told"}[<-told])
	}
}
END
(cd "$work" && go run main.go) >"$work/seen"
behaves <<'END'
POST /unread, body "": told
POST /unread, body "{\"amount\": 1999}": NOT told
POST /json.Decode, body "{\"amount\": 1999}": told
POST /io.ReadAll, body "{\"amount\": 1999}": told
POST /ParseForm, body "amount=1999": told
END
