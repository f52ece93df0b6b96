package wire_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
)

// The test binary plays the shop, too: WIRE_TEST_ROLE says which.
const roleVar = "WIRE_TEST_ROLE"

var roles = map[string]func(){
	"shop":    sell,
	"deaf":    func() { fmt.Println("waiting for the books"); waitForever() },
	"failing": func() { fmt.Fprintln(os.Stderr, "the books cannot be opened: disk full"); os.Exit(3) },
	"leaving": func() { fmt.Println("nothing to do") },
	"garbage": func() { _, _ = os.Stdout.Write([]byte("\x00\xff\x1b[31m{\"listening\n\n\n")); os.Exit(1) },
	"middle":  middle,
}

func TestMain(m *testing.M) {
	if role, ok := os.LookupEnv(roleVar); ok {
		roles[role]()
		return
	}
	goleak.VerifyTestMain(m)
}

// waitForever hears no signal but SIGKILL.
func waitForever() {
	signal.Ignore(syscall.SIGTERM, os.Interrupt)
	<-make(chan os.Signal)
}

const listening = "listening on "

// sell is a little shop. It charges at the provider for every order, keeps the
// orders in its memory, and ends only when it is killed.
func sell() {
	if runtime.GOOS != "linux" {
		// Elsewhere no signal tells it that its parent died, but its input ends.
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	}
	if witness := os.Getenv("WITNESS_ADDR"); witness != "" {
		c, err := net.Dial("tcp", witness)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(c, os.Getpid())
	}
	// Each call has a connection of its own: one that is kept from the last world is dead in
	// the next, and a busy machine may tell too late.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var orders atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer, err := client.Post(os.Getenv("PROVIDER_URL")+"/payments", "application/json", r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		orders.Add(1)
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	})
	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, orders.Load()) })
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, aPage) })
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: {\"status\":\"working\"}\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // it stays open
	})
	mux.HandleFunc("GET /bye", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, "bye")
	})
	mux.HandleFunc("POST /quit", func(http.ResponseWriter, *http.Request) {
		fmt.Fprintln(os.Stderr, "panic: the till is on fire")
		os.Exit(2)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listening + l.Addr().String())
	signal.Ignore(syscall.SIGTERM, os.Interrupt)
	panic(http.Serve(l, mux))
}

// aPage is 20 KiB.
var aPage = strings.Repeat("parcel, parcel, ", 20<<10/16)

// middle stands for a test run that is killed: it builds a world as we do.
func middle() {
	p := &play{role: "shop", env: []string{"WITNESS_ADDR=" + os.Getenv("WITNESS_ADDR")}}
	_, err := wire.Build(p.compose, ports)(context.Background(), environment.Brief{Story: "x"},
		environment.NewRecorder(units.Wall, nil))
	if err != nil {
		panic(err)
	}
	waitForever()
}
