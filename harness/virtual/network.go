package virtual

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// Network is a network in memory. Hosts are names with a port; who listens on
// one is reached by it, through the hop's proxy where it has one.
type Network struct {
	seed uint64

	mu        sync.Mutex
	listeners map[string]*listener
	proxies   map[string]*proxy // by the host that they stand before
	ordinals  map[string]int    // connections dialled so far, by route
}

// NewNetwork makes a network whose delays derive from the seed. It is made and
// used in one bubble.
func NewNetwork(seed uint64) *Network {
	return &Network{
		seed: seed, listeners: map[string]*listener{}, proxies: map[string]*proxy{}, ordinals: map[string]int{},
	}
}

// Listen listens on a host, such as "checkout:80".
func (n *Network) Listen(host string) (net.Listener, error) { return n.listen(host) }

func (n *Network) listen(host string) (*listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[host] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: address(host), Err: syscall.EADDRINUSE}
	}
	l := &listener{network: n, host: host, arrivals: make(chan *conn, backlog), closed: make(chan struct{})}
	n.listeners[host] = l
	return l, nil
}

// backlog is how many connections wait to be accepted before a dialler waits.
const backlog = 128

// Dialer returns the dial function of somebody who calls from the given place;
// its form is that of net.Dialer.DialContext. The delays of a connection derive
// from the place, the host, and how many connections were dialled between them
// before, so each actor who acts on his own dials from a place of his own.
func (n *Network) Dialer(from string) func(ctx context.Context, network, host string) (net.Conn, error) {
	return func(ctx context.Context, _, host string) (net.Conn, error) { return n.dial(ctx, from, host, nil) }
}

// dial connects; gone is told when the near end is closed, if it is not nil.
func (n *Network) dial(ctx context.Context, from, host string, gone func(*conn)) (*conn, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	there, here := net.Addr(address(host)), net.Addr(address(from))
	refused := func() error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: there, Err: syscall.ECONNREFUSED}
	}
	n.mu.Lock()
	l, p := n.listeners[host], n.proxies[host]
	route := from + ">" + host
	n.ordinals[route]++
	ordinal := n.ordinals[route]
	n.mu.Unlock()
	if l == nil || p != nil && p.isDown() {
		return nil, refused()
	}
	up, down := newFlow(n.seed, route, ordinal, "up"), newFlow(n.seed, route, ordinal, "down")
	up.back, down.back = down, up
	near := &conn{local: here, remote: there, in: down.pipe, out: up, gone: gone}
	far := &conn{unserved: true, local: there, remote: here, in: up.pipe, out: down}
	if p != nil && !p.join(up, down) {
		return nil, refused()
	}
	if err := l.welcome(ctx, far); err != nil {
		_ = near.Close()
		_ = far.Close()
		if err == errNobodyListens {
			return nil, refused()
		}
		return nil, err
	}
	return near, nil
}

var errNobodyListens = syscall.ECONNREFUSED

// listener is a net.Listener of a Network.
type listener struct {
	network  *Network
	host     string
	arrivals chan *conn
	once     sync.Once
	closed   chan struct{}

	// owner is told of every connection that was accepted, if it is not nil.
	owner func(*conn)
}

func (l *listener) welcome(ctx context.Context, c *conn) error {
	select {
	case l.arrivals <- c:
		return nil
	case <-l.closed:
		return errNobodyListens
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed: // first, since a closed listener accepts nobody
		return nil, net.ErrClosed
	default:
	}
	select {
	case c := <-l.arrivals:
		if l.owner != nil {
			l.owner(c)
		}
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Those who have connected and were not accepted
// are reset.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.network.mu.Lock()
		delete(l.network.listeners, l.host)
		l.network.mu.Unlock()
		close(l.closed)
		for {
			select {
			case c := <-l.arrivals:
				_ = c.SetLinger(0)
				_ = c.Close()
			default:
				return
			}
		}
	})
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return address(l.host) }
