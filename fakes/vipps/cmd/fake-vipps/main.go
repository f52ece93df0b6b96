// Command fake-vipps serves the fake payment provider on a loopback address,
// for a checkout that runs on this machine.
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
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/vipps"
)

const teaching = `fake-vipps is a fake Vipps MobilePay for a checkout on this machine.

Point the checkout's provider URL at the address it prints, and give it the same
merchant serial number and keys. Customers approve by themselves after
-approve-after; a negative one means never, and then
POST /epayment/v1/test/payments/{reference}/approve approves.

Amounts with a fate, in minor units: 151 no funds, 186 card expired,
201 nobody knows for an hour.

Each change of money is printed to stdout as a line of JSON.
Stop it with Ctrl-C. It forgets everything then.

Examples:
  fake-vipps
  fake-vipps -listen 127.0.0.1:8081 -approve-after 1m -speed 60
  fake-vipps -webhook http://127.0.0.1:8080/webhooks/vipps

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "fake-vipps:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	books := &ledger{out: json.NewEncoder(stdout)}
	cfg := vipps.Config{Rand: rand.Reader, See: books.see}
	flags := flag.NewFlagSet("fake-vipps", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, teaching)
		flags.PrintDefaults()
	}
	listen := flags.String("listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 finds a free one")
	webhook := flags.String("webhook", "", "`URL` to register for all payment events at the start")
	flags.StringVar(&cfg.MSN, "msn", "123456", "merchant serial number, 4 to 6 digits")
	flags.StringVar(&cfg.ClientID, "client-id", "fake-client-id", "the merchant's client_id")
	flags.StringVar(&cfg.ClientSecret, "client-secret", "fake-client-secret", "the merchant's client_secret; never a real one")
	flags.StringVar(&cfg.SubscriptionKey, "subscription-key", "fake-subscription-key", "the merchant's subscription key; never a real one")
	flags.DurationVar(&cfg.ApproveAfter, "approve-after", 3*time.Second, "how long customers take to approve; 0: no time, negative: for ever")
	flags.IntVar(&cfg.Speed, "speed", 1, "divide all of the provider's own times by this")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unknown argument %q; see -help", flags.Arg(0))
	}
	provider, err := vipps.New(cfg)
	if err != nil {
		return err
	}
	defer provider.Close()
	if *webhook != "" {
		_, secret, err := provider.RegisterWebhook(*webhook)
		if err != nil {
			return err
		}
		fmt.Fprintln(stdout, "webhook secret", secret)
	}
	return serve(ctx, *listen, provider, stdout)
}

// serve answers on address until ctx ends.
func serve(ctx context.Context, address string, h http.Handler, stdout io.Writer) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	if ip := net.ParseIP(host); !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("-listen %s: only a loopback address, such as 127.0.0.1:0: this is no place for real payments", address)
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

// ledger prints changes of money.
type ledger struct {
	mu  sync.Mutex
	out *json.Encoder
}

func (l *ledger) see(e observe.Event) {
	if e.Kind != observe.Money && e.Kind != observe.Note {
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
