package virtual

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/tap"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Hosts of the network. Anyone who calls one on the left of a proxy meets the
// proxy; a tap stands on the shop's side of it.
const (
	customerTap = "checkout:80" // where customers reach the shop
	webhookTap  = "webhooks:80"
	pagesTap    = "pay:80" // where customers reach the provider's pages
	pagesHost   = "pages:80"
)

// hosts are where the shop reaches a callee, at the tap, and where the callee is. The
// times of a history derive from these names.
func hosts(hop observe.Hop) (tap, callee string) {
	switch hop {
	case observe.ProviderHop:
		return "payments", "provider"
	case observe.ShippingHop:
		return "parcels", "carrier"
	}
	_, name, _ := strings.Cut(string(hop), ">")
	return name + "-tap", name
}

// Parts is who takes part, and the shop.
type Parts struct {
	environment.Parts
	// Shop prepares one life of the shop: what it returns serves and works until
	// its context is done, and leaves nothing running.
	Shop func(Premises) (run func(context.Context) error, err error)
	// Databases has the one in which the shop keeps its books.
	Databases *Databases
}

// Compose makes those who take part in a story. It is called in the bubble.
type Compose func(context.Context, environment.Setup) (Parts, error)

// world is one built world. It is a harness.Set.
type world struct {
	recorder *environment.Recorder
	network  *Network
	parts    Parts
	routes   observe.Routes
	proxies  map[observe.Hop]*proxy
	taps     []*tap.Tap
	shop     *shop
	serving  sync.WaitGroup
	closers  []func() error // in the order of building

	decisions environment.Decisions
}

func build(compose Compose) environment.Build {
	return func(ctx context.Context, b environment.Brief, r *environment.Recorder) (environment.Environment, error) {
		if b.Clock > units.Wall {
			return nil, fmt.Errorf("virtual time takes none: its clock is not divided, and this one is, by %s", b.Clock)
		}
		w := &world{recorder: r, network: NewNetwork(hash(b.Seed, b.Story)), proxies: map[observe.Hop]*proxy{}}
		if err := w.build(ctx, compose, b); err != nil {
			return nil, errors.Join(err, w.Close())
		}
		return w, nil
	}
}

func (w *world) build(ctx context.Context, compose Compose, brief environment.Brief) (err error) {
	w.routes = brief.Routes
	webhooks := &http.Transport{
		DisableCompression: true, DialContext: w.network.Dialer("provider"), ReadBufferSize: tap.Buffer,
	}
	w.parts, err = compose(ctx, environment.Setup{
		Brief: brief, See: w.recorder.See, AddSecrets: w.recorder.AddSecrets, KeepHeaders: w.recorder.KeepHeaders, Redact: w.recorder.Redact,
		ShopURL: "http://" + customerTap, WebhookURL: "http://" + webhookTap, Webhooks: w.network.Apart(webhooks), Dialer: w.network.Dialer, Decides: w.decisions.Of,
		PagesURL: "http://" + pagesTap,
	})
	if err != nil {
		return err
	}
	if brief.Shop.PaysAtProvider {
		if err := w.pages(); err != nil {
			return err
		}
	}
	db, err := w.parts.Databases.take()
	if err != nil {
		return err
	}
	w.later(func() error { return w.parts.Databases.putBack(db) })
	w.shop = &shop{network: w.network, books: newBooks(w.network.seed, db), see: w.recorder.See, open: w.parts.Shop, urls: map[observe.Hop]string{}}
	if brief.Books && len(w.parts.Databases.Books) > 0 {
		w.recorder.Hook(w.readsBooks)
	}
	w.parts.HearTheShop(w.recorder)

	toShop := func(who string) func(context.Context) (net.Conn, error) {
		return func(ctx context.Context) (net.Conn, error) { return w.network.dial(ctx, who, shopHost, nil) }
	}
	customers := tap.Config{Hop: observe.CustomerHop, Dial: toShop("customers"), Reads: w.parts.Reads, IsLook: w.parts.Looks}
	if err := w.hop(customers, customerTap, customerTap, nil); err != nil {
		return err
	}
	if err := w.hop(tap.Config{Hop: observe.WebhookHop, Dial: toShop("webhooks")}, webhookTap, webhookTap, nil); err != nil {
		return err
	}
	for _, c := range w.parts.Callees {
		at, callee := hosts(c.Hop)
		w.shop.urls[c.Hop] = "http://" + at + ":80"
		dial := func(ctx context.Context) (net.Conn, error) { return w.network.dial(ctx, at, callee+":80", nil) }
		if err := w.hop(tap.Config{Hop: c.Hop, Caller: true, Dial: dial}, at+":80", callee+":80", c.Handler); err != nil {
			return err
		}
	}
	w.later(func() error { webhooks.CloseIdleConnections(); return nil })
	if w.parts.Close != nil {
		w.later(w.parts.Close)
	}
	for _, s := range brief.Injections {
		if p := w.proxies[s.Hop]; p != nil && s.Fault.Kind == fault.ResetPeer {
			p.prepare()
		}
	}
	w.later(w.shop.stop)
	if err := w.shop.start(); err != nil {
		return err
	}
	// The script starts at a whole second, however long the shop took to make
	// its database ready: it does not have to do so every time.
	now := time.Now()
	time.Sleep(now.Truncate(time.Second).Add(time.Second).Sub(now))
	return nil
}

