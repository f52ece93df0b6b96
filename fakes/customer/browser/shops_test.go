package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
)

// another is a shop that has nothing in common with the reference shop: its page
// draws itself late, hides its thanks until they are due, and moves on to another
// page; it knows its customers by a cookie.
type another struct {
	*environment.Recorder
	server *httptest.Server
	late   atomic.Int32 // pages that are answered 503 before one comes
	paid   atomic.Int32
}

const front = `<!doctype html><title>Kasse</title>
<style>.pay { text-transform: uppercase } .thanks { display: none }</style>
<div class="thanks">Takk for kjøpet</div>
<section></section>
<script>
	setTimeout(() => {
		document.querySelector('section').innerHTML = '<b class="sum">kr&nbsp;1&nbsp;499,50</b> <p class="state">Klar</p>' +
			'<a class="pay" href="#">Kjøp \' "nå"</a> <em>%s</em>';
		document.querySelector('.pay').onclick = async (event) => {
			event.preventDefault();
			document.querySelector('.state').textContent = 'Vent litt …';
			await (await fetch('/api/pay', { method: 'POST', body: '{}' })).text();
			location.href = '/kvittering';
		};
	}, 30);
</script>`

const faulty = `<!doctype html><p class="state">Klar</p><a class="pay" href="#">Kjøp</a>
<script>try { missing() } catch {}</script>
<script>missing()</script>
<script>throw 'a word'</script>
<script>Promise.reject(new Error('no <b>\u001b[31manswer\u202e</b>'))</script>`

const receipt = `<!doctype html><title>Kvittering</title><main><h1 class="state">Takk for kjøpet!</h1></main>`

func openAnother(t *testing.T) *another {
	s := &another{Recorder: environment.NewRecorder(units.Wall, nil)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /kasse/{basket}", func(w http.ResponseWriter, r *http.Request) {
		if s.late.Add(-1) >= 0 {
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		who := "somebody new"
		if cookie, err := r.Cookie("who"); err == nil {
			who = cookie.Value
		}
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "known-since-" + r.PathValue("basket")})
		fmt.Fprintf(w, front, who)
	})
	mux.HandleFunc("GET /moved/{basket}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/kasse/"+r.PathValue("basket"), http.StatusFound)
	})
	mux.HandleFunc("GET /feil/{basket}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, faulty) })
	mux.HandleFunc("POST /api/pay", func(http.ResponseWriter, *http.Request) { s.paid.Add(1) })
	mux.HandleFunc("GET /kvittering", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, receipt) })
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	return s
}

// kasse is how its page is used: by words that are no JavaScript of ours.
func kasse() browser.Page {
	return browser.Page{
		Path: "/kasse/{basket}", Submit: `a.pay, [title="'); alert(1); ('"]`,
		Says:   browser.Reading{Selector: ".state, .thanks"},
		Words:  map[string]observe.Status{"Klar": "ready", "Vent litt": "waiting", "takk for kjøpet": "shipped", "</script><script>alert(1)": "refused"},
		Amount: browser.Reading{Selector: ".sum"}, Money: "NOK",
	}
}

func (s *another) tab(t *testing.T, profile *browser.Profile, name, tab string) seat {
	return sit(t, profile, browser.Config{
		Person: customer.Person{Customer: name, Tab: tab, See: s.See}, URL: s.server.URL, Page: kasse(),
	})
}

func profile(t *testing.T) *browser.Profile {
	made, err := start(t).Profile()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, made.Close()) })
	return made
}

