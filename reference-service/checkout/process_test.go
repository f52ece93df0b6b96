package checkout

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// outsideOnWire serves the provider and the carrier on a real socket.
func outsideOnWire(t *testing.T) (*outside, string) {
	t.Helper()
	w := newOutside()
	w.approveAfter, w.latency = 10*time.Millisecond, 0
	target, err := url.Parse("http://outside")
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Transport: w,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return w, server.URL
}

// compressed makes the shop quick, and patient with a slow machine.
var compressed = []string{
	"CHECKOUT_PROVIDER_TIMEOUT=5s", "CHECKOUT_ANSWER_WITHIN=30s", "CHECKOUT_PAGE_TIMEOUT=45s",
	"CHECKOUT_BACKOFF_FIRST=10ms", "CHECKOUT_BACKOFF_MAX=300ms",
	"CHECKOUT_APPROVAL_FIRST=50ms", "CHECKOUT_APPROVAL_EVERY=20ms",
	"CHECKOUT_RATE_WINDOW=600ms", "CHECKOUT_RECONCILE_AFTER=3s",
}

func TestAProcessServesAndStopsInOrder(t *testing.T) {
	for name, database := range map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return "CHECKOUT_DATABASE=" + t.TempDir() + "/shop.db" },
		"PostgreSQL": func(t *testing.T) string { return "CHECKOUT_DATABASE=\x00DATABASE_URL=" + newPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			world, address := outsideOnWire(t)
			settings := environment(append(compressed, "CHECKOUT_PAYMENTS_URL="+address, "CHECKOUT_SHIPPING_URL="+address)...)
			settings = append(settings, strings.Split(database(t), "\x00")...)
			shop, stop := process(t, settings)

			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			id := orderOn(t, client, shop, "b1")
			d := put(t, client, shop, id, "b1")
			require.Equal(t, "shipped", d.Status)
			require.Equal(t, bought, world.books())
			require.Zero(t, stop())
		})
	}
}

func TestAStopEndsAWaitWithAnAnswer(t *testing.T) {
	world, address := outsideOnWire(t)
	world.approveAfter = -1
	shop, stop := process(t, environment(append(compressed, "CHECKOUT_PAYMENTS_URL="+address,
		"CHECKOUT_SHIPPING_URL="+address, "CHECKOUT_DATABASE="+t.TempDir()+"/shop.db")...))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	id := orderOn(t, client, shop, "b1")
	created := make(chan struct{})
	world.setFault(func(call string, _ bool) error {
		if call == "GET /epayment/v1/payments/"+id+"-1" {
			select {
			case created <- struct{}{}:
			default:
			}
		}
		return nil
	})
	answered := make(chan document)
	go func() { answered <- put(t, client, shop, id, "b1") }()
	<-created
	require.Zero(t, stop())
	require.Equal(t, "checking", (<-answered).Status)
}

func TestASeedMintsTheSameIds(t *testing.T) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	mint := func(seed string) string {
		shop, stop := process(t, environment("CHECKOUT_DATABASE="+t.TempDir()+"/shop.db", "CHECKOUT_SEED="+seed))
		defer stop()
		return orderOn(t, client, shop, "b1") + " " + orderOn(t, client, shop, "b2")
	}
	one := mint("one")
	require.Equal(t, one, mint("one"))
	require.NotEqual(t, one, mint("two"))
	require.NotEqual(t, mint(""), mint(""), "without a seed they are random")
}

func TestASeedDrawsTheSameJitter(t *testing.T) {
	jitter := func(seed string) float64 {
		db, err := OpenSQLite(t.TempDir() + "/shop.db")
		require.NoError(t, err)
		defer db.Close()
		cfg, err := ParseConfig(environment())
		require.NoError(t, err)
		s, err := New(cfg, Parts{DB: db, Dialect: SQLite, Transport: newOutside(), Rand: Randomness(seed)})
		require.NoError(t, err)
		return s.jitter("b1-aaaaaaaa-ship-1", 1)
	}
	require.Equal(t, jitter("one"), jitter("one"))
	require.NotEqual(t, jitter("one"), jitter("two"))
}

func TestAnOccupiedAddressIsAFailureThatIsNamed(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	var out bytes.Buffer
	code := Main(t.Context(), nil, environment("CHECKOUT_DATABASE="+t.TempDir()+"/shop.db",
		"CHECKOUT_LISTEN="+taken.Listener.Addr().String()), &out, io.Discard)
	require.Equal(t, 1, code)
	require.Contains(t, out.String(), "CHECKOUT_LISTEN")
}

// process runs Main until stop, and gives the address where it listens.
func process(t *testing.T, environ []string) (address string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	lines, out := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- Main(ctx, nil, environ, out, io.Discard)
		out.Close()
	}()
	scanner := bufio.NewScanner(lines)
	for address == "" && scanner.Scan() {
		var line struct{ Msg, Addr string }
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line))
		if line.Msg == "listening" {
			address = "http://" + line.Addr
		}
	}
	require.NotEmpty(t, address, "it never listened")
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for scanner.Scan() {
		}
	}()
	return address, func() int {
		cancel()
		<-drained
		return <-code
	}
}

func orderOn(t *testing.T, client *http.Client, shop, basket string) string {
	t.Helper()
	a, err := client.Get(shop + "/checkout/" + basket)
	require.NoError(t, err)
	defer a.Body.Close()
	html, err := io.ReadAll(a.Body)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(html), `name="order" value="`)
	require.True(t, found, string(html))
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func put(t *testing.T, client *http.Client, shop, id, basket string) (d document) {
	r, err := http.NewRequest("PUT", shop+"/orders/"+id,
		strings.NewReader(fmt.Sprintf(`{"basket":%q,"amount":49900,"currency":"NOK"}`, basket)))
	if err != nil {
		t.Error(err)
		return d
	}
	r.Header.Set("Content-Type", jsonType)
	r.Header.Set("Prefer", "wait=25")
	a, err := client.Do(r)
	if err != nil {
		t.Error(err)
		return d
	}
	defer a.Body.Close()
	if err := json.NewDecoder(a.Body).Decode(&d); err != nil {
		t.Error(err)
	}
	return d
}
