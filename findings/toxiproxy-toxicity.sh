#!/usr/bin/env bash
# Toxiproxy: a latency of toxicity 0.5 delays half of the requests, or none, or all.
#
# Shown: the die is cast once per *connection*, not per request. Over one keep-alive connection all
# requests are delayed or none is: 20 connections with six requests each never have a mixture. With
# a connection per request about half are delayed.
# Version: Toxiproxy 2.12.0, in-process (Go).
# Why a checkout cares: a shop that pools connections to its provider is tested with "half of the
# answers are slow" and sees either a healthy provider or a dead one, for the whole run; a retry
# goes over the same connection and meets the same fate, so it looks useless.
# Instead: toxicity 1 and a fault aimed at the n-th request (an HTTP proxy), or a client whose
# connections are closed after each request; say in the report which connection it was.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "toxicity 0.5 hits every second request or so"
go_install github.com/Shopify/toxiproxy/v2@v2.12.0
cat >"$work/main.go" <<'END'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "paid") }))
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "provider", "127.0.0.1:0", strings.TrimPrefix(provider.URL, "http://"))
	must(proxy.Start())
	_, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"type": "latency", "toxicity": 0.5, "attributes": {"latency": 200}}`))
	must(err)
	slow := func(client *http.Client) bool {
		start := time.Now()
		answer, err := client.Get("http://" + proxy.Listen)
		must(err)
		_, err = io.Copy(io.Discard, answer.Body)
		must(err)
		answer.Body.Close()
		return time.Since(start) > 150*time.Millisecond
	}
	kinds := map[string]int{}
	for range 20 {
		transport, slowOnes := &http.Transport{}, 0
		for range 6 {
			if slow(&http.Client{Transport: transport}) {
				slowOnes++
			}
		}
		transport.CloseIdleConnections()
		kinds[map[int]string{0: "none", 6: "all"}[slowOnes]]++
	}
	fmt.Println("keep-alive, six requests each: connections with a mixture:", kinds[""])
	fmt.Println("keep-alive: some connections had all slow:", kinds["all"] > 0, "and some none:", kinds["none"] > 0)
	slowOnes := 0
	for range 40 {
		if slow(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}) {
			slowOnes++
		}
	}
	fmt.Println("a connection each: some of 40 requests were slow and some not:", slowOnes > 0 && slowOnes < 40)
}
END
run_go main.go >"$work/seen"
behaves <<'END'
keep-alive, six requests each: connections with a mixture: 0
keep-alive: some connections had all slow: true and some none: true
a connection each: some of 40 requests were slow and some not: true
END
