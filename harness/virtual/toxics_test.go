package virtual

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// street is a shop behind a proxy.
type street struct {
	*Network
	proxy  *proxy
	server *http.Server
	client *http.Client
}

func newStreet(t *testing.T, answer string) *street {
	n := NewNetwork(1)
	s := &street{Network: n, proxy: n.before("shop:80", observe.ProviderHop)}
	l, err := n.Listen("shop:80")
	require.NoError(t, err)
	s.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, answer)
	})}
	go func() { _ = s.server.Serve(l) }()
	s.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: n.Dialer("ana")}}
	return s
}

func (s *street) close() {
	s.client.CloseIdleConnections()
	_ = s.proxy.close()
	_ = s.server.Close()
}

func (s *street) post() (observe.Class, error) {
	// A POST: net/http sends a GET once more by itself where a warm connection
	// brings no answer.
	r, err := s.client.Post("http://shop:80/", "text/plain", strings.NewReader("one parcel"))
	if err != nil {
		return observe.Classify(err), err
	}
	defer r.Body.Close()
	_, err = io.ReadAll(r.Body)
	return observe.Classify(err), err
}

func (s *street) install(t *testing.T, injections ...injection.Injection) (heal func()) {
	var heals []func() error
	for _, injection := range injections {
		if injection.Fault.Kind == fault.ResetPeer {
			s.proxy.prepare()
		}
		undo, err := s.proxy.install(injection)
		require.NoError(t, err)
		heals = append(heals, undo)
	}
	return func() {
		for _, undo := range heals {
			require.NoError(t, undo())
		}
	}
}

func up(f fault.Fault) injection.Injection {
	return injection.Toxic(observe.ProviderHop, fault.Upstream, f)
}
func down(f fault.Fault) injection.Injection {
	return injection.Toxic(observe.ProviderHop, fault.Downstream, f)
}

// What a client with 30 seconds of patience sees of each toxic, and when. The
// connection is a warm one or a new one, as the row says nothing of it.
func TestEachToxicTakesItsTimeUnderNetHTTP(t *testing.T) {
	const travel = 2 * time.Millisecond // there and back, at most
	for name, row := range map[string]struct {
		injections []injection.Injection
		sees       observe.Class
		after      time.Duration
	}{
		"latency up, beyond patience":   {[]injection.Injection{up(injection.Latency(31 * time.Second))}, observe.TimedOut, 30 * time.Second},
		"latency down, beyond patience": {[]injection.Injection{down(injection.Latency(31 * time.Second))}, observe.TimedOut, 30 * time.Second},
		"latency both ways":             {[]injection.Injection{up(injection.Latency(14 * time.Second)), down(injection.Latency(14 * time.Second))}, "", 28 * time.Second},
		"two latencies in a row":        {[]injection.Injection{down(injection.Latency(4 * time.Second)), down(injection.Latency(5 * time.Second))}, "", 9 * time.Second},
		"silence, and then the end":     {[]injection.Injection{down(injection.Silence(5 * time.Second))}, observe.Ended, 5 * time.Second},
		"silence":                       {[]injection.Injection{down(injection.Silence(0))}, observe.TimedOut, 30 * time.Second},
		"a reset at once":               {[]injection.Injection{down(injection.ResetPeer(0))}, observe.Reset, 0},
		"a reset after a while":         {[]injection.Injection{down(injection.ResetPeer(3 * time.Second))}, observe.Reset, 3 * time.Second},
		"few bytes":                     {[]injection.Injection{down(injection.LimitData(20))}, observe.Garbled, 0},
		"nobody listens":                {[]injection.Injection{injection.Down(observe.ProviderHop)}, observe.Refused, 0},
		"pieces":                        {[]injection.Injection{down(injection.Slicer(1000, time.Second))}, "", 3 * time.Second},
		"a kilobyte a second":           {[]injection.Injection{down(injection.Bandwidth(1))}, "", 3140 * time.Millisecond},
		"a late farewell":               {[]injection.Injection{down(injection.SlowClose(5 * time.Second))}, "", 0},
	} {
		for _, warm := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, warm=%t", name, warm), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newStreet(t, strings.Repeat("x", 3000))
					defer s.close()
					if row.injections[0].Fault.Kind == fault.ResetPeer {
						s.proxy.prepare() // as a world does before the script starts
					}
					if warm {
						_, err := s.post()
						require.NoError(t, err)
					}
					heal := s.install(t, row.injections...)
					began := time.Now()
					saw, err := s.post()
					if warm && row.injections[0].Fault.Kind == fault.Down {
						// Its connection was ended under it.
						require.Contains(t, []observe.Class{observe.Ended, observe.Refused}, saw)
						saw = row.sees
					}
					require.Equal(t, row.sees, saw, "%v", err)
					require.InDelta(t, row.after.Seconds(), time.Since(began).Seconds(), max(travel.Seconds(), row.after.Seconds()/30))
					heal()
					_, err = s.post()
					require.NoError(t, err, "healed")
				})
			})
		}
	}
}

