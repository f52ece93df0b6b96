package wire

import (
	"context"
	"crypto/tls"
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

// Addresses are what a process of the shop is to be told.
type Addresses struct {
	URLs     map[observe.Hop]string // of the callees
	Database string                 // host:port of the proxied database, if there is one
}

// Process is a process of the shop, and how it is started.
type Process struct {
	Name string
	// Serves says that customers and webhooks reach it. Where several do, they are alike,
	// and a balancer picks one for each message.
	Serves  bool
	Command func(Addresses) (process.Command, error)
	// Ready finds the address at which it listens in a line of its output.
	Ready func(line []byte) (address string, ready bool)
	// Await returns the address when it listens there: it is asked beside Ready, and the
	// first result wins. Optional. Without both it is ready once it runs.
	Await func(context.Context) (address string, err error)
	// Within is how long it may take to be ready, in real time; zero: 20 s.
	Within time.Duration
	// Unready says what did not come, for the error of one that is not ready by then: that
	// nothing listened at its address. The process still runs. Optional.
	Unready func() string
}

// Parts is who takes part, and how the shop is started.
type Parts struct {
	environment.Parts
	// Shop are its processes, each of which starts when the one before it is ready. None:
	// it runs already, at Running.
	Shop    []Process
	Running string // host:port
	// Starts are the turns in which shops start; nil: all at once.
	Starts *Starts
	// Opened is called once, when the shop is ready. Nil: nobody is.
	Opened func(context.Context) error
	// DatabaseAddr is the database's host:port, to be proxied; empty where it
	// is a file.
	DatabaseAddr string
}

// Compose makes those who take part in a story.
type Compose func(context.Context, environment.Setup) (Parts, error)

// Build returns how a world with these parts is built. Its proxies listen at the
// ports, which all worlds share that are built at the same time.
func Build(compose Compose, ports *Ports) environment.Build {
	return build(compose, ports, nil, nil, false)
}

// BuildAt is Build at a site: the shop that another world left there is taken over, and
// left there again. Left is called when nothing of the world listens or runs there any more.
func BuildAt(site *Site, compose Compose, left func() error) environment.Build {
	return build(compose, site.ports, site, left, false)
}

// BuildDirect is Build without Toxiproxy: the hops are what they are, and no
// transport injection can take effect. It shows what Toxiproxy is there for.
func BuildDirect(compose Compose, ports *Ports) environment.Build {
	return build(compose, ports, nil, nil, true)
}

func build(compose Compose, ports *Ports, site *Site, left func() error, direct bool) environment.Build {
	return func(ctx context.Context, b environment.Brief, r *environment.Recorder) (environment.Environment, error) {
		w := &world{recorder: r, clock: b.Clock, ctx: ctx, toxi: newToxiproxies(b.Clock, ports, direct), site: site, early: b.Early}
		if left != nil {
			w.later(left)
		}
		w.later(func() error {
			if w.leaves {
				return nil
			}
			return w.site.end()
		})
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
	fleet    fleet
	site     *Site // nil: the shop lives for this world only
	early    *environment.Early
	rests    bool // it came to rest
	leaves   bool // its shop lives on
	serving  sync.WaitGroup
	routes   observe.Routes
	settles  time.Duration  // within which it comes to rest, or is taken down
	closers  []func() error // in the order of building

	decisions environment.Decisions
}

func (w *world) build(ctx context.Context, compose Compose, brief environment.Brief) error {
	w.later(w.toxi.close)
	stop := make(chan struct{})
	w.serving.Go(func() { w.feelPulse(stop) })
	w.later(func() error { close(stop); return nil })
	w.routes = brief.Routes
	w.fleet.turns = map[turn]int{}

	shopURL, err := w.inbound(observe.CustomerHop)
	if err != nil {
		return err
	}
	webhookURL, err := w.inbound(observe.WebhookHop)
	if err != nil {
		return err
	}
	pages := &pages{world: w}
	pagesURL := ""
	if brief.Shop.PaysAtProvider {
		if pagesURL, err = pages.plainly(); err != nil {
			return err
		}
	}
	webhooks := &http.Transport{DisableCompression: true}
	w.parts, err = compose(ctx, environment.Setup{
		Brief: brief, See: w.recorder.See, AddSecrets: w.recorder.AddSecrets, KeepHeaders: w.recorder.KeepHeaders, Redact: w.recorder.Redact,
		ShopURL: shopURL, WebhookURL: webhookURL, Webhooks: webhooks, Dialer: dialer, Decides: w.decisions.Of,
		PagesURL: pagesURL, SafePages: pages.safely,
	})
	if err != nil {
		return err
	}
	w.later(func() error { webhooks.CloseIdleConnections(); return nil })
	if w.parts.Close != nil {
		w.later(w.parts.Close)
	}
	if brief.Shop.PaysAtProvider {
		if err := w.parts.MustPay(); err != nil {
			return err
		}
	}
	if err := pages.answer(w.parts.Pages); err != nil {
		return err
	}
	w.taps[0].Expect(w.parts.Reads, w.parts.Looks)
	w.parts.HearTheShop(w.recorder)
	w.settles = settlesWithin(w.clock, w.parts.Parts, brief.Injections)

	at := make([]Addresses, max(1, len(w.parts.Shop)))
	for i := range at {
		at[i].URLs = map[observe.Hop]string{}
	}
	for _, c := range w.parts.Callees {
		if err := w.outbound(c, at); err != nil {
			return err
		}
	}
	if w.parts.DatabaseAddr != "" {
		database, err := w.toxi.add(observe.DatabaseHop, w.parts.DatabaseAddr, 0)
		if err != nil {
			return err
		}
		for i := range at {
			at[i].Database = database
		}
	}
	if err := w.toxi.prepare(brief.Injections); err != nil {
		return err
	}
	return w.open(ctx, at)
}

func (w *world) later(closer func() error) { w.closers = append(w.closers, closer) }

// inbound builds a hop towards the shop and returns the URL of its far end.
func (w *world) inbound(hop observe.Hop) (string, error) {
	t, l, err := w.tap(tap.Config{Hop: hop, Dial: w.fleet.dial, Choose: w.fleet.choose}, 0)
	if err != nil {
		return "", err
	}
	w.serve(t.Serve, l)
	port, err := w.site.Port("proxy of " + string(hop))
	if err != nil {
		return "", err
	}
	proxied, err := w.toxi.add(hop, l.Addr().String(), port)
	return "http://" + proxied, err
}

// callee serves somebody whom others call, and returns the address of the proxy before it.
func (w *world) callee(hop observe.Hop, handler http.Handler) (string, error) {
	l, err := listen(0)
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	w.serve(server.Serve, l)
	w.later(server.Close)
	return w.toxi.add(hop, l.Addr().String(), 0)
}

// outbound builds a hop from the shop to a callee and says which URL each of the shop's
// processes is to call. Where there are several, the URLs differ, so that the tap knows who
// calls.
func (w *world) outbound(c environment.Callee, at []Addresses) error {
	fixed := c.Port != 0
	proxied, err := w.callee(c.Hop, c.Handler)
	if err != nil {
		return err
	}
	if c.Port == 0 {
		if c.Port, err = w.site.Port("for all: " + string(c.Hop)); err != nil {
			return err
		}
	}
	t, l, err := w.tap(tap.Config{Hop: c.Hop, Caller: true, Dial: func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", proxied)
	}}, c.Port)
	if err != nil && fixed {
		return fmt.Errorf("%s is %d, and nothing can be served there: %w", c.PortBy, c.Port, err)
	}
	if err != nil {
		return err
	}
	at[0].URLs[c.Hop], l = safe(c, l)
	if len(at) == 1 {
		w.serve(t.Serve, l)
		return nil
	}
	for i, p := range w.parts.Shop {
		if i > 0 {
			port, err := w.site.Port("for " + p.Name + ": " + string(c.Hop))
			if err != nil {
				return err
			}
			if l, err = listen(port); err != nil {
				return err
			}
			at[i].URLs[c.Hop], l = safe(c, l)
		}
		w.serve(func(l net.Listener) error { return t.ServeFor(p.Name, l) }, l)
	}
	return nil
}

// safe is where a callee is found that a listener takes connections for, and the listener
// that ends their TLS, where they have it.
func safe(c environment.Callee, l net.Listener) (url string, plain net.Listener) {
	if c.TLS == nil {
		return "http://" + l.Addr().String(), l
	}
	return "https://" + l.Addr().String(), tls.NewListener(l, c.TLS)
}

// tap makes a tap, and the listener at which it is to serve.
func (w *world) tap(c tap.Config, port int) (*tap.Tap, net.Listener, error) {
	l, err := listen(port)
	if err != nil {
		return nil, nil, err
	}
	c.Clock, c.See, c.Routes = w.clock, w.recorder.See, w.routes
	t := tap.New(c)
	w.taps = append(w.taps, t)
	w.later(t.Close)
	return t, l, nil
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

// Arm hands the injections to the taps, and to the provider.
func (w *world) Arm(a *injection.Injector) {
	w.decisions.Arm(a)
	for _, t := range w.taps {
		t.Arm(a)
	}
}

// Tab implements harness.Set.
func (w *world) Tab(customer, tab string) (environment.Tab, error) { return w.parts.Tab(customer, tab) }

// Install implements harness.Backend.
func (w *world) Install(s injection.Injection) (func() error, error) { return w.toxi.install(s) }

// Kill implements harness.Backend.
func (w *world) Kill(name string) error { return w.fleet.named(name, (*shop).kill) }

// Revive implements harness.Backend.
func (w *world) Revive(name string) error {
	return w.fleet.named(name, func(s *shop) error { return s.start(w.ctx) })
}

// Pause implements harness.Backend.
func (w *world) Pause(name string) error { return w.fleet.named(name, (*shop).pause) }

// Resume implements harness.Backend.
func (w *world) Resume(name string) error { return w.fleet.named(name, (*shop).resume) }

// ForgetTokens implements harness.Backend.
func (w *world) ForgetTokens() error { return w.parts.Forget() }

// settleTime is for how long, in story time, a world may take at least to come to
// rest before it is taken down by force, beyond what is injected; it has some real
// seconds in any case.
const settleTime = 15 * time.Minute

// settlesWithin is how long a world is waited for, in its own time. A customer who approves
// in twenty minutes keeps it from rest that long.
func settlesWithin(clock units.Clock, parts environment.Parts, injected injection.Schedule) time.Duration {
	var longest time.Duration
	for _, i := range injected {
		longest = max(longest, i.Fault.Duration+i.For)
	}
	return max(5*time.Second, clock.Real(parts.Patience(settleTime)+longest))
}

// Settle implements harness.Set; see harness.Quiescence.
func (w *world) Settle(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, w.settles)
	defer stop()
	err := environment.Quiescence{
		Recorder: w.recorder, Clock: w.clock, Parts: w.parts.Parts, InFlight: w.inFlight, Early: w.early,
	}.Await(ctx)
	w.rests = err == nil
	return err
}

func (w *world) inFlight() int {
	n := 0
	for _, t := range w.taps {
		n += t.InFlight()
	}
	return n
}

// Close takes the world down, last built first. A shop that rests may live on.
func (w *world) Close() error {
	var errs []error
	w.leaves = w.rests && w.site.leave(w.fleet.all)
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	w.closers = nil
	w.serving.Wait()
	return errors.Join(errs...)
}
