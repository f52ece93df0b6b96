package virtual_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/unhappypath/unhappypath/harness/virtual"
)

// BenchmarkExchange is the floor under every story: one bare net/http exchange,
// client and server, on the network in memory, without proxy, tap or shop. A
// message of a story is two of them, and what the tap, the shop and its database
// do.
func BenchmarkExchange(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b.ReportAllocs()
	synctest.Test(new(testing.T), func(*testing.T) {
		network := virtual.NewNetwork(1)
		listener, err := network.Listen("shop:80")
		if err != nil {
			panic(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"status":"shipped"}`)
		})}
		go func() { _ = server.Serve(listener) }()
		transport := &http.Transport{DialContext: network.Dialer("ana")}
		client := &http.Client{Transport: transport}
		for range b.N { // b.Loop asks a clock that stands still here
			exchange(client)
		}
		transport.CloseIdleConnections()
		_ = server.Close()
	})
}

func exchange(client *http.Client) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://shop:80/orders/b-ana", nil)
	if err != nil {
		panic(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		panic(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
}
