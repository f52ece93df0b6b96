package virtual

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// Premises is where the shop does its work in one of its lives.
type Premises struct {
	// Listener is where it serves.
	Listener net.Listener
	// Dial is its way into the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Apart wraps the transport on which it calls: without it, one seed is not one
	// history.
	Apart func(http.RoundTripper) http.RoundTripper
	// DB holds its books. They outlive it; the handle does not.
	DB *sql.DB
	// URLs are where its calls go.
	URLs map[observe.Hop]string
}

// shop is the shop under test, killed and started again.
type shop struct {
	network *Network
	books   *books
	urls    map[observe.Hop]string // of the callees
	see     observe.Observer
	open    func(Premises) (run func(context.Context) error, err error)

	mu      sync.Mutex
	running *life
	died    error // it ended by itself
	lives   sync.WaitGroup
}

// shopHost is where the taps reach the shop.
const shopHost = "shop:80"

// life is the time from a start of the shop to its end.
type life struct {
	dead     atomic.Bool // no way out any more, nor to the books
	cancel   context.CancelFunc
	over     chan struct{}
	listener *listener

	mu    sync.Mutex
	conns []*conn // open ones, in the order in which they were made
}

// keep remembers a connection as one that the life's end ends.
func (l *life) keep(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
}

func (l *life) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.conns, c); i >= 0 {
		l.conns = slices.Delete(l.conns, i, i+1)
	}
}

// end ends everything in the way in which a kernel ends what a process has
// left open. What still runs of the process finds every door closed.
func (l *life) end() {
	l.dead.Store(true)
	_ = l.listener.Close()
	l.mu.Lock()
	conns := slices.Clone(l.conns)
	l.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
	l.cancel()
}

func (s *shop) start() error {
	listener, err := s.network.listen(shopHost)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := &life{cancel: cancel, over: make(chan struct{}), listener: listener}
	listener.owner = func(c *conn) {
		c.gone = l.forget
		l.keep(c)
	}
	s.tell(observe.ProcessStarted)
	db := s.books.forLife(&l.dead)
	run, err := s.open(Premises{
		Listener: listener, DB: db, URLs: s.urls,
		Apart: s.network.Apart,
		Dial: func(ctx context.Context, _, host string) (net.Conn, error) {
			if l.dead.Load() {
				return nil, errKilled
			}
			c, err := s.network.dial(ctx, "checkout", host, l.forget)
			if err != nil {
				return nil, err
			}
			l.keep(c)
			return c, nil
		},
	})
	if err != nil {
		l.end()
		return errors.Join(fmt.Errorf("the shop could not be started: %w", err), db.Close())
	}
	s.mu.Lock()
	s.running = l
	s.mu.Unlock()
	s.tell(observe.ProcessReady)
	s.lives.Go(func() {
		err := run(ctx)
		err = errors.Join(err, db.Close())
		close(l.over)
		s.ended(l, err)
	})
	return nil
}

// ended notices when a life ends without being asked.
func (s *shop) ended(l *life, err error) {
	s.mu.Lock()
	mine := s.running == l
	if mine {
		s.running = nil
		s.died = errors.New("the shop ended by itself")
		if err != nil {
			s.died = fmt.Errorf("the shop ended by itself: %w", err)
		}
	}
	s.mu.Unlock()
	if mine {
		l.end()
		s.tell(observe.ProcessExited)
	}
}

// kill ends the shop in mid-movement. What it still tries comes to nothing.
func (s *shop) kill() error {
	l := s.claim()
	if l == nil {
		return fmt.Errorf("the shop is to be killed: %w", injection.ErrNotRunning)
	}
	l.end()
	s.tell(observe.ProcessKilled)
	return nil
}

// claim says that the running life ends because we want it to.
func (s *shop) claim() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.running
	s.running = nil
	return l
}

// stop ends the shop for good, and returns when nothing of any of its lives
// runs. It is an error if the shop had ended by itself.
func (s *shop) stop() error {
	l := s.claim()
	if l != nil {
		s.tell(observe.ProcessStopped)
		l.end()
	}
	s.lives.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.died
}

func (s *shop) tell(what observe.Stage) {
	s.see(observe.Event{Actor: "checkout", Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: what}})
}
