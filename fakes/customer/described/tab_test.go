package described_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// street is a shop that a test writes, and what its customer saw.
type street struct {
	t        *testing.T
	url      string
	patience time.Duration // of the customer with a page that does not come
	calm     bool          // nothing is in the way
	profile  *described.Profile

	mu   sync.Mutex
	seen []observe.Event
	news chan struct{}
}

func newStreet(t *testing.T, shop http.HandlerFunc) *street {
	server := httptest.NewServer(shop)
	t.Cleanup(server.Close)
	return &street{t: t, url: server.URL, news: make(chan struct{}, 1000), profile: described.NewProfile()}
}

func (s *street) see(e observe.Event) {
	s.mu.Lock()
	s.seen = append(s.seen, e)
	s.mu.Unlock()
	s.news <- struct{}{}
}

// screens are the words that were on the screen, in their order.
func (s *street) screens() (words []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.seen {
		if e.View != nil {
			words = append(words, string(e.View.Says))
		}
	}
	return words
}

// acts are what she did.
func (s *street) acts() (acts []observe.Act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.seen {
		if e.Act != nil {
			acts = append(acts, *e.Act)
		}
	}
	return acts
}

func (s *street) sent(path string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.seen {
		if e.Kind == observe.Sent && strings.HasPrefix(e.Message.Path, path) {
			n++
		}
	}
	return n
}

// until waits for something to be so.
func (s *street) until(is func() bool) {
	s.t.Helper()
	limit := time.After(20 * time.Second)
	for !is() {
		select {
		case <-s.news:
		case <-limit:
			s.t.Fatalf("it never came; the screens were %v", s.screens())
		}
	}
}

func (s *street) tab(f described.FrontEnd) *customer.Tab { return s.tabAt(f, "") }

// tabAt is a tab at a shop that has another address, too.
func (s *street) tabAt(f described.FrontEnd, also string) *customer.Tab {
	tab := customer.New(described.New(described.Config{
		Person: customer.Person{Customer: "ana", See: s.see},
		URL:    s.url, Also: also, FrontEnd: f, Profile: s.profile, LoadWithin: 10 * time.Second, Undisturbed: s.calm,
	}), customer.Times{BetweenClicks: time.Millisecond, TryAgain: time.Millisecond, GiveUpAfter: s.patience})
	s.t.Cleanup(tab.Close)
	return tab
}

// page is a front end whose shop is at /cart, /buy and /state.
func page() described.FrontEnd {
	return described.FrontEnd{
		Open: []described.Request{{Method: "GET", Path: "/cart/${basket}", Capture: map[string]described.Source{
			"order": {JSON: "/order"}, "amount": {JSON: "/price/minor"}, "token": {Header: "X-Token"}, "session": {Cookie: "session"},
		}}},
		Submit: described.Request{Method: "POST", Path: "/buy/${order}", Headers: map[string]string{"X-Token": "${token}"},
			Body: map[string]any{"amount": "${amount}", "for": "${customer}: ${order}", "list": []any{"${order}", 1, nil}}},
		Look: &described.Request{Method: "GET", Path: "/state/${order}"},
		Screens: []described.Screen{
			{View: described.View{Says: "shipped"}, Fits: described.Fits{JSON: map[string]any{"/status": "sent"}}},
			{View: described.View{Says: "checking"}, Fits: described.Fits{JSON: map[string]any{"/status": nil}}},
			{View: described.View{Says: "refused"}, Fits: described.Fits{Status: 402}},
		},
		TimeOut: 10 * time.Second, LookEvery: time.Millisecond, LookFor: time.Minute, Currency: "NOK",
	}
}

const cart = `{"order":"o/1","price":{"minor":49900}}`

func serveCart(w http.ResponseWriter) {
	w.Header().Set("X-Token", "t-1")
	http.SetCookie(w, &http.Cookie{Name: "session", Value: "s-1", Path: "/"})
	_, _ = io.WriteString(w, cart)
}