func (s *another) told(kind observe.Kind) (found []observe.Event) {
	for _, e := range s.History() {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

func (s *another) says() (says []string) {
	for _, e := range s.told(observe.Screen) {
		says = append(says, string(e.View.Says)+": "+e.View.Text)
	}
	return says
}

func (s *another) await(t *testing.T, match func(observe.Event) bool) {
	t.Helper()
	_, err := s.Await(within(t), 0, match)
	require.NoError(t, err)
}

func shows(says observe.Status) func(observe.Event) bool {
	return func(e observe.Event) bool { return e.Kind == observe.Screen && e.View.Says == says }
}

func TestAnyShopIsDrivenBySelectorsAndWords(t *testing.T) {
	s := openAnother(t)
	tab := s.tab(t, profile(t), "ana", "")
	require.NoError(t, tab.Open(within(t), "b-ana"))
	require.NoError(t, tab.Click(within(t), 1))
	s.await(t, shows("shipped"))
	require.Equal(t, []string{"ready: Klar", "waiting: Vent litt …", "shipped: Takk for kjøpet!"}, s.says())
	require.Equal(t, []observe.Act{{Does: "clicks", Basket: "b-ana", Amount: 149950, Money: "NOK"}}, acts(s.told(observe.Action)))
	require.EqualValues(t, 1, s.paid.Load())
	var calls []string
	for _, e := range s.told(observe.Sent) {
		calls = append(calls, e.Message.Call+" "+e.Message.Method+" "+e.Message.Path)
	}
	require.Equal(t, []string{"ana-1 GET /kasse/b-ana", "ana-2 POST /api/pay", "ana-3 GET /kvittering"}, calls)
	require.Empty(t, s.told(observe.Failed))
	require.ErrorContains(t, tab.Change(within(t), 2), "nobody has said how a basket of this shop is changed")
}

// Each call has a name and a fate at the customer's end, as a redirect has.
func TestARedirectIsTwoCalls(t *testing.T) {
	s := openAnother(t)
	page := kasse()
	page.Path = "/moved/{basket}"
	tab := sit(t, profile(t), browser.Config{Person: customer.Person{Customer: "ana", See: s.See}, URL: s.server.URL, Page: page})
	require.NoError(t, tab.Open(within(t), "b-ana"))
	var seen []string
	for _, e := range s.History() {
		if e.Message != nil {
			seen = append(seen, fmt.Sprintf("%s %s %s %d", e.Kind, e.Message.Call, e.Message.Path, e.Message.Status))
		}
	}
	require.Equal(t, []string{
		"sent ana-1 /moved/b-ana 0", "received ana-1 /moved/b-ana 302", "sent ana-2 /kasse/b-ana 0", "received ana-2 /kasse/b-ana 200",
	}, seen)
}

func acts(events []observe.Event) (acts []observe.Act) {
	for _, e := range events {
		acts = append(acts, *e.Act)
	}
	return acts
}

func TestTabsOfOneCustomerShareAProfileAndCustomersDoNot(t *testing.T) {
	s := openAnother(t)
	hers, his := profile(t), profile(t)
	first, second, other := s.tab(t, hers, "ana", ""), s.tab(t, hers, "ana", "tab 2"), s.tab(t, his, "ben", "")
	for _, one := range []struct {
		tab    seat
		basket string
		known  string
	}{
		{first, "b-ana", "somebody new"}, {second, "b-ana", "known-since-b-ana"}, {other, "b-ben", "somebody new"},
	} {
		require.NoError(t, one.tab.Open(within(t), one.basket))
		require.Equal(t, one.known, evaluate[string](t, one.tab, `document.querySelector('em').textContent`))
	}
	require.Equal(t, "ana/tab 2-1", s.told(observe.Sent)[1].Message.Call)
}

func TestTheBackButtonShowsThePageBefore(t *testing.T) {
	s := openAnother(t)
	tab := s.tab(t, profile(t), "ana", "")
	require.NoError(t, tab.Open(within(t), "b-ana"))
	require.NoError(t, tab.Click(within(t), 1))
	s.await(t, shows("shipped"))
	shop, err := tab.Back(within(t))
	require.NoError(t, err)
	require.True(t, shop, "the shop's own page, which can be clicked again")
	require.Equal(t, "waiting: Vent litt …", s.says()[3], "as she left it: the browser had kept it")
	require.NoError(t, tab.Click(within(t), 1))
	s.await(t, func(observe.Event) bool { return len(s.says()) == 5 })
	require.Equal(t, "shipped: Takk for kjøpet!", s.says()[4])
	require.EqualValues(t, 2, s.paid.Load())

	shop, err = tab.Back(within(t))
	require.NoError(t, err)
	require.True(t, shop)
	shop, err = tab.Back(within(t))
	require.NoError(t, err)
	require.False(t, shop, "the empty page that she began with")
	_, err = tab.page.Back(within(t))
	require.ErrorContains(t, err, "there is no page before this one")
}

func TestAReloadCancelsWhatIsUnderWay(t *testing.T) {
	s := open(t, injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Hangs())
	tab := s.ana(t)
	require.NoError(t, tab.Click(within(t), 1))
	_, err := s.Await(within(t), 0, func(e observe.Event) bool { return e.Kind == observe.Answered && e.Message.Method == http.MethodPut })
	require.NoError(t, err)
	require.NoError(t, tab.Open(within(t), "b-ana"))
	failed, err := s.Await(within(t), 0, func(e observe.Event) bool { return e.Kind == observe.Failed && e.Actor == "ana" })
	require.NoError(t, err)
	require.Equal(t, observe.Cancelled, failed.Message.Error)
	require.Equal(t, []string{"ready", "waiting", "ready"}, s.screens())
	require.Equal(t, 1, s.puts(), "nobody sends again what was cancelled")
}

func TestAPageThatDoesNotComeIsLoadedAgain(t *testing.T) {
	s := openAnother(t)
	s.late.Store(2)
	tab := s.tab(t, profile(t), "ana", "")
	require.NoError(t, tab.Open(within(t), "b-ana"))
	require.Equal(t, []string{
		"unreachable: This page cannot be reached.", "unreachable: This page cannot be reached.", "ready: Klar",
	}, s.says())

	s.server.Close()
	gone, cancel := context.WithCancel(within(t))
	tab.page.See = func(e observe.Event) {
		s.See(e)
		if e.Kind == observe.Screen {
			cancel()
		}
	}
	require.Error(t, tab.Open(gone, "b-ana"))
	require.Equal(t, observe.StatusUnreachable, s.told(observe.Screen)[3].View.Says)
	failed, err := s.Await(within(t), 0, func(e observe.Event) bool { return e.Kind == observe.Failed })
	require.NoError(t, err, "the browser says so of its own, after its answer to our command")
	require.Equal(t, observe.Refused, failed.Message.Error)
}

func TestAPageThatIsNotTheOneDescribedIsSaidSoAtOnce(t *testing.T) {
	s := openAnother(t)
	page := kasse()
	page.Submit = "#no-such-button"
	tab := sit(t, profile(t), browser.Config{
		Person: customer.Person{Customer: "ana", See: s.See}, URL: s.server.URL, Page: page, DrawnWithin: 200 * time.Millisecond,
	})
	require.ErrorContains(t, tab.Open(within(t), "b-ana"), `there is nothing on it that fits "#no-such-button"`)
	require.ErrorContains(t, tab.page.Click(within(t), 1), `no element that can be seen fits "#no-such-button"`)
}

// What a page's script does not catch is told as in a console, without its stack, and harmless
// to a terminal: what the page was to do next never comes.
func TestErrorsThatNoScriptCatchesAreTold(t *testing.T) {
	s := openAnother(t)
	page := kasse()
	page.Path = "/feil/{basket}"
	tab := sit(t, profile(t), browser.Config{Person: customer.Person{Customer: "ana", See: s.See}, URL: s.server.URL, Page: page})
	require.NoError(t, tab.Open(within(t), "b-ana"))
	var notes []string
	_, err := s.Await(within(t), 0, func(e observe.Event) bool {
		if e.Kind == observe.Note {
			notes = append(notes, e.Text)
		}
		return len(notes) == 3
	})
	require.NoError(t, err)
	require.Equal(t, []string{
		"the page's script stopped: ReferenceError: missing is not defined (/feil/b-ana, line 3)",
		"the page's script stopped: Uncaught \"a word\" (/feil/b-ana, line 4)",
		"the page's script stopped: Error: no <b>\ufffd[31manswer\ufffd</b> (/feil/b-ana, line 5)",
	}, notes)
}

func TestATabNeedsSelectorsThatAreSome(t *testing.T) {
	for want, spoil := range map[string]func(*browser.Page){
		`"a[" is no CSS selector`:                 func(p *browser.Page) { p.Submit = "a[" },
		`"\"); alert(1); (\"" is no CSS selector`: func(p *browser.Page) { p.Amount.Selector = `"); alert(1); ("` },
		`does not begin with /`:                   func(p *browser.Page) { p.Path = "kasse" },
	} {
		page := kasse()
		spoil(&page)
		_, err := profile(t).Tab(browser.Config{Person: customer.Person{Customer: "ana", See: observe.Nobody}, URL: "http://127.0.0.1:1", Page: page})
		require.ErrorContains(t, err, want)
	}
}
