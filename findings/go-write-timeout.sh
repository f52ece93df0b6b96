#!/usr/bin/env bash
# Go's http.Server has a WriteTimeout of 0.5 s, and the charge takes 2 s.
#
# Shown: nothing ends after 0.5 s. The handler charges, its context is not done, its Write gives no
# error and nothing is logged; then the connection is closed without a byte. The client waits for
# the whole 2 s and gets no status. On a connection that was used before, curl takes that for a stale
# one and posts again, and so does Go's client where there is an Idempotency-Key: two charges.
# http.TimeoutHandler with the same time says 503 after 0.5 s, ends the context, and is asked once.
# Versions: Go 1.26, curl 7.88.1 (Debian 12).
# Why a checkout cares: the time-out is there to protect the shop, and it is a slow provider that
# makes it matter: every slow charge is made, told to nobody, and made again.
# Instead: a deadline of the step in the handler, answered by it, and WriteTimeout well beyond it;
# or http.TimeoutHandler. In either case the charge is unknown until it is looked up.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "after a WriteTimeout the handler sees an error or an ended context, and the client an answer or an error at once"
uses go golang-go
uses curl curl
echo "versions: $(go version | cut -d' ' -f3), $(curl --version | head -1 | cut -d' ' -f1,2)"
printf 'module finding\n\ngo 1.26\n' >"$work/go.mod"
cat >"$work/main.go" <<'END'
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"time"
)

func main() {
	var mutex sync.Mutex
	var told []string
	var logged bytes.Buffer
	pay := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.ReadAll(r.Body)
		if r.URL.Path == "/up" {
			fmt.Fprint(w, "up")
			return
		}
		time.Sleep(2 * time.Second) // the provider; it charges
		_, err := fmt.Fprint(w, "paid")
		mutex.Lock()
		told = append(told, fmt.Sprintf("charged, context %v, write %v", r.Context().Err(), err))
		mutex.Unlock()
	})
	serve := func(handler http.Handler, writeTimeout time.Duration) string {
		server := httptest.NewUnstartedServer(handler)
		server.Config.WriteTimeout = writeTimeout
		server.Config.ErrorLog = log.New(&logged, "", 0)
		server.Start()
		return server.URL
	}
	curl := func(url string, used bool) string {
		args := []string{"--silent", "--data", "amount=1999", "--write-out", "%{http_code}", "--output", "/dev/null", url + "/pay"}
		if used {
			args = append([]string{"--silent", "--output", "/dev/null", url + "/up", "--next"}, args...)
		}
		status, err := exec.Command("curl", args...).Output()
		if err != nil { return fmt.Sprintf("curl's %v", err) }
		return "status " + string(status)
	}
	withKey := func(url string) string {
		if up, err := http.Get(url + "/up"); err == nil {
			io.ReadAll(up.Body)
			up.Body.Close()
		}
		post, _ := http.NewRequest("POST", url+"/pay", strings.NewReader("amount=1999"))
		post.Header.Set("Idempotency-Key", "ana-1")
		answer, err := http.DefaultClient.Do(post)
		if err != nil { return err.Error()[strings.LastIndex(err.Error(), " ")+1:] }
		return "status " + answer.Status[:3]
	}
	bare := serve(pay, 500*time.Millisecond)
	limited := serve(http.TimeoutHandler(pay, 500*time.Millisecond, "too late"), 0)
	for _, way := range []struct {
		name string
		call func() string
	}{
		{"WriteTimeout, curl, new connection", func() string { return curl(bare, false) }},
		{"WriteTimeout, curl, used connection", func() string { return curl(bare, true) }},
		{"WriteTimeout, Go with a key, used connection", func() string { return withKey(bare) }},
		{"TimeoutHandler, curl, used connection", func() string { return curl(limited, true) }},
		{"TimeoutHandler, Go with a key, used connection", func() string { return withKey(limited) }},
	} {
		began := time.Now()
		got := way.call()
		early := map[bool]string{true: "before the charge is made", false: "after the charge is made"}[time.Since(began) < 1900*time.Millisecond]
		time.Sleep(2500 * time.Millisecond) // whatever was begun is over
		mutex.Lock()
		fmt.Printf("%s: %s %s; the shop: %s\n", way.name, got, early, strings.Join(told, "; "))
		told = nil
		mutex.Unlock()
	}
	fmt.Println("lines in the server's log:", strings.Count(logged.String(), "\n"))
}
END
run_go main.go >"$work/seen"
behaves <<'END'
WriteTimeout, curl, new connection: curl's exit status 52 after the charge is made; the shop: charged, context <nil>, write <nil>
WriteTimeout, curl, used connection: curl's exit status 52 after the charge is made; the shop: charged, context <nil>, write <nil>; charged, context <nil>, write <nil>
WriteTimeout, Go with a key, used connection: EOF after the charge is made; the shop: charged, context <nil>, write <nil>; charged, context <nil>, write <nil>
TimeoutHandler, curl, used connection: status 503 before the charge is made; the shop: charged, context context deadline exceeded, write http: Handler timeout
TimeoutHandler, Go with a key, used connection: status 503 before the charge is made; the shop: charged, context context deadline exceeded, write http: Handler timeout
lines in the server's log: 0
END
