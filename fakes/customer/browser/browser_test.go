package browser_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/tap"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reference-service/page"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := chromium.close(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// soon is how long a test waits for what must come, of a browser on a busy machine.
const soon = 60 * time.Second

// shared is one browser for all tests; it is dear to start.
type shared struct {
	once    sync.Once
	browser *browser.Browser
	err     error
}

var chromium shared

func (s *shared) close() error {
	if s.browser == nil {
		return nil
	}
	return s.browser.Close()
}

// start skips the test where there is no browser, but not in CI, where it
// would be missed by nobody.
func start(t *testing.T) *browser.Browser {
	if testing.Short() {
		t.Skip("a minute in Chromium: make test runs it")
	}
	if _, err := browser.Find(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	chromium.once.Do(func() { chromium.browser, chromium.err = browser.Start() })
	require.NoError(t, chromium.err)
	return chromium.browser
}

// shop serves the real page behind a tap that counts what comes over the wire.
type shop struct {
	*environment.Recorder
	tap    *tap.Tap
	url    string
	posted chan string // the form, as it was sent without a script
}

func open(t *testing.T, injections ...injection.Injection) *shop {
	s := &shop{Recorder: environment.NewRecorder(units.Wall, nil), posted: make(chan string, 8)}
	render := func(w io.Writer, status string) {
		err := page.Render(w, page.Data{
			Basket: "b-ana", Order: "b-ana-1", Amount: 49900, Currency: "NOK", Quantity: 1, Status: status,
			Config: page.Config{TimeOutMS: 30_000, Resends: 0, LookAfterMS: 60_000, LookEveryMS: 100},
		})
		if err != nil {
			panic(err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", page.Assets())
	mux.HandleFunc("GET /checkout/{basket}", func(w http.ResponseWriter, _ *http.Request) { render(w, "ready") })
	mux.HandleFunc("POST /checkout/{basket}", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		s.posted <- r.PathValue("basket") + " " + r.PostForm.Encode()
		render(w, "shipped")
	})
	mux.HandleFunc("PUT /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, `{"id":%q,"status":"shipped"}`, r.PathValue("id"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.tap = tap.New(tap.Config{
		Hop: observe.CustomerHop, See: s.See,
		Dial: func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
		},
	})
	s.tap.Arm(injection.NewInjector(injections, units.Wall, s.See, nil, func(err error) { t.Error(err) }))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = s.tap.Serve(l) }()
	t.Cleanup(func() { require.NoError(t, s.tap.Close()) })
	s.url = "http://" + l.Addr().String()
	return s
}

// ana gives Ana a tab with the page in it.
func (s *shop) ana(t *testing.T) seat {
	tab := s.tab(t, s.profile(t), "")
	require.NoError(t, tab.Open(within(t), "b-ana"))
	return tab
}

func (s *shop) profile(t *testing.T) *browser.Profile {
	profile, err := start(t).Profile()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, profile.Close()) })
	return profile
}

// tab is one of Ana's, with nothing in it yet.
func (s *shop) tab(t *testing.T, profile *browser.Profile, name string) seat {
	return sit(t, profile, browser.Config{
		Person: customer.Person{Customer: "ana", Tab: name, See: s.See}, URL: s.url, Page: compose.ReferencePage(),
	})
}

// seat is a customer's tab, and the browser's.
type seat struct {
	*customer.Tab
	page *browser.Tab
}

func sit(t *testing.T, profile *browser.Profile, c browser.Config) seat {
	page, err := profile.Tab(c)
	require.NoError(t, err)
	t.Cleanup(page.Close)
	return seat{customer.New(page, customer.Times{BetweenClicks: 50 * time.Millisecond, TryAgain: time.Millisecond}), page}
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	t.Cleanup(cancel)
	return ctx
}

func (s *shop) awaitScreen(t *testing.T, says observe.Status) {
	_, err := s.Await(within(t), 0, func(e observe.Event) bool { return e.Kind == observe.Screen && e.View.Says == says })
	require.NoError(t, err)
}

// puts are the orders that came over the wire.
func (s *shop) puts() (n int) {
	for _, e := range s.History() {
		if e.Kind == observe.Arrived && e.Message.Method == http.MethodPut {
			n++
		}
	}
	return n
}

func (s *shop) clicks() (clicks []observe.Act) {
	for _, e := range s.History() {
		if e.Kind == observe.Action {
			clicks = append(clicks, *e.Act)
		}
	}
	return clicks
}

func (s *shop) screens() (says []string) {
	for _, e := range s.History() {
		if e.Kind == observe.Screen {
			says = append(says, string(e.View.Says))
		}
	}
	return says
}

// evaluate reads a value in the page.
func evaluate[T any](t *testing.T, tab seat, script string) (value T) {
	require.NoError(t, tab.page.Do(within(t), chromedp.Func(func(ctx context.Context, target *chromedp.Target) (err error) {
		value, err = chromedp.Evaluate[T](script)(ctx, target)
		return err
	})))
	return value
}

func TestAClickIsSeenByThePageAndItsScreensAreTold(t *testing.T) {
	s := open(t)
	tab := s.ana(t)
	require.NoError(t, tab.Click(within(t), 1))
	s.awaitScreen(t, "shipped")
	require.Equal(t, []string{"ready", "waiting", "shipped"}, s.screens())
	require.Equal(t, []observe.Act{{Does: "clicks", Basket: "b-ana", Order: "b-ana-1", Amount: 49900, Money: "NOK"}}, s.clicks())
	require.Equal(t, 1, s.puts())
}

