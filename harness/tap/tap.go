package tap

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
)

// maxMessage is the longest body that a tap carries, in bytes.
const maxMessage = 16 << 20

// Config is what a tap needs. All fields but Reads are required.
type Config struct {
	Hop observe.Hop
	// Caller says that the tap stands at the caller's end of the hop: it tells
	// of messages as sent and received, and names the calls for the far end.
	// Otherwise it stands at the callee's, and tells of arrivals and answers.
	Caller bool
	Dial   func(context.Context) (net.Conn, error) // to the next station of the hop
	// Choose picks who gets a message, as a balancer does before several who serve alike;
	// nil: the one that Dial reaches. Optional.
	Choose func(observe.Message) *Server
	Clock  units.Clock
	See    observe.Observer
	// Routes are how shop, provider and carrier spell operations: the tap names the
	// operation of each message that one of them fits.
	Routes observe.Routes
	// Reads says which top-level JSON fields the caller reads from which
	// answer, such as "GET /orders/{id}" → ["status"]. An answer without them
	// is told as drift, after all rewriting.
	Reads map[string][]string
	// Apart is how much later the n-th message goes on than another one with which it is
	// let go, where no two events may share an instant. Nil: they go on at once.
	Apart func(n int) time.Duration
	// IsLook says which messages look on and change nothing: they are not counted
	// as under way. Nil: none does.
	IsLook func(observe.Message) bool
}

// Server is a process of the shop that gets a message.
type Server struct {
	Process string
	// Dial connects for one message, and says who was reached: where nobody listens, it
	// may be another one. Nil: there is no other, who is reached as ever.
	Dial func(context.Context) (conn net.Conn, process string, err error)
}

// Tap is one tap.
type Tap struct {
	Config
	caller   atomic.Pointer[expectation]
	routes   observe.Routes // of the hop, those with a Where first
	injector atomic.Pointer[injection.Injector]
	count    atomic.Int64
	server   *http.Server
	ctx      context.Context
	stop     context.CancelFunc
	work     sync.WaitGroup // the callers' connections, and readers of the callee's
	flying   atomic.Int64

	mu      sync.Mutex
	pairs   map[net.Conn]*pair // by the caller's connection
	callers map[string]string  // the shop's processes that call, by the address that they call
	closed  bool
}

// New makes a tap.
func New(c Config) *Tap {
	t := &Tap{Config: c, routes: ofHop(c.Routes, c.Hop), pairs: map[net.Conn]*pair{}, callers: map[string]string{}}
	t.Expect(c.Reads, c.IsLook)
	t.ctx, t.stop = context.WithCancel(context.Background())
	one := new(http.Protocols)
	one.SetHTTP1(true) // the other is costly to set up, and no tap speaks it
	t.server = &http.Server{
		Protocols:   one,
		Handler:     http.HandlerFunc(t.carry),
		ErrorLog:    log.New(&refusals{t}, "", 0), // aborted connections are the tap's trade
		ConnContext: t.welcome,
		ConnState:   t.follow,
	}
	return t
}

// welcome pairs a new connection of a caller. It counts as work until it is
// closed, and all that runs for it within that.
func (t *Tap) welcome(ctx context.Context, c net.Conn) context.Context {
	p := &pair{tap: t, caller: c}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		_ = c.Close() // accepted while the tap was closed
		return ctx
	}
	p.process = t.callers[c.LocalAddr().String()]
	t.pairs[c] = p
	t.work.Add(1)
	return context.WithValue(ctx, pairKey{}, p)
}

// follow sees what happens to a caller's connection.
func (t *Tap) follow(c net.Conn, s http.ConnState) {
	t.mu.Lock()
	p := t.pairs[c]
	if s == http.StateClosed {
		delete(t.pairs, c)
	}
	t.mu.Unlock()
	if p == nil {
		return
	}
	switch s {
	case http.StateActive:
		p.hold()
	case http.StateIdle:
		p.release()
	case http.StateClosed:
		p.hangUp()
		t.work.Done()
	}
}

// Arm hands the tap the injections that may hit its messages.
func (t *Tap) Arm(a *injection.Injector) { t.injector.Store(a) }

// ServeFor is Serve for a process of the shop, which calls at an address of its own.
func (t *Tap) ServeFor(process string, l net.Listener) error {
	t.mu.Lock()
	t.callers[l.Addr().String()] = process
	t.mu.Unlock()
	return t.Serve(l)
}

// Serve serves the callers until Close.
func (t *Tap) Serve(l net.Listener) error {
	err := t.server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// expectation is what the tap knows of its callers.
type expectation struct {
	reads  []reading
	isLook func(observe.Message) bool
}

// Expect takes the place of what the Config says of Reads and IsLook, for a tap
// that is made before its callers are known.
func (t *Tap) Expect(reads map[string][]string, isLook func(observe.Message) bool) {
	t.caller.Store(&expectation{readingsOf(reads), isLook})
}

// InFlight is the number of messages that have not got their answer, without looks.
func (t *Tap) InFlight() int { return int(t.flying.Load()) }

// Close ends every connection and returns when nothing of the tap runs.
func (t *Tap) Close() error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.stop()
	err := t.server.Close()
	t.work.Wait()
	return err
}
