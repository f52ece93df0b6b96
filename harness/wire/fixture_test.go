package wire_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// soon is how long a test waits for what must come.
const soon = 15 * time.Second

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// play composes the smallest shop that there is.
type play struct {
	role    string // of the shop's process; see roles
	env     []string
	quiet   time.Duration
	within  time.Duration // for the shop to be ready; zero: as usual
	setup   environment.Setup
	charged atomic.Int64
	closed  atomic.Int64
	shop    []wire.Process // none: one that serves
}

func (p *play) compose(_ context.Context, s environment.Setup) (wire.Parts, error) {
	p.setup = s
	shop := p.shop
	for i := range shop {
		if shop[i].Command == nil {
			shop[i].Command = p.command
		}
		shop[i].Ready = heard
	}
	if shop == nil {
		shop = []wire.Process{{Name: checkout, Serves: true, Command: p.command, Within: p.within, Ready: heard}}
	}
	return wire.Parts{
		Parts: environment.Parts{
			Callees: []environment.Callee{
				{Hop: observe.ProviderHop, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					p.charged.Add(1)
					_, _ = io.WriteString(w, `{"state":"charged"}`)
				})},
				{Hop: observe.ShippingHop, Handler: http.NotFoundHandler()},
			},
			Tab: func(customer, _ string) (environment.Tab, error) {
				return &tab{customer: customer, url: s.ShopURL, see: s.See}, nil
			},
			Told:  func(observe.Event) (observe.Entry, bool) { return observe.Entry{}, false },
			Reads: map[string][]string{"PUT /orders/{id}": {"state", "status"}},
			Quiet: p.quiet,
			Close: func() error { p.closed.Add(1); return nil },
		},
		Shop: shop,
	}, nil
}

func heard(line []byte) (string, bool) { return strings.CutPrefix(string(line), listening) }

func (p *play) command(at wire.Addresses) (process.Command, error) {
	self, err := os.Executable()
	return process.Command{Path: self, Env: append(p.env, roleVar+"="+p.role, "PROVIDER_URL="+at.URLs[observe.ProviderHop],
		"GORACE=atexit_sleep_ms=0")}, err
}

// ports serve all worlds of these tests.
var ports = wire.NewPorts(os.Getpid())

// stage is a built world and what was seen in it.
type stage struct {
	environment.Environment
	*environment.Recorder
	*play
}

// build builds a world, and takes it down at the end of the test at the latest.
func build(t testing.TB, clock units.Clock, injections ...injection.Injection) *stage {
	return buildWith(t, &play{role: "shop", quiet: 50 * time.Millisecond}, clock, injections...)
}

func buildWith(t testing.TB, p *play, clock units.Clock, injections ...injection.Injection) *stage {
	s := &stage{play: p, Recorder: environment.NewRecorder(clock, nil)}
	set, err := wire.Build(s.compose, ports)(context.Background(), environment.Brief{Story: "x", Clock: clock, Injections: injections}, s.Recorder)
	require.NoError(t, err)
	s.Environment = set
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// install puts an injection in place and returns how to heal it.
func (s *stage) install(t testing.TB, injection injection.Injection) (heal func()) {
	require.NoError(t, injection.Check())
	undo, err := s.Install(injection)
	require.NoError(t, err)
	return func() { require.NoError(t, undo()) }
}

// lives are what happened to the shop's process, with pids where asked for.
func (s *stage) lives() (what []string, pids []int) {
	for _, e := range s.History() {
		if e.Kind == observe.Process {
			what, pids = append(what, string(e.Life.What)), append(pids, e.Life.PID)
		}
	}
	return what, pids
}

// newClient is a client with connections of its own.
func newClient(t testing.TB) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// outcome is what a customer saw of a call.
type outcome struct {
	class  observe.Class
	status int
	body   string
	took   time.Duration
}

func (s *stage) call(ctx context.Context, c *http.Client, method, path string) outcome {
	r, err := http.NewRequestWithContext(ctx, method, s.setup.ShopURL+path, nil)
	if err != nil {
		panic(err)
	}
	began := time.Now()
	answer, err := c.Do(r)
	if err != nil {
		return outcome{class: observe.Classify(err), took: time.Since(began)}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return outcome{observe.Classify(err), answer.StatusCode, string(text), time.Since(began)}
}

// works says that the shop answers a new customer.
func (s *stage) works(t testing.TB) {
	t.Helper()
	saw := s.call(within(t, soon), newClient(t), "GET", "/page")
	require.Empty(t, saw.class)
	require.Equal(t, aPage, saw.body)
}

// line is one connection of a customer, which is never dialled again.
type line struct {
	net.Conn
	in *bufio.Reader
}

func (s *stage) dial(t testing.TB) *line {
	c, err := net.Dial("tcp", strings.TrimPrefix(s.setup.ShopURL, "http://"))
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(soon)))
	t.Cleanup(func() { _ = c.Close() })
	return &line{c, bufio.NewReader(c)}
}

func (l *line) get(path string) outcome {
	began := time.Now()
	if _, err := fmt.Fprintf(l, "GET %s HTTP/1.1\r\nHost: shop\r\n\r\n", path); err != nil {
		return outcome{class: observe.Classify(err)}
	}
	answer, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return outcome{class: observe.Classify(err)}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return outcome{observe.Classify(err), answer.StatusCode, string(text), time.Since(began)}
}

// ends reads until the connection ends and says in what way.
func (l *line) ends() observe.Class {
	_, err := l.in.ReadByte()
	return observe.Classify(err)
}

// leavesNothing closes the world and looks whether anything is left of it.
func (s *stage) leavesNothing(t testing.TB, before goleak.Option) {
	t.Helper()
	address := strings.TrimPrefix(s.setup.ShopURL, "http://")
	done := make(chan error, 1)
	go func() { done <- s.Close() }()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(soon):
		t.Fatal("Close waits for something that does not come")
	}
	_, err := net.Dial("tcp", address)
	require.Equal(t, observe.Refused, observe.Classify(err))
	require.EqualValues(t, 1, s.closed.Load(), "what was composed is taken down once")
	goleak.VerifyNone(t, before)
}

// tab is a page that can order one thing.
type tab struct {
	customer, url string
	see           observe.Observer
	transport     http.Transport
}

func (t *tab) Open(context.Context, string) error { return nil }
func (t *tab) Change(context.Context, int) error  { return nil }
func (t *tab) Chill() error                       { t.transport.CloseIdleConnections(); return nil }
func (t *tab) Close()                             { t.transport.CloseIdleConnections() }

func (t *tab) Click(ctx context.Context, _ int) error {
	t.see(observe.Event{Actor: t.customer, Kind: observe.Action, Act: &observe.Act{Does: "clicks", Basket: "b-" + t.customer}})
	r, err := http.NewRequestWithContext(ctx, "PUT", t.url+"/orders/b-"+t.customer+"-1", nil)
	if err != nil {
		return err
	}
	client := &observe.Client{Actor: t.customer, Hop: observe.CustomerHop, See: t.see, Base: &t.transport}
	answer, err := client.RoundTrip(r)
	if err == nil {
		_ = answer.Body.Close()
	}
	return nil // what happened to it is in the history
}