// When a toxic is taken away in mid-flight, what it held comes out at once and
// in order; a silence has lost it, and ends the connection.
func TestAHealLetsGoOfWhatWasHeld(t *testing.T) {
	for name, row := range map[string]struct {
		fault fault.Fault
		want  string
		end   observe.Class
	}{
		"latency":   {injection.Latency(time.Hour), "one two three", observe.Ended},
		"bandwidth": {injection.Bandwidth(1), "one two three", observe.Ended},
		"slicer":    {injection.Slicer(2, time.Hour), "one two three", observe.Ended},
		"silence":   {injection.Silence(time.Hour), "", observe.Ended},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(1)
				p := n.before("shop:80", observe.ProviderHop)
				near, far := dialled(t, n)
				undo, err := p.install(down(row.fault))
				require.NoError(t, err)
				for _, piece := range []string{"one ", "two ", "three"} {
					_, _ = io.WriteString(far, piece)
				}
				time.Sleep(time.Millisecond)
				began := time.Now()
				require.NoError(t, undo())
				time.AfterFunc(time.Minute, func() { _ = far.Close() })
				first := make([]byte, 64)
				k, err := io.ReadAtLeast(near, first, max(1, len(row.want)))
				require.Equal(t, row.want, string(first[:k]))
				require.Less(t, time.Since(began), 2*time.Millisecond)
				if err == nil {
					_, err = near.Read(first)
				}
				require.Equal(t, row.end, observe.Classify(err))
				require.NoError(t, errors.Join(near.Close(), far.Close(), p.close()))
			})
		})
	}
}

// A few hundred random lives of a street: connections come and go, bytes flow
// both ways, toxics are put in place and taken away in mid-flight, the proxy
// goes down. What is read is what was written, from its beginning, in its order;
// nothing hangs, and one seed is one sequence of events.
func TestRandomStreetsLoseNothingButWhatTheirToxicsLose(t *testing.T) {
	rounds := 100
	if text := os.Getenv("ROUNDS"); text != "" {
		var err error
		rounds, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	for seed := range uint64(rounds) {
		var first []string
		for _, procs := range []int{1, 2, 2} {
			before := runtime.GOMAXPROCS(procs)
			var log []string
			synctest.Test(t, func(t *testing.T) { log = randomStreet(t, seed) })
			runtime.GOMAXPROCS(before)
			if first == nil {
				first = log
			}
			require.Equal(t, first, log, "seed %d", seed)
		}
	}
}

// faults are those that a street may meet; lossy ones may cut what is read.
var faults = []fault.Fault{
	injection.Latency(50 * time.Millisecond), injection.Latency(3 * time.Second), injection.Bandwidth(1), injection.Slicer(7, 3*time.Millisecond),
	injection.SlowClose(time.Second), injection.Silence(200 * time.Millisecond), injection.Silence(0), injection.ResetPeer(100 * time.Millisecond), injection.LimitData(100),
}

func randomStreet(t *testing.T, seed uint64) []string {
	random := rand.New(rand.NewPCG(seed, 1))
	n := NewNetwork(seed)
	p := n.before("shop:80", observe.ProviderHop)
	l, err := n.Listen("shop:80")
	require.NoError(t, err)
	diary := &diary{}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { echo(c) })
		}
	})
	lossy := false
	for i := range 1 + random.IntN(4) {
		plan := rand.New(rand.NewPCG(seed, uint64(100+i)))
		work.Go(func() { visit(t, n, fmt.Sprintf("c%d", i), plan, diary) })
	}
	for range random.IntN(6) {
		time.Sleep(time.Duration(1 + random.IntN(int(400*time.Millisecond))))
		f := faults[random.IntN(len(faults))]
		one := injection.Toxic(observe.ProviderHop, []fault.Direction{fault.Upstream, fault.Downstream}[random.IntN(2)], f)
		if random.IntN(8) == 0 {
			one = injection.Down(observe.ProviderHop)
		}
		lossy = lossy || one.Fault.Kind == fault.Down || slices.Contains(faults[5:], f)
		undo, err := p.install(one)
		require.NoError(t, err)
		if random.IntN(3) > 0 {
			time.Sleep(time.Duration(1 + random.IntN(int(2*time.Second))))
			require.NoError(t, undo())
		} else {
			defer func() { _ = undo() }()
		}
	}
	time.Sleep(time.Hour)
	require.NoError(t, p.close())
	require.NoError(t, l.Close())
	work.Wait()
	return diary.pages(t, lossy)
}

