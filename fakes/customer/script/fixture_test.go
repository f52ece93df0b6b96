package script_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/script"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/reference-service/page"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// soon is how long a test waits for what must come.
const soon = 10 * time.Second

// shop renders the real page and answers its requests as a test says.
type shop struct {
	config page.Config
	status string // that the page is rendered with; "ready" where it is empty
	// pages, put and get answer in the shop's place.
	pages, put, get http.HandlerFunc

	mu   sync.Mutex
	seen []string // "PUT /orders/b-ana-1 499.00", one for each request on the wire
	puts []string // their bodies
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.seen = append(s.seen, r.Method+" "+r.URL.Path)
	if r.Method == http.MethodPut {
		s.puts = append(s.puts, string(body))
	}
	s.mu.Unlock()
	answer := s.get
	switch {
	case r.Method == http.MethodPut:
		answer = s.put
	case strings.HasPrefix(r.URL.Path, "/checkout/"):
		answer = s.render
		if s.pages != nil {
			answer = s.pages
		}
	}
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

// render writes the page that real customers get.
func (s *shop) render(w http.ResponseWriter, r *http.Request) {
	basket := strings.TrimPrefix(r.URL.Path, "/checkout/")
	s.mu.Lock()
	status := s.status
	s.mu.Unlock()
	if status == "" {
		status = "ready"
	}
	err := page.Render(w, page.Data{
		Basket: basket, Order: basket + "-1", Amount: 49900, Currency: "NOK", Quantity: 1, Status: status, Config: s.config,
	})
	if err != nil {
		panic(err)
	}
}

// becomes is what the shop itself renders of the order from now on.
func (s *shop) becomes(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// count is how many such requests came over the wire.
func (s *shop) count(request string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, one := range s.seen {
		if one == request {
			n++
		}
	}
	return n
}

// says answers with an order in this state.
func says(status string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"id":"b-ana-1","basket":"b-ana","status":%q}`, status)
	}
}

// writes answers with this text.
func writes(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// inOrder answers each time by the next of them, and by the last for good.
func inOrder(answers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		mu.Unlock()
		answer(w, r)
	}
}

// silent never answers; it goes when its caller does.
func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// drops ends the connection without an answer.
func drops(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// quick is a page whose times are short, for tests on the wall clock.
func quick(without ...string) page.Config {
	return page.Config{TimeOutMS: 5000, Resends: 1, LookAfterMS: 60_000, LookEveryMS: 10, Without: without}
}

// diary is what was told of a customer.
type diary struct {
	mu      sync.Mutex
	events  []observe.Event
	changed chan struct{}
}

func newDiary() *diary { return &diary{changed: make(chan struct{})} }

func (d *diary) see(e observe.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, e)
	close(d.changed)
	d.changed = make(chan struct{})
}

// await waits until something was told for which match is true.
func (d *diary) await(t testing.TB, match func(observe.Event) bool) observe.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	for at := 0; ; {
		d.mu.Lock()
		events, changed := d.events, d.changed
		d.mu.Unlock()
		for ; at < len(events); at++ {
			if match(events[at]) {
				return events[at]
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("it never came; there was: %v", d.lines())
		}
	}
}

func (d *diary) awaitScreen(t testing.TB, status observe.Status) {
	t.Helper()
	d.await(t, func(e observe.Event) bool { return e.Kind == observe.Screen && e.View.Says == status })
}

func (d *diary) awaitNote(t testing.TB) string {
	t.Helper()
	return d.await(t, func(e observe.Event) bool { return e.Kind == observe.Note }).Text
}

// screens are what she saw, in its order.
func (d *diary) screens() (says []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.events {
		if e.Kind == observe.Screen {
			says = append(says, string(e.View.Says))
		}
	}
	return says
}

// of are the events of a kind.
func (d *diary) of(kind observe.Kind) (events []observe.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.events {
		if e.Kind == kind {
			events = append(events, e)
		}
	}
	return events
}

func (d *diary) lines() (lines []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.events {
		text, _ := json.Marshal(e)
		lines = append(lines, string(text))
	}
	return lines
}

func compile(t testing.TB, text string) *script.Script {
	compiled, err := script.Compile(text)
	require.NoError(t, err)
	return compiled
}

// ana gives Ana a tab at the shop, on real sockets.
func ana(t testing.TB, s *shop) (*customer.Tab, *diary) {
	return anaAt(t, serve(t, s), page.Behaviour())
}

func anaAt(t testing.TB, url, behaviour string) (*customer.Tab, *diary) {
	d := newDiary()
	tab := customer.New(script.New(script.Config{
		Person: customer.Person{Customer: "ana", See: d.see},
		URL:    url, Dial: new(net.Dialer).DialContext, Script: compile(t, behaviour),
	}), customer.Times{BetweenClicks: time.Millisecond, TryAgain: time.Millisecond, GiveUpAfter: 500 * time.Millisecond})
	t.Cleanup(tab.Close)
	return tab, d
}
