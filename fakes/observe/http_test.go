package observe_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// diary keeps what everybody saw.
type diary struct {
	mu     sync.Mutex
	events []observe.Event
}

func (d *diary) see(e observe.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, e)
}

// kinds are the sightings in their order, such as "ana sent ana-1".
func (d *diary) kinds() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var kinds []string
	for _, e := range d.events {
		kinds = append(kinds, fmt.Sprintf("%s %s %s", e.Actor, e.Kind, e.Message.Call))
	}
	return kinds
}

func (d *diary) of(kind observe.Kind) []*observe.Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []*observe.Message
	for _, e := range d.events {
		if e.Kind == kind {
			found = append(found, e.Message)
		}
	}
	return found
}

const hop = observe.CustomerHop

// ends are the two ends of a hop, with a shop at the far one.
func ends(t *testing.T, shop http.HandlerFunc) (*diary, *http.Client, string) {
	t.Helper()
	d := &diary{}
	server := httptest.NewUnstartedServer(observe.Server("shop", hop, d.see, shop))
	server.Config.ErrorLog = nil
	server.Start()
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	return d, &http.Client{Transport: &observe.Client{Actor: "ana", Hop: hop, See: d.see, Base: transport}}, server.URL
}

func submit(t *testing.T, client *http.Client, method, url, body string) (status int, answer string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Idempotency-Key", "key-1")
	resp, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(read), nil
}

func TestBothEndsTellOfACallByOneName(t *testing.T) {
	d, client, url := ends(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Shop", "open")
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusTeapot) // as net/http does: the first one counts
		_, _ = fmt.Fprintf(w, "thanks for %s", body)
	})
	for range 2 {
		status, answer, err := submit(t, client, "PUT", url+"/orders/1?wait=2", "goods")
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, status)
		require.Equal(t, "thanks for goods", answer)
	}
	require.Equal(t, []string{
		"ana sent ana-1", "shop arrived ana-1", "shop answered ana-1", "ana received ana-1",
		"ana sent ana-2", "shop arrived ana-2", "shop answered ana-2", "ana received ana-2",
	}, d.kinds())
	for _, m := range slices.Concat(d.of(observe.Sent), d.of(observe.Arrived)) {
		require.Equal(t, "goods", m.Body)
		require.Equal(t, "key-1", m.Header["Idempotency-Key"])
		require.NotContains(t, m.Header, observe.CallHeader, "the name is no part of the message")
	}
	for _, m := range slices.Concat(d.of(observe.Answered), d.of(observe.Received)) {
		require.Equal(t, [3]any{"PUT", "/orders/1?wait=2", 201}, [3]any{m.Method, m.Path, m.Status})
		require.Equal(t, "thanks for goods", m.Body)
		require.Equal(t, "open", m.Header["X-Shop"])
		require.Equal(t, hop, m.Hop)
	}
}

// TestASilentResendIsTwoArrivalsOfOneCall is a trap that makes suites lie:
// net/http's Transport re-sends a POST with an Idempotency-Key when a warm
// connection dies before the answer, and its caller sees one call and one 200.
func TestASilentResendIsTwoArrivalsOfOneCall(t *testing.T) {
	var orders atomic.Int32
	d, client, url := ends(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && orders.Add(1) == 1 {
			panic(http.ErrAbortHandler) // the order is taken, and the connection dies
		}
	})
	_, _, err := submit(t, client, "GET", url, "")
	require.NoError(t, err, "the connection is warm")
	status, _, err := submit(t, client, "POST", url, "goods")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, "to the caller nothing happened")
	require.EqualValues(t, 2, orders.Load())
	require.Equal(t, []string{
		"ana sent ana-2", "shop arrived ana-2", "shop arrived ana-2", "shop answered ana-2", "ana received ana-2",
	}, d.kinds()[4:])
	for _, m := range d.of(observe.Arrived)[1:] {
		require.Equal(t, "goods", m.Body, "the body goes out again, too")
	}
}

func TestOnAColdConnectionNothingIsResent(t *testing.T) {
	var orders atomic.Int32
	d, client, url := ends(t, func(http.ResponseWriter, *http.Request) {
		orders.Add(1)
		panic(http.ErrAbortHandler)
	})
	_, _, err := submit(t, client, "POST", url, "goods")
	require.Equal(t, observe.Ended, observe.Classify(err))
	require.EqualValues(t, 1, orders.Load())
	require.Equal(t, []string{"ana sent ana-1", "shop arrived ana-1", "ana failed ana-1"}, d.kinds())
	lost := d.of(observe.Failed)[0]
	require.Equal(t, observe.Ended, lost.Error)
	require.Empty(t, lost.Body, "there was no answer")
}

func TestWhoeverObservesHoldsTheMessage(t *testing.T) {
	var asked atomic.Bool
	seen, held := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(observe.Server("shop", hop, func(e observe.Event) {
		if e.Kind == observe.Arrived {
			close(seen)
			<-held
		}
	}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Store(true) })))
	defer server.Close()
	answered := make(chan error, 1)
	go func() {
		resp, err := server.Client().Get(server.URL)
		if err == nil {
			err = resp.Body.Close()
		}
		answered <- err
	}()
	<-seen
	require.False(t, asked.Load(), "the shop does not see it before an injection is in place")
	close(held)
	require.NoError(t, <-answered)
	require.True(t, asked.Load())
}

func TestALongBodyIsForwardedWholeAndToldInPart(t *testing.T) {
	long := strings.Repeat("x", observe.MaxBody+1)
	d, client, url := ends(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	_, answer, err := submit(t, client, "POST", url, long)
	require.NoError(t, err)
	require.Equal(t, long, answer)
	for _, kind := range []observe.Kind{observe.Sent, observe.Arrived, observe.Answered, observe.Received} {
		require.Len(t, d.of(kind)[0].Body, observe.MaxBody)
	}
}

func TestARequestThatEndsInTheMiddleNeverReachesTheShop(t *testing.T) {
	var asked atomic.Bool
	d, client, url := ends(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	base := client.Transport.(*observe.Client).Base
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, io.MultiReader(strings.NewReader("half"), broken{}))
	require.NoError(t, err)
	r.ContentLength = 10
	_, err = base.RoundTrip(r)
	require.Error(t, err)
	client.CloseIdleConnections()
	require.Eventually(t, func() bool { return len(d.kinds()) == 1 }, 2*time.Minute, time.Millisecond)
	require.Equal(t, "half", d.of(observe.Failed)[0].Body)
	require.False(t, asked.Load())

	r, err = http.NewRequestWithContext(t.Context(), "POST", url, broken{})
	require.NoError(t, err)
	_, err = client.Do(r)
	require.ErrorIs(t, err, errBroken)
	require.Len(t, d.kinds(), 1, "what could not be read was not sent")
}

func TestARequestWithoutABodySaysSo(t *testing.T) {
	d, client, url := ends(t, func(_ http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 || r.ContentLength != 0 {
			panic(http.ErrAbortHandler) // the far end would be told to wait for chunks
		}
	})
	for _, body := range []io.Reader{nil, http.NoBody, strings.NewReader("")} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", url, body)
		require.NoError(t, err)
		resp, err := client.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
	require.Len(t, d.of(observe.Received), 3)
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestNobodyWatches(t *testing.T) {
	require.NotPanics(t, func() { observe.Nobody(observe.Event{}) })
}