// echo gives back what it gets, and ends when the other side does.
func echo(c net.Conn) {
	_, _ = io.Copy(c, c)
	_ = c.Close()
}

// visit writes and reads at random times, and checks that what comes back is
// what went out, from its beginning.
func visit(t *testing.T, n *Network, who string, plan *rand.Rand, d *diary) {
	time.Sleep(time.Duration(1 + plan.IntN(int(time.Second))))
	c, err := n.Dialer(who)(context.Background(), "tcp", "shop:80")
	if err != nil {
		d.write(who, "refused")
		return
	}
	var sent said
	var reading sync.WaitGroup
	pieces := 1 + plan.IntN(8)
	reading.Go(func() {
		got := 0
		buffer := make([]byte, 64)
		for {
			k, err := c.Read(buffer)
			if want := sent.from(got); !strings.HasPrefix(want, string(buffer[:k])) {
				t.Errorf("%s read %q where %q was written", who, buffer[:k], want)
			}
			if got += k; err != nil {
				d.end(who, string(observe.Classify(err)), got)
				return
			}
			d.write(who, fmt.Sprintf("%d bytes", k))
		}
	})
	for range pieces {
		time.Sleep(time.Duration(1 + plan.IntN(int(300*time.Millisecond))))
		piece := strings.Repeat(string(rune('a'+plan.IntN(26))), 1+plan.IntN(200))
		sent.add(piece)
		_, _ = io.WriteString(c, piece)
	}
	time.AfterFunc(30*time.Minute, func() { _ = c.Close() })
	reading.Wait()
	_ = c.Close()
	d.total(who, len(sent.from(0)))
}

// said is what a visitor has written so far.
type said struct {
	mu   sync.Mutex
	text string
}

func (s *said) add(piece string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text += piece
}

func (s *said) from(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text[n:]
}

// diary is what the visitors saw, each in the order of his own time.
type diary struct {
	mu      sync.Mutex
	lines   []string
	got     map[string]int
	sent    map[string]int
	endings map[string]string
}

func (d *diary) write(who, what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf("%s %s %s", time.Now().Format(time.RFC3339Nano), who, what))
}

func (d *diary) end(who, how string, got int) {
	d.write(who, how)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.got == nil {
		d.got, d.endings = map[string]int{}, map[string]string{}
	}
	d.got[who], d.endings[who] = got, how
}

func (d *diary) total(who string, sent int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sent == nil {
		d.sent = map[string]int{}
	}
	d.sent[who] = sent
}

// pages are the diary's lines; where nothing could be lost, nothing is.
func (d *diary) pages(t *testing.T, lossy bool) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !lossy {
		require.Equal(t, d.sent, d.got, "%v", d.endings)
	}
	slices.Sort(d.lines)
	return d.lines
}
