package virtual

import (
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/toxic"
	"github.com/unhappypath/unhappypath/harness/units"
)

// proxy stands where Toxiproxy stands on the wire: before the callee of a hop.
type proxy struct {
	hop  observe.Hop
	work sync.WaitGroup // what it does on its own
	// resets says that it ends every connection with a reset; see prepare.
	resets atomic.Bool

	mu      sync.Mutex // never held while anything waits
	down    bool
	toxics  []*toxics.ToxicWrapper
	tunnels []*tunnel // open ones, in the order in which they were dialled
}

// tunnel is a connection through the proxy.
type tunnel struct {
	up, down *flow
	links    map[*toxics.ToxicWrapper]*link
}

func (t *tunnel) flow(d stream.Direction) *flow {
	if d == stream.Upstream {
		return t.up
	}
	return t.down
}

// before puts a proxy before a host.
func (n *Network) before(host string, hop observe.Hop) *proxy {
	p := &proxy{hop: hop}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.proxies[host] = p
	return p
}

// later does something on its own goroutine; close waits for it.
func (p *proxy) later(do func()) { p.work.Go(do) }

func (p *proxy) isDown() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

// prepare lets the proxy end every connection with a reset. Toxiproxy sets a
// connection up for it when it begins under a reset_peer toxic, which the wire
// world therefore puts in place, without effect, before the script starts.
func (p *proxy) prepare() { p.resets.Store(true) }

// farewell is how the proxy ends a connection.
func (p *proxy) farewell() error {
	if p.resets.Load() {
		return syscall.ECONNRESET
	}
	return io.EOF
}

// join leads a new connection through the proxy, unless that is down.
func (p *proxy) join(up, down *flow) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return false
	}
	up.proxy, down.proxy = p, p
	t := &tunnel{up: up, down: down, links: map[*toxics.ToxicWrapper]*link{}}
	p.tunnels = append(slices.DeleteFunc(p.tunnels, (*tunnel).isOver), t)
	for _, w := range p.toxics {
		t.add(w)
	}
	return true
}

func (t *tunnel) isOver() bool { return t.up.isOver() && t.down.isOver() }

func (f *flow) isOver() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.over && len(f.links) == 0
}

func (t *tunnel) add(w *toxics.ToxicWrapper) {
	f := t.flow(w.Direction)
	l := newLink(f, w)
	t.links[w] = l
	f.add(l)
}

// install puts a transport injection in place and returns how to take it away.
func (p *proxy) install(s injection.Injection) (heal func() error, err error) {
	if s.Fault.Kind == fault.Down {
		p.goDown()
		return func() error { p.comeBack(); return nil }, nil
	}
	made, err := toxic.Of(s.Fault, units.Wall)
	if err != nil {
		return nil, err
	}
	w := &toxics.ToxicWrapper{Toxic: made, Toxicity: 1, Direction: stream.Downstream}
	if s.Fault.Direction == fault.Upstream {
		w.Direction = stream.Upstream
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.toxics = append(p.toxics, w)
	for _, t := range p.tunnels {
		t.add(w)
	}
	return func() error { p.remove(w); return nil }, nil
}

func (p *proxy) remove(w *toxics.ToxicWrapper) {
	p.mu.Lock()
	p.toxics = slices.DeleteFunc(p.toxics, func(other *toxics.ToxicWrapper) bool { return other == w })
	var links []*link
	for _, t := range p.tunnels {
		if l := t.links[w]; l != nil {
			links = append(links, l)
		}
	}
	p.mu.Unlock()
	for _, l := range links {
		l.flow.remove(l)
	}
}

func (p *proxy) goDown() {
	p.mu.Lock()
	p.down = true
	tunnels := p.tunnels
	p.tunnels = nil
	p.mu.Unlock()
	for _, t := range tunnels {
		t.up.cut()
		t.down.cut()
	}
}

func (p *proxy) comeBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}

// close ends every connection and returns when nothing of the proxy runs.
func (p *proxy) close() error {
	p.goDown()
	p.work.Wait()
	return nil
}
