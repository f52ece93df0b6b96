package script_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/script"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/reference-service/page"
)

func serve(t testing.TB, s *shop) string {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

const put, get, checkout = "PUT /orders/b-ana-1", "GET /orders/b-ana-1", "GET /checkout/b-ana"

// buys opens the page and clicks submit.
func buys(t *testing.T, tab *customer.Tab, clicks int) {
	t.Helper()
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Click(t.Context(), clicks))
}

func TestAScriptWithAFaultDoesNotCompile(t *testing.T) {
	_, err := script.Compile("function checkout( {")
	require.ErrorContains(t, err, "the page's script: ")
	require.ErrorContains(t, err, "behaviour.js")
}

func TestACustomerSeesEachScreenOnceAndInOrder(t *testing.T) {
	s := &shop{config: quick(), put: says("checking"), get: inOrder(says("checking"), says("checking"), says("shipped"))}
	tab, told := ana(t, s)
	buys(t, tab, 1)
	told.awaitScreen(t, "shipped")
	tab.Close()
	require.Equal(t, []string{"ready", "waiting", "checking", "shipped"}, told.screens())
	require.Equal(t, 1, s.count(put))
	require.Equal(t, 3, s.count(get))
	click := told.of(observe.Action)[0]
	require.Equal(t, "ana", click.Actor)
	require.Equal(t, observe.Act{Does: "clicks", Basket: "b-ana", Order: "b-ana-1", Amount: 49900, Money: "NOK"}, *click.Act)
	require.Equal(t, []string{`{"basket":"b-ana","amount":49900,"currency":"NOK"}`}, s.puts)
	require.Contains(t, told.of(observe.Screen)[3].View.Text, "Paid and shipped")
}

func TestASubmitIsSentAgainUnderTheSameIDAsOftenAsThePageMay(t *testing.T) {
	for name, row := range map[string]struct {
		answer  http.HandlerFunc
		timeOut float64
		resends int
	}{
		"no answer in time, never again": {silent, 300, 0},
		"no answer in time":              {silent, 300, 2},
		"a dropped connection":           {drops, 5000, 2},
	} {
		t.Run(name, func(t *testing.T) {
			config := quick()
			config.TimeOutMS, config.Resends = row.timeOut, row.resends
			s := &shop{config: config, put: row.answer, get: says("shipped")}
			tab, told := ana(t, s)
			buys(t, tab, 1)
			told.awaitScreen(t, "shipped")
			tab.Close()
			require.Equal(t, 1+row.resends, s.count(put), "on the wire")
			failed := slices.DeleteFunc(told.of(observe.Failed), func(e observe.Event) bool { return e.Message.Method != "PUT" })
			require.Len(t, failed, 1+row.resends)
			require.Equal(t, []string{"ready", "waiting", "checking", "shipped"}, told.screens())
		})
	}
}

func TestTheTolerantReaderTakesWhatItKnows(t *testing.T) {
	for name, row := range map[string]struct {
		answer  http.HandlerFunc
		screens []string
	}{
		"more than it reads":  {writes(201, `{"status":"shipped","id":"b-ana-1","loyalty":{"points":5}}`), []string{"shipped"}},
		"no id":               {writes(200, `{"status":"shipped"}`), []string{"shipped"}},
		"a changed basket":    {writes(409, `{"type":"about:blank","title":"Conflict","status":409}`), []string{"changed"}},
		"refused as a status": {says("refused"), []string{"refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shop{config: quick(), put: row.answer}
			tab, told := ana(t, s)
			buys(t, tab, 1)
			told.awaitScreen(t, observe.Status(row.screens[0]))
			tab.Close()
			require.Equal(t, append([]string{"ready", "waiting"}, row.screens...), told.screens())
		})
	}
}

// Where an answer makes no sense the page reads the one that the shop itself
// renders, which always says how things stand.
func TestAPageThatCannotReadAnAnswerFallsBackToTheRenderedPage(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a renamed field":   writes(200, `{"id":"b-ana-1","orderStatus":"shipped"}`),
		"a dropped field":   writes(200, `{"id":"b-ana-1"}`),
		"a retyped field":   writes(200, `{"id":"b-ana-1","status":["nonsense"]}`),
		"an unknown status": writes(200, `{"id":"b-ana-1","status":"SHIPPED"}`),
		"no JSON":           writes(200, `<html>a proxy's greeting`),
		"nothing":           writes(204, ""),
		"an error":          writes(500, `{"status":500}`),
	} {
		t.Run(name, func(t *testing.T) {
			s := &shop{config: quick(), get: answer}
			s.put = func(w http.ResponseWriter, r *http.Request) { s.becomes("shipped"); answer(w, r) }
			tab, told := ana(t, s)
			buys(t, tab, 1)
			told.awaitScreen(t, "shipped")
			tab.Close()
			require.Equal(t, []string{"ready", "waiting", "shipped"}, told.screens())
			require.Equal(t, 2, s.count(checkout), "opened once, asked once")
			require.Empty(t, told.of(observe.Note))
		})
	}
}