// pages builds the hop from customers to the provider's pages.
func (w *world) pages() error {
	if err := w.parts.MustPay(); err != nil {
		return err
	}
	dial := func(ctx context.Context) (net.Conn, error) { return w.network.dial(ctx, "pay", pagesHost, nil) }
	return w.hop(tap.Config{Hop: observe.PayingHop, Caller: true, Dial: dial}, pagesTap, pagesHost, w.parts.Pages)
}

func (w *world) later(closer func() error) { w.closers = append(w.closers, closer) }

// hop builds one hop: a tap that listens at its own host, a proxy before the
// host that is to be proxied, and the fake behind it, if there is one.
func (w *world) hop(c tap.Config, at, proxied string, fake http.Handler) error {
	p := w.network.before(proxied, c.Hop)
	w.proxies[c.Hop] = p
	w.later(p.close)
	if fake != nil {
		l, err := w.network.listen(proxied)
		if err != nil {
			return err
		}
		one := new(http.Protocols)
		one.SetHTTP1(true)
		server := &http.Server{Handler: fake, ErrorLog: log.New(io.Discard, "", 0), Protocols: one}
		w.serving.Go(func() { _ = server.Serve(l) })
		w.later(server.Close)
	}
	l, err := w.network.listen(at)
	if err != nil {
		return err
	}
	c.Clock, c.See, c.Routes, c.Apart = units.Wall, w.recorder.See, w.routes, w.network.apart(c.Hop)
	t := tap.New(c)
	w.taps = append(w.taps, t)
	w.serving.Go(func() { _ = t.Serve(l) })
	w.later(t.Close)
	return nil
}

// Arm hands the injections to the taps, and to the provider.
func (w *world) Arm(a *injection.Injector) {
	w.decisions.Arm(a)
	for _, t := range w.taps {
		t.Arm(a)
	}
}

// Tab implements harness.Set.
func (w *world) Tab(customer, name string) (environment.Tab, error) {
	t, err := w.parts.Tab(customer, name)
	if err != nil {
		return nil, err
	}
	return &tab{Tab: t, seed: w.network.seed, who: customer + "/" + name}, nil
}

// Install implements harness.Backend.
func (w *world) Install(s injection.Injection) (func() error, error) {
	p := w.proxies[s.Hop]
	if p == nil {
		return nil, fmt.Errorf("this world has no hop %s", s.Hop)
	}
	return p.install(s)
}

// Kill implements harness.Backend.
func (w *world) Kill(name string) error { return w.named(name, w.shop.kill) }

// Revive implements harness.Backend.
func (w *world) Revive(name string) error { return w.named(name, w.shop.start) }

// Pause implements harness.Backend: goroutines cannot be stopped like a process.
func (w *world) Pause(string) error {
	return errors.New("virtual time cannot pause a shop that runs in this process: stage the story on the wire (UNHAPPY_WORLD=wire)")
}

// Resume implements harness.Backend.
func (w *world) Resume(name string) error { return w.Pause(name) }

// ForgetTokens implements harness.Backend.
func (w *world) ForgetTokens() error { return w.parts.Forget() }

func (w *world) named(name string, do func() error) error {
	if name != "checkout" {
		return fmt.Errorf("there is no process %q to inject into; there is “checkout”", name)
	}
	return do()
}

// settleTime is how far the clock may jump at least until a world has come to rest: a day,
// after which a provider's page ends that nobody paid on, and what follows from that.
const settleTime = 25 * time.Hour

// Settle implements harness.Set; see harness.Quiescence.
func (w *world) Settle(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, w.parts.Patience(settleTime))
	defer stop()
	return environment.Quiescence{
		Recorder: w.recorder, Clock: units.Wall, Parts: w.parts.Parts, InFlight: w.inFlight,
	}.Await(ctx)
}

func (w *world) inFlight() int {
	n := 0
	for _, t := range w.taps {
		n += t.InFlight()
	}
	return n
}

// Close takes the world down, last built first. What ends with one part comes to its
// end before the next part goes: otherwise chance would say which of them ended it.
func (w *world) Close() error {
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
		time.Sleep(time.Nanosecond) // until nothing moves in this instant
	}
	w.closers = nil
	w.serving.Wait()
	return errors.Join(errs...)
}
