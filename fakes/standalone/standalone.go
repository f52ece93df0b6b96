// Package standalone runs a fake on its own: as a command that serves it on a
// loopback address, prints its books, shows them on a page, and stops at Ctrl-C.
package standalone

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/authority"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Fake is what a Command serves.
type Fake interface {
	http.Handler
	Close()
}

// Command is a program that serves a fake. To the fake's own flags it adds
// -listen, and -tls where it has Hosts.
type Command struct {
	Name     string
	Teaching string       // what -help says above the flags
	Warning  string       // what is said besides to who would listen to other machines; may be empty
	Hosts    []string     // under which the real one is reached: over TLS it may stand for them
	Books    observe.Kind // the changes that are printed, each as a line of JSON

	// Define defines the fake's flags. Once they are parsed, open makes the
	// fake, and may print what its user must know of it.
	Define func(flags *flag.FlagSet, see observe.Observer) (open func(stdout io.Writer) (Fake, error))
}

// Main is the whole of a func main.
func (c Command) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := c.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, c.Name+":", err)
		os.Exit(ExitCode(err))
	}
}

// calledWrongly is an error of who calls the command.
type calledWrongly struct{ error }

func (e calledWrongly) Unwrap() error { return e.error }

// ExitCode is 2 where the command was called wrongly, and else 1.
func ExitCode(err error) int {
	if errors.As(err, &calledWrongly{}) {
		return 2
	}
	return 1
}

// Run serves until ctx ends. The address is in the line "listening on …".
func (c Command) Run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, c.Teaching)
		flags.PrintDefaults()
	}
	listen := flags.String("listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 finds a free one")
	safe := new(bool)
	if len(c.Hosts) > 0 {
		safe = flags.Bool("tls", false, "speak TLS; the file with the certificate to trust is printed, and gone when the fake stops")
	}
	books := &ledger{}
	open := c.Define(flags, c.printer(stdout, books))
	if err := flags.Parse(args); err != nil {
		return calledWrongly{err}
	}
	if flags.NArg() > 0 {
		return calledWrongly{fmt.Errorf("unknown argument %q; see -help", flags.Arg(0))}
	}
	if err := c.checkAddress(*listen); err != nil {
		return calledWrongly{err}
	}
	fake, err := open(stdout)
	if err != nil {
		return calledWrongly{err} // a flag's value
	}
	defer fake.Close()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	scheme := "http"
	if *safe {
		by, file, err := c.certify()
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		defer os.Remove(file)
		fmt.Fprintln(stdout, "certificate to trust in", file)
		scheme, listener = "https", tls.NewListener(listener, by.Config())
	}
	return c.serve(ctx, scheme, listener, books.before(c.Name, fake), stdout)
}

// certify makes an authority, and the file with its certificate.
func (c Command) certify() (by *authority.Authority, file string, err error) {
	if by, err = authority.New(c.Hosts...); err != nil {
		return nil, "", err
	}
	f, err := os.CreateTemp("", c.Name+"-*.pem")
	if err != nil {
		return nil, "", err
	}
	if _, err = f.Write(by.PEM()); err != nil {
		return nil, "", errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return by, f.Name(), f.Close()
}

// checkAddress says what is wrong with an address to listen on.
func (c Command) checkAddress(address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	if !isThisMachine(address) {
		text := fmt.Sprintf("-listen %s: only a loopback address, such as 127.0.0.1:0", address)
		if c.Warning != "" {
			text += ": " + c.Warning
		}
		return errors.New(text)
	}
	return nil
}

// serve answers whom the listener takes until ctx ends.
func (c Command) serve(ctx context.Context, scheme string, listener net.Listener, h http.Handler, stdout io.Writer) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(stdout, "listening on %s://%s\nledger on %[1]s://%[2]s%s\n", scheme, listener.Addr(), ledgerPath)

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

// printer prints changes and notes, and keeps the changes for the page.
func (c Command) printer(stdout io.Writer, books *ledger) observe.Observer {
	var mu sync.Mutex
	out := json.NewEncoder(stdout)
	return func(e observe.Event) {
		if e.Kind != c.Books && e.Kind != observe.Note {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if e.Kind == c.Books && e.Entry != nil {
			books.add(e.Entry, now)
		}
		_ = out.Encode(struct {
			Time time.Time `json:"time"`
			*observe.Entry
			Note string `json:"note,omitempty"`
		}{now, e.Entry, e.Text})
	}
}
