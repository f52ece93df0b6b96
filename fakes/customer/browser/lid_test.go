package browser_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/units"
)

// restless is a page that never rests: it asks every 20 ms, and says how its submit ended.
const restless = `<!DOCTYPE html><button>Buy</button><main data-status="ready"></main>
<script>
	const who = location.pathname.slice(1);
	const says = (status) => document.querySelector('main').setAttribute('data-status', status);
	setInterval(() => fetch('/tick/' + who), 20);
	document.querySelector('button').onclick = () => {
		says('waiting');
		fetch('/submit/' + who, { method: 'POST' }).then(() => says('shipped'), () => says('unknown'));
	};
</script>`

// While the lid is closed the page does nothing and what it had under way is cut; when it is
// opened it goes on where it was, and is told so.
func TestAPageInABrowserSleepsWhileTheLidIsClosed(t *testing.T) {
	ticks := map[string]chan struct{}{"ana": make(chan struct{}, 1<<16), "ben": make(chan struct{}, 1<<16)}
	submitted, cut := make(chan struct{}, 1), make(chan struct{}, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{who}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, restless) })
	mux.HandleFunc("GET /tick/{who}", func(_ http.ResponseWriter, r *http.Request) { ticks[r.PathValue("who")] <- struct{}{} })
	mux.HandleFunc("POST /submit/{who}", func(_ http.ResponseWriter, r *http.Request) {
		submitted <- struct{}{}
		<-r.Context().Done()
		cut <- struct{}{}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	seen := environment.NewRecorder(units.Wall, nil)
	tab := func(who string) seat {
		profile, err := start(t).Profile()
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, profile.Close()) })
		made := sit(t, profile, browser.Config{
			Person: customer.Person{Customer: who, See: seen.See, Lid: &customer.Lid{}}, URL: server.URL,
			Page: browser.Page{Path: "/{basket}", Submit: "button", Says: browser.Reading{Selector: "main", Attribute: "data-status"}},
		})
		require.NoError(t, made.Open(within(t), who))
		return made
	}
	await := func(what string, c <-chan struct{}, times int) {
		t.Helper()
		for range times {
			select {
			case <-c:
			case <-within(t).Done():
				require.FailNow(t, fmt.Sprintf("not seen: %s", what))
			}
		}
	}
	ana := tab("ana")
	tab("ben")
	require.NoError(t, ana.Click(within(t), 1))
	await("her submit", submitted, 1)
	require.NoError(t, ana.CloseLid())
	await("the end of her submit", cut, 1)
	await("the other customer's page", ticks["ben"], len(ticks["ben"])+10)
	for len(ticks["ana"]) > 0 { // what was on its way
		<-ticks["ana"]
	}
	await("the other customer's page", ticks["ben"], len(ticks["ben"])+50) // a second of an open lid
	require.Zero(t, len(ticks["ana"]), "her page sleeps")
	for _, e := range seen.History() {
		require.False(t, e.Kind == observe.Screen && e.View.Says == "unknown", "she was told while her lid was closed")
	}
	require.NoError(t, ana.OpenLid())
	await("her page", ticks["ana"], 3)
	_, err := seen.Await(within(t), 0, func(e observe.Event) bool { return e.Kind == observe.Screen && e.View.Says == "unknown" })
	require.NoError(t, err)
}
