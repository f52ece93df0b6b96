package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/toxic"
	"github.com/unhappypath/unhappypath/harness/units"
)

// toxiproxies are the proxies of one world, one a hop, in this process.
type toxiproxies struct {
	clock  units.Clock
	direct bool // leave the proxies out; see BuildDirect
	server *toxiproxy.ApiServer
	ports  *Ports

	mu      sync.Mutex
	proxies map[observe.Hop]*toxiproxy.Proxy
	taken   []int // ports, to be given back
	names   int
}

func newToxiproxies(p units.Clock, ports *Ports, direct bool) *toxiproxies {
	setUp()
	return &toxiproxies{
		clock: p, direct: direct, ports: ports, server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()),
		proxies: map[observe.Hop]*toxiproxy.Proxy{},
	}
}

// add puts a proxy before upstream and returns its address. It listens at the port, or at
// any that is free where that is 0.
func (t *toxiproxies) add(hop observe.Hop, upstream string, fixed int) (string, error) {
	if t.direct {
		return upstream, nil
	}
	for {
		port := fixed
		if fixed == 0 {
			var err error
			if port, err = t.ports.Free(); err != nil {
				return "", fmt.Errorf("toxiproxy on %s: %w", hop, err)
			}
		}
		p := toxiproxy.NewProxy(t.server, string(hop), onLoopback(port), upstream)
		err := p.Start()
		if errors.Is(err, syscall.EADDRINUSE) && fixed == 0 {
			continue // another process was quicker
		}
		if err != nil {
			return "", fmt.Errorf("toxiproxy on %s: %w", hop, err)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.proxies[hop] = p
		if fixed == 0 {
			t.taken = append(t.taken, port)
		}
		return p.Listen, nil
	}
}

// prepare readies the hops on which connections are to be reset. Toxiproxy sets
// a connection up for a reset (SO_LINGER) when it begins under a reset_peer; one
// that is added later ends it with a FIN. So there is one from the beginning,
// with a toxicity of 0, and the injection adds another. (To raise its toxicity
// would be simpler, but Toxiproxy writes that while its links read it.)
func (t *toxiproxies) prepare(s injection.Schedule) error {
	for _, injection := range s {
		if t.direct || injection.Fault.Kind != fault.ResetPeer {
			continue
		}
		if _, err := t.addToxic(injection, string(injection.Fault.Kind), 0); err != nil {
			return err
		}
	}
	return nil
}

// install puts a transport injection in place.
func (t *toxiproxies) install(s injection.Injection) (heal func() error, err error) {
	if t.direct {
		return func() error { return nil }, nil
	}
	p, err := t.proxy(s.Hop)
	if err != nil {
		return nil, err
	}
	if s.Fault.Kind == fault.Down {
		p.Stop()
		return p.Start, nil
	}
	name, err := t.addToxic(s, toxicOf(s.Fault.Kind), 1)
	return func() error { return p.Toxics.RemoveToxic(context.Background(), name) }, err
}

func (t *toxiproxies) proxy(hop observe.Hop) (*toxiproxy.Proxy, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.proxies[hop]
	if p == nil {
		return nil, fmt.Errorf("this world has no hop %s", hop)
	}
	return p, nil
}

func (t *toxiproxies) addToxic(s injection.Injection, kind string, toxicity float64) (string, error) {
	p, err := t.proxy(s.Hop)
	if err != nil {
		return "", err
	}
	attributes, err := toxic.Of(s.Fault, t.clock)
	if err != nil {
		return "", fmt.Errorf("injection %q: %w", s, err)
	}
	t.mu.Lock()
	t.names++
	name := fmt.Sprintf("injection-%d", t.names)
	t.mu.Unlock()
	text, err := json.Marshal(map[string]any{
		"name": name, "type": kind, "stream": s.Fault.Direction,
		"toxicity": toxicity, "attributes": attributes,
	})
	if err != nil {
		return "", err
	}
	if _, err := p.Toxics.AddToxicJson(strings.NewReader(string(text))); err != nil {
		return "", fmt.Errorf("injection %q: toxiproxy: %w", s, err)
	}
	return name, nil
}

// close takes the proxies down.
func (t *toxiproxies) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.proxies {
		p.Toxics.ResetToxics(context.Background())
		p.Stop()
	}
	for _, port := range t.taken {
		t.ports.GiveBack(port)
	}
	return nil
}