// The picture of a screen comes after the screen, and shows the page as it was.
func TestScreensHavePictures(t *testing.T) {
	s := open(t)
	tab := s.ana(t)
	require.NotEmpty(t, s.pictures(), "she looked at the page before she could click")
	require.NoError(t, tab.Click(within(t), 1))
	_, err := s.Await(within(t), 0, func(e observe.Event) bool { return e.Kind == observe.Shot && e.View.Says == "shipped" })
	require.NoError(t, err)
	told := map[observe.Status]bool{}
	for _, e := range s.History() {
		switch e.Kind {
		case observe.Screen:
			told[e.View.Says] = true
			require.Empty(t, e.View.Shot, "nobody waited for a picture")
		case observe.Shot:
			require.True(t, told[e.View.Says], "a picture of a screen that was told")
		}
	}
	for _, e := range s.pictures() {
		data, err := base64.StdEncoding.DecodeString(e.View.Shot)
		require.NoError(t, err)
		require.LessOrEqual(t, len(data), 30<<10)
		picture, err := jpeg.Decode(bytes.NewReader(data))
		require.NoError(t, err)
		require.Greater(t, picture.Bounds().Dx(), 300)
	}
}

func (s *shop) pictures() (found []observe.Event) {
	for _, e := range s.History() {
		if e.Kind == observe.Shot {
			found = append(found, e)
		}
	}
	return found
}

// counted counts the page's own click events on its button.
const counted = `window.clicked = 0; document.getElementById('submit').addEventListener('click', () => window.clicked++); 0`

func TestADoubleClickIsTwoClicksToThePage(t *testing.T) {
	s := open(t)
	tab := s.ana(t)
	evaluate[int](t, tab, counted)
	require.NoError(t, tab.Click(within(t), 2))
	s.awaitScreen(t, "shipped")
	require.Equal(t, 2, evaluate[int](t, tab, `window.clicked`))
	_, err := s.Await(within(t), 0, func(observe.Event) bool { return len(s.clicks()) == 2 && s.puts() == 2 })
	require.NoError(t, err)
}

// Why the clicks of a double click are sent one by one.
func TestTheDoubleClickOfTheLibraryIsOneClickToThePage(t *testing.T) {
	s := open(t)
	tab := s.ana(t)
	evaluate[int](t, tab, counted)
	require.NoError(t, tab.page.Do(within(t), chromedp.DoubleClick(chromedp.CSS("#submit"))))
	s.awaitScreen(t, "shipped")
	require.Equal(t, 1, evaluate[int](t, tab, `window.clicked`))
	require.Equal(t, 1, s.puts())
}

// Chromium's network stack sends a request again, by itself, when a reused
// connection ends before the answer: a second order that the page knows nothing
// of.
func TestOneClickIsTwoOrdersWhereAWarmConnectionEndsBeforeTheAnswer(t *testing.T) {
	s := open(t, injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Answered().Nth(1).Closes())
	tab := s.ana(t)
	evaluate[int](t, tab, `
		window.fetched = 0;
		const real = window.fetch;
		window.fetch = (...it) => { window.fetched++; return real(...it); };
		0`)
	require.NoError(t, tab.Click(within(t), 1))
	s.awaitScreen(t, "shipped")
	require.Equal(t, 1, evaluate[int](t, tab, `window.fetched`), "what the page sent")
	require.Equal(t, 2, s.puts(), "what went over the wire")
	require.Len(t, s.clicks(), 1)
	require.Equal(t, []string{"ready", "waiting", "shipped"}, s.screens())
}

func TestThePageCanBeUsedByKeyboardAlone(t *testing.T) {
	s := open(t)
	tab := s.ana(t)
	require.NoError(t, tab.page.Do(within(t), chromedp.KeyEvent(kb.Tab)))
	require.Equal(t, "submit", evaluate[string](t, tab, `document.activeElement.id`), "one Tab leads to the button")
	require.NoError(t, tab.page.Do(within(t), chromedp.KeyEvent(kb.Enter)))
	s.awaitScreen(t, "shipped")
	require.Equal(t, 1, s.puts())
}

func TestWithoutJavaScriptTheFormIsPostedAndTheShopRendersTheOutcome(t *testing.T) {
	s := open(t)
	tab := s.tab(t, s.profile(t), "")
	require.NoError(t, tab.page.Do(within(t), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})))
	require.NoError(t, tab.Open(within(t), "b-ana"))
	require.NoError(t, tab.page.Do(within(t), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter)))
	select {
	case form := <-s.posted:
		require.Equal(t, "b-ana amount=49900&currency=NOK&order=b-ana-1", form)
	case <-within(t).Done():
		t.Fatal("no form was posted")
	}
	require.NoError(t, tab.page.Do(within(t), chromedp.WaitReady(chromedp.CSS(`main[data-status="shipped"]`))))
	require.Zero(t, s.puts(), "no script ran")
}

func TestATabEndsWithItsContextAndCanBeClosedTwice(t *testing.T) {
	s := open(t)
	tab := s.ana(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, tab.Open(ctx, "b-ana"), context.Canceled)
	require.ErrorContains(t, tab.Chill(), "keeps its connections")
	tab.Close()
	tab.Close()
	require.Error(t, tab.Click(within(t), 1))
}
