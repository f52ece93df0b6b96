package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/tap"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// Addresses are what the shop's process is to be told.
type Addresses struct {
	URLs     map[observe.Hop]string // of the callees
	Database string                 // host:port of the proxied database, if there is one
}

// Parts is who takes part, and how the shop's process is started.
type Parts struct {
	environment.Parts
	// Command starts the shop's process. Nil: it runs already, at Running.
	Command func(Addresses) (process.Command, error)
	Running string // host:port
	// Ready finds the address at which the shop listens in a line of its output.
	Ready func(line []byte) (address string, ready bool)
	// Await returns the address when the shop listens there: it is asked beside
	// Ready, and the first result wins. Optional.
	Await func(context.Context) (address string, err error)
	// Within is how long it may take to listen, in real time; zero: 20 s.
	Within time.Duration
	// Opened is called once, when the shop first listens. Nil: nobody is.
	Opened func(context.Context) error
	// DatabaseAddr is the database's host:port, to be proxied; empty where it
	// is a file.
	DatabaseAddr string
}

// Compose makes those who take part in a story.
type Compose func(context.Context, environment.Setup) (Parts, error)

// Build returns how a world with these parts is built. Its proxies listen at the
// ports, which all worlds share that are built at the same time.
func Build(compose Compose, ports *Ports) environment.Build { return build(compose, ports, false) }

// BuildDirect is Build without Toxiproxy: the hops are what they are, and no
// transport injection can take effect. It shows what Toxiproxy is there for.
func BuildDirect(compose Compose, ports *Ports) environment.Build { return build(compose, ports, true) }

func build(compose Compose, ports *Ports, direct bool) environment.Build {
	return func(ctx context.Context, b environment.Brief, r *environment.Recorder) (environment.Environment, error) {
		w := &world{recorder: r, clock: b.Clock, ctx: ctx, toxi: newToxiproxies(b.Clock, ports, direct)}
		if err := w.build(ctx, compose, b); err != nil {
			return nil, errors.Join(err, w.Close())
		}
		return w, nil
	}
}

// world is one built world. It is a harness.Set.
type world struct {
	ctx      context.Context
	recorder *environment.Recorder
	clock    units.Clock
	parts    Parts
	toxi     *toxiproxies
	taps     []*tap.Tap
	shop     *shop
	serving  sync.WaitGroup
	routes   observe.Routes
	closers  []func() error // in the order of building
}

func (w *world) build(ctx context.Context, compose Compose, brief environment.Brief) error {
	w.later(w.toxi.close)
	stop := make(chan struct{})
	w.serving.Go(func() { w.feelPulse(stop) })
	w.later(func() error { close(stop); return nil })
	w.routes = brief.Routes
	w.shop = &shop{see: w.recorder.See, words: NewWords(w.recorder.Redact)}

	shopURL, err := w.inbound(observe.CustomerHop)
	if err != nil {
		return err
	}
	webhookURL, err := w.inbound(observe.WebhookHop)
	if err != nil {
		return err
	}
	webhooks := &http.Transport{DisableCompression: true}
	w.parts, err = compose(ctx, environment.Setup{
		Brief: brief, See: w.recorder.See, AddSecrets: w.recorder.AddSecrets, KeepHeaders: w.recorder.KeepHeaders, Redact: w.recorder.Redact,
		ShopURL: shopURL, WebhookURL: webhookURL, Webhooks: webhooks, Dialer: dialer,
	})
	if err != nil {
		return err
	}
	w.later(func() error { webhooks.CloseIdleConnections(); return nil })
	if w.parts.Close != nil {
		w.later(w.parts.Close)
	}
	w.taps[0].Expect(w.parts.Reads, w.parts.Looks)
	w.parts.HearTheShop(w.recorder)

	at := Addresses{URLs: map[observe.Hop]string{}}
	for _, c := range w.parts.Callees {
		if at.URLs[c.Hop], err = w.outbound(c); err != nil {
			return err
		}
	}
	if w.parts.DatabaseAddr != "" {
		if at.Database, err = w.toxi.add(observe.DatabaseHop, w.parts.DatabaseAddr); err != nil {
			return err
		}
	}
	if err := w.toxi.prepare(brief.Injections); err != nil {
		return err
	}
	return w.open(ctx, at)
}