func TestTheStrictReaderStopsAtWhatItDoesNotKnowAndTheCustomerHearsNothing(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a renamed field": writes(200, `{"id":"b-ana-1","orderStatus":"shipped"}`),
		"no JSON":         writes(200, `<html>`),
	} {
		t.Run(name, func(t *testing.T) {
			tab, told := ana(t, &shop{config: quick("tolerant-reader"), put: answer, status: "ready"})
			buys(t, tab, 1)
			require.Contains(t, told.awaitNote(t), "the page's script stopped: ")
			tab.Close()
			require.Equal(t, []string{"ready", "waiting"}, told.screens())
		})
	}
}

func TestWithoutAStatusPageTheOneAnswerIsAllThereIs(t *testing.T) {
	config := quick("status-page")
	t.Run("it is awaited", func(t *testing.T) {
		s := &shop{config: config}
		s.put = func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Prefer") == "wait=5" {
				says("shipped")(w, r)
			}
		}
		tab, told := ana(t, s)
		buys(t, tab, 1)
		told.awaitScreen(t, "shipped")
		tab.Close()
		require.Zero(t, s.count(get))
	})
	t.Run("its absence has no word", func(t *testing.T) {
		s := &shop{config: config, put: drops}
		tab, told := ana(t, s)
		buys(t, tab, 1)
		require.Contains(t, told.awaitNote(t), "stopped")
		tab.Close()
		require.Equal(t, []string{"ready", "waiting"}, told.screens())
		require.Equal(t, 2, s.count(put))
		require.Zero(t, s.count(get))
	})
}

func TestADoubleClickSendsTheSameOrderTwice(t *testing.T) {
	s := &shop{config: quick(), put: says("shipped"), get: says("shipped")}
	tab, told := ana(t, s)
	buys(t, tab, 2)
	for len(told.of(observe.Received)) < 3 {
		told.await(t, func(observe.Event) bool { return len(told.of(observe.Received)) >= 3 })
	}
	told.awaitScreen(t, "shipped") // which comes after its answer
	tab.Close()
	require.Equal(t, 2, s.count(put), "with the same id")
	require.Len(t, told.of(observe.Action), 2)
	require.Equal(t, []string{"ready", "waiting", "shipped"}, told.screens(), "no screen twice")
}

func TestAnOutcomeIsNeverReplacedByLess(t *testing.T) {
	second := make(chan struct{})
	s := &shop{config: quick(), put: inOrder(says("shipped"), func(w http.ResponseWriter, r *http.Request) {
		<-second
		says("checking")(w, r)
	})}
	tab, told := ana(t, s)
	buys(t, tab, 1)
	told.awaitScreen(t, "shipped")
	require.NoError(t, tab.Click(t.Context(), 1))
	close(second)
	told.await(t, func(e observe.Event) bool { return len(told.of(observe.Received)) == 3 })
	tab.Close()
	require.Equal(t, []string{"ready", "waiting", "shipped"}, told.screens())
}

func TestAReloadCancelsWhatIsUnderWayAndShowsThePageAnew(t *testing.T) {
	arrived := make(chan struct{})
	s := &shop{config: quick(), put: func(w http.ResponseWriter, r *http.Request) { close(arrived); silent(w, r) }}
	tab, told := ana(t, s)
	buys(t, tab, 1)
	<-arrived
	s.becomes("shipped")
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.Equal(t, observe.Cancelled, told.of(observe.Failed)[0].Message.Error)
	tab.Close()
	require.Equal(t, []string{"ready", "waiting", "shipped"}, told.screens())
	require.Equal(t, 1, s.count(put), "nobody sends again what was cancelled")
}

func TestTheBackButtonLeavesThePageAndCancelsWhatIsUnderWay(t *testing.T) {
	arrived := make(chan struct{})
	s := &shop{config: quick(), put: func(w http.ResponseWriter, r *http.Request) { close(arrived); silent(w, r) }}
	tab, told := ana(t, s)
	_, err := tab.Back(t.Context())
	require.ErrorContains(t, err, "open it first")
	buys(t, tab, 1)
	<-arrived
	shop, err := tab.Back(t.Context())
	require.NoError(t, err)
	require.False(t, shop, "she came from elsewhere")
	require.Equal(t, observe.Cancelled, told.of(observe.Failed)[0].Message.Error)
	require.ErrorContains(t, tab.Click(t.Context(), 1), "open it first")
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.Equal(t, []string{"ready", "waiting", "ready"}, told.screens())
}

