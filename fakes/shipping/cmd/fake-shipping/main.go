// Command fake-shipping serves the fake carrier on a loopback address, for a
// checkout that runs on this machine.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/shipping"
)

const teaching = `fake-shipping is a fake carrier for a checkout on this machine.

  POST /shipments              {"reference":"R","basket":"B"} and an Idempotency-Key
  GET  /shipments?reference=R
  POST /shipments/{id}/cancel

Each change of a parcel is printed to stdout as a line of JSON.
Stop it with Ctrl-C. It forgets everything then.

Examples:
  fake-shipping
  fake-shipping -listen 127.0.0.1:8082 -hand-over-after 1h -refuse too-big,too-far

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "fake-shipping:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	books := &ledger{out: json.NewEncoder(stdout)}
	cfg := shipping.Config{Rand: rand.Reader, See: books.see}
	flags := flag.NewFlagSet("fake-shipping", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, teaching)
		flags.PrintDefaults()
	}
	listen := flags.String("listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 finds a free one")
	refuse := flags.String("refuse", "", "`baskets` that cannot be shipped, separated by commas")
	flags.DurationVar(&cfg.HandOverAfter, "hand-over-after", 0, "how long a parcel can be called off; 0: for ever")
	flags.IntVar(&cfg.Speed, "speed", 1, "divide -hand-over-after by this")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unknown argument %q; see -help", flags.Arg(0))
	}
	refused := strings.Split(*refuse, ",")
	cfg.Refuse = func(basket string) bool { return slices.Contains(refused, basket) }
	carrier, err := shipping.New(cfg)
	if err != nil {
		return err
	}
	defer carrier.Close()
	return serve(ctx, *listen, carrier, stdout)
}

// serve answers on address until ctx ends.
func serve(ctx context.Context, address string, h http.Handler, stdout io.Writer) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	if ip := net.ParseIP(host); !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("-listen %s: only a loopback address, such as 127.0.0.1:0", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(stdout, "listening on http://%s\n", listener.Addr())

	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// ledger prints changes of parcels.
type ledger struct {
	mu  sync.Mutex
	out *json.Encoder
}

func (l *ledger) see(e observe.Event) {
	if e.Kind != observe.Parcel && e.Kind != observe.Note {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.out.Encode(struct {
		Time time.Time `json:"time"`
		*observe.Entry
		Note string `json:"note,omitempty"`
	}{time.Now(), e.Entry, e.Text})
}
