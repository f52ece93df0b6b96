package compose

import (
	"errors"
	"os"
	"sync"

	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// Sites are where somebody's own shop lives on from one enactment to the next, made to
// forget by a request. There are as many as enactments at once.
type Sites struct {
	target    *target.Target
	providers func() provider.Catalog
	ports     *wire.Ports

	mu   sync.Mutex
	idle []*site
}

// site is one of them. Whatever a process of the shop is told when it starts stays the same.
type site struct {
	wire   *wire.Site
	data   string        // a folder of the shop's own
	kind   provider.Kind // whose tokens stay valid at this site, and nowhere else
	secret string        // of webhooks
	trust  *trust        // nil: none yet, or none at all
}

// NewSites are the sites of a shop; nil where it cannot live on: where nothing but a restart
// lets it forget, where it runs already, and where each enactment has a database of its own.
// Each site has a provider of its own call of providers.
func NewSites(t *target.Target, providers func() provider.Catalog, ports *wire.Ports) *Sites {
	if t.Reset.Post == "" || t.Service.URL != "" || t.Database != "" || len(t.FixedPorts()) > 0 {
		return nil
	}
	return &Sites{target: t, providers: providers, ports: ports}
}

// take is a site at which nobody is: one that was left last, or a new one. Nil has none.
func (s *Sites) take() (*site, error) {
	if s == nil {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		at := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return at, nil
	}
	kind, err := s.providers().Find(s.target.Payments.Provider)
	if err != nil {
		return nil, err
	}
	data, err := os.MkdirTemp("", "unhappy-path-")
	if err != nil {
		return nil, err
	}
	empty := func() error { return errors.Join(os.RemoveAll(data), os.Mkdir(data, 0o700)) }
	return &site{wire: wire.NewSite(s.ports, empty), data: data, kind: kind}, nil
}

// put gives a site back. One at which no shop lives is of no use.
func (s *Sites) put(at *site) error {
	if !at.wire.Lives() {
		return at.close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, at)
	return nil
}

// Close ends the shops that live on. Nil has none.
func (s *Sites) Close() (err error) {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.idle {
		err = errors.Join(err, at.close())
	}
	s.idle = nil
	return err
}

func (at *site) close() error {
	return errors.Join(at.wire.Close(), os.RemoveAll(at.data), at.trust.close())
}