// open starts the shop, unless it runs already.
func (w *world) open(ctx context.Context, at Addresses) error {
	if w.parts.Command == nil {
		w.shop.address = w.parts.Running
		return w.opened(ctx)
	}
	w.shop.command = func() (process.Command, error) { return w.parts.Command(at) }
	w.shop.listening, w.shop.await, w.shop.within = w.parts.Ready, w.parts.Await, w.parts.Within
	w.later(w.shop.stop)
	if err := w.shop.start(ctx); err != nil {
		return err
	}
	return w.opened(ctx)
}

func (w *world) opened(ctx context.Context) error {
	if w.parts.Opened == nil {
		return nil
	}
	return w.parts.Opened(ctx)
}

func (w *world) later(closer func() error) { w.closers = append(w.closers, closer) }

// inbound builds a hop towards the shop and returns the URL of its far end.
func (w *world) inbound(hop observe.Hop) (string, error) {
	address, err := w.tap(tap.Config{Hop: hop, Dial: w.shop.dial}, 0)
	if err != nil {
		return "", err
	}
	proxied, err := w.toxi.add(hop, address)
	return "http://" + proxied, err
}

// outbound builds a hop from the shop to a callee and returns the URL that the shop is
// to call.
func (w *world) outbound(c environment.Callee) (string, error) {
	l, err := listen(0)
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: c.Handler, ErrorLog: log.New(io.Discard, "", 0)}
	w.serve(server.Serve, l)
	w.later(server.Close)
	proxied, err := w.toxi.add(c.Hop, l.Addr().String())
	if err != nil {
		return "", err
	}
	address, err := w.tap(tap.Config{Hop: c.Hop, Caller: true, Dial: func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", proxied)
	}}, c.Port)
	return "http://" + address, err
}

func (w *world) tap(c tap.Config, port int) (string, error) {
	l, err := listen(port)
	if err != nil {
		return "", err
	}
	c.Clock, c.See, c.Routes = w.clock, w.recorder.See, w.routes
	t := tap.New(c)
	w.taps = append(w.taps, t)
	w.serve(t.Serve, l)
	w.later(t.Close)
	return l.Addr().String(), nil
}

func (w *world) serve(serve func(net.Listener) error, l net.Listener) {
	w.serving.Go(func() { _ = serve(l) })
}

// dialer is everybody's way into the network: there is only one.
func dialer(string) func(context.Context, string, string) (net.Conn, error) {
	return new(net.Dialer).DialContext
}

func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("no port on 127.0.0.1: %w", err)
	}
	return l, nil
}

// Arm hands the injections to the taps.
func (w *world) Arm(a *injection.Injector) {
	for _, t := range w.taps {
		t.Arm(a)
	}
}

// Tab implements harness.Set.
func (w *world) Tab(customer, tab string) (environment.Tab, error) { return w.parts.Tab(customer, tab) }

// Install implements harness.Backend.
func (w *world) Install(s injection.Injection) (func() error, error) { return w.toxi.install(s) }

// Kill implements harness.Backend.
func (w *world) Kill(name string) error { return w.named(name, w.shop.kill) }

// Revive implements harness.Backend.
func (w *world) Revive(name string) error {
	return w.named(name, func() error { return w.shop.start(w.ctx) })
}

// Pause implements harness.Backend.
func (w *world) Pause(name string) error { return w.named(name, w.shop.pause) }

// Resume implements harness.Backend.
func (w *world) Resume(name string) error { return w.named(name, w.shop.resume) }

// ForgetTokens implements harness.Backend.
func (w *world) ForgetTokens() error { return w.parts.Forget() }

func (w *world) named(name string, do func() error) error {
	if name != "checkout" {
		return fmt.Errorf("there is no process %q to inject into; there is “checkout”", name)
	}
	return do()
}

// settleTime is for how long, in story time, a world may take at least to come to
// rest before it is taken down by force; it has some real seconds in any case.
const settleTime = 15 * time.Minute

// Settle implements harness.Set; see harness.Quiescence.
func (w *world) Settle(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, max(5*time.Second, w.clock.Real(w.parts.Patience(settleTime))))
	defer stop()
	return environment.Quiescence{
		Recorder: w.recorder, Clock: w.clock, Parts: w.parts.Parts, InFlight: w.inFlight,
	}.Await(ctx)
}

func (w *world) inFlight() int {
	n := 0
	for _, t := range w.taps {
		n += t.InFlight()
	}
	return n
}

// Close takes the world down, last built first.
func (w *world) Close() error {
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	w.closers = nil
	w.serving.Wait()
	return errors.Join(errs...)
}
