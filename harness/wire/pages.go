package wire

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// pages is the hop from customers to the provider's pages. Its addresses are known before it
// is known who answers there.
type pages struct {
	*world
	tap       *tap.Tap // nil: the story has no such hop
	listeners []net.Listener
	proxied   string
}

// plainly is where customers reach the pages.
func (p *pages) plainly() (url string, err error) {
	l, err := p.listen()
	if err != nil {
		return "", err
	}
	p.listeners = append(p.listeners, l)
	return "http://" + l.Addr().String(), nil
}

// safely implements environment.Setup.SafePages.
func (p *pages) safely(c *tls.Config) (address string, err error) {
	l, err := p.listen()
	if err != nil {
		return "", err
	}
	p.listeners = append(p.listeners, tls.NewListener(l, c))
	return l.Addr().String(), nil
}

// listen opens one more way into the hop.
func (p *pages) listen() (net.Listener, error) {
	if p.tap != nil {
		return listen(0)
	}
	t, l, err := p.world.tap(tap.Config{Hop: observe.PayingHop, Caller: true, Dial: func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", p.proxied)
	}}, 0)
	p.tap = t
	return l, err
}

// answer lets the pages be served where anybody is to reach them.
func (p *pages) answer(handler http.Handler) (err error) {
	if p.tap == nil {
		return nil
	}
	p.proxied, err = p.callee(observe.PayingHop, handler)
	for _, l := range p.listeners {
		p.serve(p.tap.Serve, l)
	}
	return err
}
