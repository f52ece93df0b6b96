package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/authority"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/tap"
	"github.com/unhappypath/unhappypath/harness/units"
)

const (
	shortTimeout = time.Second     // that a caller sets, where an answer comes late
	late         = 3 * time.Second // that such an answer comes
	// stalled is for how long an answer is half there: longer than all tries of a client whose
	// time-out covers the body.
	stalled = 30 * time.Second
)

// wrong is one way in which each answer to a payment's creation goes wrong.
type wrong struct {
	name    string
	inject  injection.Injection
	status  int // in the provider's own words, or in the tap's where it has none; 0: inject
	timeout time.Duration
}

// faults are the rows of the table.
func faults() []wrong {
	arrives := injection.On(observe.CreatePayment)
	answered := arrives.Answered()
	return []wrong{
		{name: "nothing"},
		{name: "the answer is lost, the connection ends", inject: answered.Closes()},
		{name: "the connection is reset", inject: answered.Resets()},
		{name: "the answer comes later than the time-out", inject: answered.Delays(late), timeout: shortTimeout},
		{name: "the answer is cut inside its body", inject: answered.Truncates()},
		{name: "the answer stalls inside its body", inject: answered.Stalls().Lasting(stalled), timeout: shortTimeout},
		{name: "500, JSON", status: http.StatusInternalServerError},
		{name: "503, JSON", status: http.StatusServiceUnavailable},
		{name: "503, a page of HTML", inject: arrives.AnswersWith(http.StatusServiceUnavailable, fault.HTML)},
		{name: "503, empty", inject: arrives.AnswersWith(http.StatusServiceUnavailable, fault.NoBody)},
		{name: "429, JSON", status: http.StatusTooManyRequests},
		{name: "409, JSON", status: http.StatusConflict},
	}
}

// seen is what came of one client and one fault.
type seen struct {
	requests, keyless, payments int
	hits                        int // messages that went wrong
	keys                        map[string]bool
	heard                       heard
	waited                      bool // until what went wrong was over
}

// buyer creates a payment at an address; client.buys is one.
type buyer func(ctx context.Context, address string, facts map[string]string, timeout time.Duration) (heard, error)

// measure lets a client of the provider create one payment at a fake of it, with the fault.
// Where there is an authority, the client is told an address of HTTPS.
func measure(ctx context.Context, kind provider.Kind, w wrong, by *authority.Authority, buys buyer) (s seen, err error) {
	injections := w.injections(kind)
	recorder := environment.NewRecorder(units.Wall, nil)
	facts := kind.Filled(nil)
	fake, err := kind.New(provider.Config{Account: facts, ApproveAfter: -1, Transport: http.DefaultTransport, Rand: rand.Reader, See: recorder.See})
	if err != nil {
		return s, err
	}
	defer fake.Close()
	if w.status != 0 && kind.Fail != nil {
		kind.Fail(fake, 1000, w.status)
	}
	behind, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return s, err
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(behind) })
	defer func() { err = errors.Join(err, server.Close()); serving.Wait() }()

	if injections, err = injections.Resolve(kind.Routes); err != nil {
		return s, err
	}
	var broke error
	injector := injection.NewInjector(injections, units.Wall, recorder.See, nil, func(why error) { broke = why })
	station := tap.New(tap.Config{
		Hop: observe.ProviderHop, Caller: true, Clock: units.Wall, See: recorder.See, Routes: kind.Routes,
		Dial: func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", behind.Addr().String())
		},
	})
	station.Arm(injector)
	before, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return s, err
	}
	address := "http://" + before.Addr().String()
	if by != nil {
		address, before = "https://"+before.Addr().String(), tls.NewListener(before, by.Config())
	}
	serving.Go(func() { _ = station.Serve(before) })
	recorder.Begin()
	injector.Start()
	said, err := buys(ctx, address, facts, w.timeout)
	waited := slices.ContainsFunc(recorder.History(), isHealed)
	injector.Stop()
	if err = errors.Join(err, station.Close()); err != nil {
		return s, err
	}
	s = count(recorder.History())
	s.heard, s.waited = said, waited
	if len(injections) > 0 && s.hits == 0 && broke == nil {
		broke = fmt.Errorf("%s: %s had no effect on %d requests; it heard %s", w.name, injections[0], s.requests, said)
	}
	return s, broke
}

// injections are what the tap deals: nothing where the provider has words of its own.
func (w wrong) injections(kind provider.Kind) injection.Schedule {
	switch {
	case w.status != 0 && kind.Fail == nil:
		return injection.Schedule{injection.On(observe.CreatePayment).Answers(w.status)}
	case w.status != 0, w.inject.Fault.Kind == "":
		return nil
	}
	return injection.Schedule{w.inject}
}

func isHealed(e observe.Event) bool {
	return e.Kind == observe.Injected && e.Effect.What == observe.Healed
}

// count counts what the tap saw of the client, and what the ledger has.
func count(history []observe.Event) seen {
	s := seen{keys: map[string]bool{}}
	for _, e := range history {
		switch m := e.Message; {
		case e.Kind == observe.Money && e.Entry.Op == observe.MoneyCreated:
			s.payments++
		case e.Kind == observe.Injected && e.Effect.What == observe.Fired:
			s.hits++
		case e.ByTap() && e.Kind == observe.Sent && m.Operation == observe.CreatePayment:
			s.requests++
			if key := m.Header["Idempotency-Key"]; key != "" {
				s.keys[key] = true
			} else {
				s.keyless++
			}
		}
	}
	return s
}

// row is what came of a client, by the fault.
type row struct {
	client
	faults []wrong
	seen   []seen
}

// measureAll measures the clients side by side, and the faults one after the other.
func measureAll(ctx context.Context, clients []client) ([]row, error) {
	rows := make([]row, len(clients))
	errs := make([]error, len(clients))
	var measuring sync.WaitGroup
	for i, c := range clients {
		measuring.Go(func() {
			kind, err := fakes.Providers().Find(c.Provider)
			rows[i] = row{client: c, faults: faults()}
			for _, w := range rows[i].faults {
				if err != nil {
					break
				}
				var s seen
				s, err = measure(ctx, kind, w, c.by, c.buys)
				rows[i].seen = append(rows[i].seen, s)
			}
			if err != nil {
				errs[i] = fmt.Errorf("%s %v: %w", c.Name, c.Command, err)
			}
		})
	}
	measuring.Wait()
	return rows, errors.Join(errs...)
}