func TestAPageSendsWhatItWasToldToAndShowsWhatComesBack(t *testing.T) {
	looks := 0
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/cart/b-ana":
			serveCart(w)
		case r.Method == "POST" && r.URL.EscapedPath() == "/buy/o%2F1":
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			require.JSONEq(t, `{"amount":49900,"for":"ana: o/1","list":["o/1",1,null]}`, string(body))
			require.Equal(t, "t-1", r.Header.Get("X-Token"))
			cookie, err := r.Cookie("session")
			require.NoError(t, err, "cookies are kept")
			require.Equal(t, "s-1", cookie.Value)
			_, _ = io.WriteString(w, `{"status":"paying"}`)
		default:
			looks++
			_, _ = io.WriteString(w, map[bool]string{true: `{"status":"sent"}`, false: `{"status":"paying"}`}[looks > 2])
		}
	})
	tab := s.tab(page())
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	require.Equal(t, []string{"ready", "waiting", "checking", "shipped"}, s.screens())
	require.Equal(t, 3, s.sent("/state"))
	tab.Close()
	i := slices.IndexFunc(s.seen, func(e observe.Event) bool { return e.Act != nil })
	require.Equal(t, observe.Act{Does: "clicks", Basket: "b-ana", Order: "o/1", Amount: 49900, Money: "NOK"}, *s.seen[i].Act)
}

// Nothing kinder is added: a page without words for an answer says nothing, and
// one that does not look does not look.
func TestAPageHasNoWordsThatItWasNotGiven(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/cart") {
			serveCart(w)
			return
		}
		_, _ = io.WriteString(w, `{"state":"sent"}`) // the field has another name
	})
	f := page()
	f.Look = nil
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.ContainsFunc(s.seen, func(e observe.Event) bool {
			return e.Kind == observe.Received && strings.HasPrefix(e.Message.Path, "/buy")
		})
	})
	tab.Close()
	require.Equal(t, []string{"ready", "waiting"}, s.screens())
}

// silent is a shop that never answers a submit, and tells how it stands.
func silent(t *testing.T) *street {
	return newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/cart"):
			serveCart(w)
		case strings.HasPrefix(r.URL.Path, "/buy"):
			_, _ = io.Copy(io.Discard, r.Body) // before it is read, nobody notices that the caller leaves
			<-r.Context().Done()
		default:
			_, _ = io.WriteString(w, `{"status":"sent"}`)
		}
	})
}

func TestAPageSendsAgainAsOftenAsItDoesAndNoMore(t *testing.T) {
	s := silent(t)
	f := page()
	f.Look, f.TimeOut, f.Resends, f.Unanswered = nil, 20*time.Millisecond, 2, described.View{Says: "checking"}
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "checking") })
	require.Equal(t, 3, s.sent("/buy"))
}

func TestAPageSpeaksUpWhereItDoes(t *testing.T) {
	s := silent(t)
	f := page()
	f.Silence = 5 * time.Millisecond
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	require.Equal(t, []string{"ready", "waiting", "checking", "shipped"}, s.screens())
	require.Equal(t, 1, s.sent("/buy"), "the submit is still under way")
}

func TestADoubleClickIsTwoSubmits(t *testing.T) {
	s := silent(t)
	f := page()
	f.Look = nil
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 2))
	s.until(func() bool { return s.sent("/buy") == 2 })
}

func TestAPageThatDoesNotComeIsSaidInOneSentence(t *testing.T) {
	for name, row := range map[string]struct {
		shop http.HandlerFunc
		want string
	}{
		"an error":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "the shop answered 503 to GET /cart/${basket}"},
		"no order":        {serves(`{}`), `the page could not be read: the answer to GET /cart/${basket} (status 200) has no `},
		"no JSON":         {serves(`<html>`), `the page could not be read: the answer to GET /cart/${basket} (status 200) has no `},
		"no amount":       {serves(`{"order":"1","price":{"minor":"49,90"}}`), `its amount is "49,90": want a whole number of minor units`},
		"a fraction":      {serves(`{"order":"1","price":{"minor":499.5}}`), "an amount such as 499.00 needs units: major"},
		"a list":          {serves(`{"order":"1","price":{"minor":[499]}}`), "its amount is [499]: want a number"},
		"a list of order": {serves(`{"order":["1"],"price":{"minor":499}}`), `what is known as ${order} is ["1"]: want a text or a number`},
		"nothing":         {serves(`{"order":null,"price":{"minor":499}}`), "what is known as ${order} is null"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t, row.shop)
			s.patience = 200 * time.Millisecond
			err := s.tab(page()).Open(t.Context(), "b-ana")
			require.ErrorIs(t, err, observe.ErrNoPage)
			require.ErrorContains(t, err, row.want)
			require.Equal(t, "unreachable", s.screens()[0])
			require.Greater(t, s.sent("/cart"), 1, "she tries again")
		})
	}
}

