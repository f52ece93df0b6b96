package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/unhappypath/unhappypath/harness"
)

// toxiproxies are the proxies of one world, one a hop, in this process.
type toxiproxies struct {
	pace   harness.Pace
	direct bool // leave the proxies out; see BuildDirect
	server *toxiproxy.ApiServer

	mu      sync.Mutex
	proxies map[harness.Hop]*toxiproxy.Proxy
	names   int
}

func newToxiproxies(p harness.Pace, direct bool) *toxiproxies {
	setUp()
	return &toxiproxies{
		pace: p, direct: direct, server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()),
		proxies: map[harness.Hop]*toxiproxy.Proxy{},
	}
}

// add puts a proxy before upstream and returns its address.
func (t *toxiproxies) add(hop harness.Hop, upstream string) (string, error) {
	if t.direct {
		return upstream, nil
	}
	p := toxiproxy.NewProxy(t.server, string(hop), "127.0.0.1:0", upstream)
	if err := p.Start(); err != nil {
		return "", fmt.Errorf("toxiproxy on %s: %w", hop, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.proxies[hop] = p
	return p.Listen, nil
}

// prepare readies the hops on which connections are to be reset. Toxiproxy sets
// a connection up for a reset (SO_LINGER) when it begins under a reset_peer; one
// that is added later ends it with a FIN. So there is one from the beginning,
// with a toxicity of 0, and the strike adds another. (To raise its toxicity
// would be simpler, but Toxiproxy writes that while its links read it.)
func (t *toxiproxies) prepare(s harness.Schedule) error {
	for _, strike := range s {
		if t.direct || strike.Fault.Kind != harness.ResetPeerFault {
			continue
		}
		if _, err := t.addToxic(strike, string(strike.Fault.Kind), 0); err != nil {
			return err
		}
	}
	return nil
}

// install puts a transport strike in place.
func (t *toxiproxies) install(s harness.Strike) (heal func() error, err error) {
	if t.direct {
		return func() error { return nil }, nil
	}
	p, err := t.proxy(s.Hop)
	if err != nil {
		return nil, err
	}
	if s.Fault.Kind == harness.DownFault {
		p.Stop()
		return p.Start, nil
	}
	name, err := t.addToxic(s, toxicOf(s.Fault.Kind), 1)
	return func() error { return p.Toxics.RemoveToxic(context.Background(), name) }, err
}

func (t *toxiproxies) proxy(hop harness.Hop) (*toxiproxy.Proxy, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.proxies[hop]
	if p == nil {
		return nil, fmt.Errorf("this world has no hop %s", hop)
	}
	return p, nil
}

func (t *toxiproxies) addToxic(s harness.Strike, toxic string, toxicity float64) (string, error) {
	p, err := t.proxy(s.Hop)
	if err != nil {
		return "", err
	}
	attributes, err := t.attributes(s.Fault)
	if err != nil {
		return "", fmt.Errorf("strike %q: %w", s, err)
	}
	t.mu.Lock()
	t.names++
	name := fmt.Sprintf("strike-%d", t.names)
	t.mu.Unlock()
	text, err := json.Marshal(map[string]any{
		"name": name, "type": toxic, "stream": s.Fault.Direction,
		"toxicity": toxicity, "attributes": attributes,
	})
	if err != nil {
		return "", err
	}
	if _, err := p.Toxics.AddToxicJson(strings.NewReader(string(text))); err != nil {
		return "", fmt.Errorf("strike %q: toxiproxy: %w", s, err)
	}
	return name, nil
}

// attributes are the toxic's own, with its times divided like the clock, and
// its rate multiplied.
func (t *toxiproxies) attributes(f harness.Fault) (map[string]int64, error) {
	unit := time.Millisecond
	if f.Kind == harness.SlicerFault {
		unit = time.Microsecond
	}
	n, err := t.whole(unit, f.Duration)
	if err != nil {
		return nil, err
	}
	switch f.Kind {
	case harness.LatencyFault:
		return map[string]int64{"latency": n}, nil
	case harness.BandwidthFault:
		return map[string]int64{"rate": f.Rate * int64(t.pace.Story(1))}, nil
	case harness.TimeoutFault, harness.ResetPeerFault:
		return map[string]int64{"timeout": n}, nil
	case harness.SlowCloseFault:
		return map[string]int64{"delay": n}, nil
	case harness.SlicerFault:
		return map[string]int64{"average_size": f.Rate, "delay": n}, nil
	case harness.LimitDataFault:
		return map[string]int64{"bytes": f.Rate}, nil
	}
	return nil, fmt.Errorf("%s is no toxic", f.Kind)
}

// whole is a time of the story in the whole units that a toxic knows.
func (t *toxiproxies) whole(unit, d time.Duration) (int64, error) {
	real := t.pace.Real(d)
	if d > 0 && real < unit {
		return 0, fmt.Errorf("%s of the story are %s at a clock of ÷%s, and a toxic knows whole %s only: use a slower clock",
			d, real, t.pace, map[time.Duration]string{time.Millisecond: "milliseconds", time.Microsecond: "microseconds"}[unit])
	}
	return int64(real / unit), nil
}

// close takes the proxies down.
func (t *toxiproxies) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.proxies {
		p.Toxics.ResetToxics(context.Background())
		p.Stop()
	}
	return nil
}