func TestAPageThatDoesNotComeAtFirstIsLoadedAgain(t *testing.T) {
	s := &shop{config: quick()}
	s.pages = inOrder(drops, writes(503, "later"), writes(200, "<html>no order"), s.render)
	tab, told := ana(t, s)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.Equal(t, []string{"unreachable", "unreachable", "unreachable", "ready"}, told.screens())
}

func TestAPageThatNeverComesIsAnErrorWithItsReason(t *testing.T) {
	tab, told := ana(t, &shop{pages: writes(503, "never")})
	err := tab.Open(t.Context(), "b-ana")
	require.EqualError(t, err, "the page did not come: the shop answered 503")
	require.ErrorIs(t, err, observe.ErrNoPage)
	require.Greater(t, len(told.screens()), 1, "she tries again")
	require.ErrorContains(t, tab.Click(t.Context(), 1), "open it first")

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, tab.Open(gone, "b-ana"), context.Canceled)
}

func TestAScriptThatDoesNotKeepItsPromiseIsToldOf(t *testing.T) {
	for name, row := range map[string]struct{ script, opens, note string }{
		"no function":     {`var page = {}`, "it defines no function checkout", ""},
		"it throws":       {`function checkout() { throw new Error('no order') }`, "no order", ""},
		"no submit":       {`function checkout() { return {} }`, "", "the page has no submit()"},
		"submit throws":   {`function checkout() { return {submit() { throw new Error('boom') }} }`, "", "the page's script stopped: Error: boom"},
		"submit rejects":  {`function checkout() { return {async submit() { throw new Error('boom') }} }`, "", "the page's script stopped: Error: boom"},
		"a caught reject": {`function checkout(o, c, env) { return {submit() { const p = Promise.reject(1); p.catch(() => {throw new Error('second')}) }} }`, "", "second"},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, &shop{config: quick()})
			tab, told := anaAt(t, url, row.script)
			if row.opens != "" {
				require.ErrorContains(t, tab.Open(t.Context(), "b-ana"), row.opens)
				return
			}
			buys(t, tab, 1)
			require.Contains(t, told.awaitNote(t), row.note)
		})
	}
}

func TestWhatHappensInATabOfHersIsHers(t *testing.T) {
	s := &shop{config: quick(), put: says("shipped")}
	told := newDiary()
	tab := customer.New(script.New(script.Config{
		Person: customer.Person{Customer: "ana", Tab: "tab 2", See: told.see},
		URL:    serve(t, s), Dial: new(net.Dialer).DialContext, Script: compile(t, page.Behaviour()),
	}), customer.Times{})
	defer tab.Close()
	buys(t, tab, 1)
	told.awaitScreen(t, "shipped")
	for _, e := range told.of(observe.Sent) {
		require.Equal(t, "ana", e.Actor)
		require.Contains(t, e.Message.Call, "ana/tab 2-")
	}
	require.Equal(t, "tab 2", told.of(observe.Screen)[0].View.Tab)
}

func TestAChilledTabSendsOnAConnectionOfItsOwn(t *testing.T) {
	dialled := 0
	s := &shop{config: quick(), put: says("shipped")}
	told := newDiary()
	tab := customer.New(script.New(script.Config{
		Person: customer.Person{Customer: "ana", See: told.see}, URL: serve(t, s), Script: compile(t, page.Behaviour()),
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled++
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}), customer.Times{})
	defer tab.Close()
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.Equal(t, 1, dialled, "warm")
	require.NoError(t, tab.Chill())
	require.NoError(t, tab.Click(t.Context(), 1))
	told.awaitScreen(t, "shipped")
	require.Equal(t, 2, dialled, "cold")
}

// The same submit again is what the page's script sent, also when the page was left.
func TestTheSamePutIsSentAgain(t *testing.T) {
	s := &shop{config: quick(), put: says("shipped"), get: says("shipped")}
	tab, told := ana(t, s)
	require.NoError(t, tab.Open(t.Context(), "b-ana"))
	require.ErrorContains(t, tab.Resubmit(t.Context()), "sent no submit")
	require.NoError(t, tab.Click(t.Context(), 1))
	told.awaitScreen(t, "shipped")
	require.NoError(t, tab.Resubmit(t.Context()))
	tab.Close()
	require.NoError(t, tab.Resubmit(t.Context()))
	tab.Look(t.Context())
	tab.Close()
	require.Equal(t, 3, s.count(put))
	require.Equal(t, 1, s.count(get))
	require.Len(t, slices.Compact(s.puts), 1)
}
