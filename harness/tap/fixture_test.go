package tap_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/authority"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/tap"
	"github.com/unhappypath/unhappypath/harness/units"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// soon is how long a test waits for what must come.
const soon = 10 * time.Second

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// ledger is a callee that commits every order that reaches it, and counts its
// connections.
type ledger struct {
	*httptest.Server
	mu        sync.Mutex
	committed []string // bodies
	dialled   int
}

// newLedger starts a callee. A test may answer in its place, after the commit.
func newLedger(t testing.TB, answer ...http.HandlerFunc) *ledger {
	l := &ledger{}
	l.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		l.mu.Lock()
		l.committed = append(l.committed, string(body))
		l.mu.Unlock()
		if len(answer) > 0 {
			answer[0](w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"b-ana-1","status":"shipped","charged":49900}`)
	}))
	l.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.dialled++
		}
	}
	l.Start()
	t.Cleanup(l.Close)
	return l
}

func (l *ledger) commits() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.committed)
}

func (l *ledger) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dialled
}

func (l *ledger) address() string { return l.Listener.Addr().String() }

// hop is a tap before a callee, and what it told.
type hop struct {
	*tap.Tap
	*environment.Recorder
	injector *injection.Injector
	address  string
	served   chan error
}

// newHop puts a tap before the address; the config may say more.
func newHop(t testing.TB, callee string, c tap.Config, injections ...injection.Injection) *hop {
	h := &hop{Recorder: environment.NewRecorder(units.Wall, nil), served: make(chan error, 1)}
	if c.Hop == "" {
		c.Hop = observe.CustomerHop
	}
	if c.See == nil {
		c.See = h.See
	}
	c.Dial = func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", callee) }
	h.Tap = tap.New(c)
	h.Arm(h.armed(t, nil, injections...))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	h.address = l.Addr().String()
	go func() { h.served <- h.Serve(l) }()
	t.Cleanup(func() {
		h.injector.Stop()
		require.NoError(t, h.Close())
	})
	return h
}

func (h *hop) armed(t testing.TB, backend injection.Backend, injections ...injection.Injection) *injection.Injector {
	for _, s := range injections {
		require.NoError(t, s.Check())
	}
	h.injector = injection.NewInjector(injections, units.Wall, h.Recorder.See, backend, func(err error) { t.Error(err) })
	return h.injector
}

func (h *hop) url(path string) string { return "http://" + h.address + path }

// told are the kinds of what the tap told of messages, in their order.
func (h *hop) told() []observe.Kind {
	var kinds []observe.Kind
	for _, e := range h.History() {
		if e.Message != nil {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// notes are what the tap told beside messages.
func (h *hop) notes() []string {
	var texts []string
	for _, e := range h.History() {
		if e.Kind == observe.Note {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// newCallee is a callee that speaks to each connection as it is told, byte for
// byte.
func newCallee(t testing.TB, speak func(*bufio.Reader, io.Writer)) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				speak(bufio.NewReader(c), c)
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	return l.Addr().String()
}

// evidence is what the injections told of their takes effect.
func (h *hop) evidence() []string {
	var texts []string
	for _, e := range h.History() {
		if e.Kind == observe.Injected && e.Effect.What == "fired" {
			texts = append(texts, e.Effect.Text)
		}
	}
	return texts
}

// await waits until the tap tells of such an event.
func (h *hop) await(t testing.TB, match func(observe.Event) bool) observe.Event {
	e, err := h.Await(within(t, soon), 0, match)
	require.NoError(t, err, "the tap told only of %v", h.told())
	return e
}

// newClient is a Go program's HTTP client with connections of its own.
func newClient(t testing.TB) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// plainly is where a caller finds the hop, and a client for it.
func plainly(t testing.TB, h *hop) (url string, client *http.Client) { return h.url(""), newClient(t) }

// overTLS is plainly with TLS, which the tap speaks itself.
func overTLS(t testing.TB, h *hop) (url string, client *http.Client) {
	by, err := authority.New()
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- h.Serve(tls.NewListener(l, by.Config())) }()
	t.Cleanup(func() { require.NoError(t, h.Close()); require.NoError(t, <-served) })
	client = newClient(t)
	trusts := x509.NewCertPool()
	require.True(t, trusts.AppendCertsFromPEM(by.PEM()))
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: trusts}
	return "https://" + l.Addr().String(), client
}

// outcome is what a caller saw of its call.
type outcome struct {
	class  observe.Class
	status int // also of an answer that broke off
	body   string
	took   time.Duration
}

func call(ctx context.Context, c *http.Client, method, url, body string, header ...string) outcome {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
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

// plainCaller speaks HTTP over one connection and never sends anything again.
type plainCaller struct {
	net.Conn
	in *bufio.Reader
}

func dial(t testing.TB, address string) *plainCaller {
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(soon)))
	t.Cleanup(func() { _ = c.Close() })
	return &plainCaller{c, bufio.NewReader(c)}
}

// ask sends one request, with its headers as lines, and reads the answer.
func (c *plainCaller) ask(method, path, body string, header ...string) (*http.Response, string, error) {
	answer, err := c.askForHead(method, path, body, header...)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer, string(text), err
}

// askForHead is ask, and reads no more than the head of the answer.
func (c *plainCaller) askForHead(method, path, body string, header ...string) (*http.Response, error) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "shop.example"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if err := r.Write(c); err != nil {
		return nil, err
	}
	return http.ReadResponse(c.in, r)
}

// ends reads until the far end ends the connection and says in what way.
func (c *plainCaller) ends() observe.Class {
	_, err := c.in.ReadByte()
	return observe.Classify(err)
}

// backend is a world in which processes can be killed, and nothing else happens.
type backend struct{ kill func(process string) }

func (c backend) Kill(process string) error                       { c.kill(process); return nil }
func (backend) Revive(string) error                               { return nil }
func (backend) Pause(string) error                                { return nil }
func (backend) Resume(string) error                               { return nil }
func (backend) ForgetTokens() error                               { return nil }
func (backend) Install(injection.Injection) (func() error, error) { return nil, nil }