// Where nothing is in the way, a page that cannot be read is wrongly described: it
// would be the same the next time.
func TestAPageThatCannotBeReadIsLoadedOnce(t *testing.T) {
	s := newStreet(t, serves(`{"order":"1","price":{"minor":"249.00"}}`))
	s.calm = true
	err := s.tab(page()).Open(t.Context(), "b-ana")
	require.ErrorIs(t, err, observe.ErrNoPage)
	require.ErrorContains(t, err, described.Unread+`: its amount is "249.00"`)
	require.Equal(t, 1, s.sent("/cart"))
}

// What the description lacks is no bad network, and nobody waits for it.
func TestWhatTheDescriptionLacksIsNoBadPage(t *testing.T) {
	s := newStreet(t, serves(cart))
	f := page()
	f.Open = append(f.Open, described.Request{Method: "GET", Path: "/${nobody}"})
	err := s.tab(f).Open(t.Context(), "b-ana")
	require.ErrorContains(t, err, "GET /${nobody}: nothing is known yet as ${nobody}")
	require.NotErrorIs(t, err, observe.ErrNoPage)
}

// An error is shown and says nothing of the order: the page looks on.
func TestAnErrorIsNoWordOnTheOrder(t *testing.T) {
	looks := 0
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/cart"):
			serveCart(w)
		case strings.HasPrefix(r.URL.Path, "/buy"):
			_, _ = io.WriteString(w, `{"error":"no active order"}`)
		default:
			looks++
			_, _ = io.WriteString(w, map[bool]string{true: `{"status":"sent"}`, false: `{"error":"no active order"}`}[looks > 2])
		}
	})
	f := page()
	f.Screens = append([]described.Screen{{View: described.View{Says: "error"}, Fits: described.Fits{JSON: map[string]any{"/error": nil}}}}, f.Screens...)
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
	require.Equal(t, []string{"ready", "waiting", "error", "shipped"}, s.screens())
}

// Secure and host-bound cookies are kept over http://127.0.0.1, as a browser does.
func TestSecureCookiesAreKept(t *testing.T) {
	s := newStreet(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/cart") {
			http.SetCookie(w, &http.Cookie{Name: "__Host-sid", Value: "s-2", Path: "/", Secure: true, HttpOnly: true})
			serveCart(w)
			return
		}
		if cookie, err := r.Cookie("__Host-sid"); err == nil && cookie.Value == "s-2" {
			_, _ = io.WriteString(w, `{"status":"sent"}`)
		}
	})
	tab := s.tab(page())
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return slices.Contains(s.screens(), "shipped") })
}

// serves answers everything with the body.
func serves(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { serve(w, body) }
}

func serve(w http.ResponseWriter, body string) {
	w.Header().Set("X-Token", "t")
	w.Header().Set("Set-Cookie", "session=1")
	_, _ = io.WriteString(w, body)
}

func TestAPageThatIsLeftStopsAllThatItDoes(t *testing.T) {
	s := silent(t)
	f := page()
	f.Look = nil
	tab := s.tab(f)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), 1))
	s.until(func() bool { return s.sent("/buy") == 1 })
	tab.Close() // returns, and goleak finds nothing
	tab.Close()
	require.Error(t, tab.Click(context.Background(), 1))
}

func FuzzView(f *testing.F) {
	f.Add(200, `{"status":"sent"}`)
	f.Add(402, `{`)
	f.Add(200, `[[[[`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		view, has := page().View(status, "", body)
		if has && view.Says == "shipped" {
			var order struct{ Status any }
			require.NoError(t, json.NewDecoder(strings.NewReader(body)).Decode(&order))
		}
	})
}

// That a page is nothing but an error says something of the shop where nothing is in its way.
func TestAnErrorWithoutAFaultIsTheShops(t *testing.T) {
	for _, calm := range []bool{false, true} {
		s := newStreet(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
		s.calm, s.patience = calm, 20*time.Millisecond
		err := s.tab(page()).Open(t.Context(), "b-ana")
		require.ErrorIs(t, err, observe.ErrNoPage)
		require.ErrorContains(t, err, "the shop answered 500 to GET /cart/")
		require.Equal(t, calm, errors.Is(err, customer.ErrFailing))
	}
}
