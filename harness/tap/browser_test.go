package tap_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// A page that says what field it found in the packed answer to its order, and then
// what a stream that stays open tells it.
const packedPage = `<!doctype html><p class="total">NOK 499.00</p><button id="buy">Buy</button><p id="status"></p><script>
const show = (text) => { document.getElementById('status').textContent = text; };
document.getElementById('buy').onclick = async () => {
  const answer = await (await fetch('/orders/1', { method: 'PUT' })).json();
  show('order: ' + Object.keys(answer).sort().join());
  new EventSource('/events').onmessage = (e) => show('stream: ' + e.data);
};
</script>`

func TestABrowserReadsWhatTheTapChangesAndPassesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts Chromium: make test runs it")
	}
	chromium, err := browser.Start()
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	defer func() { require.NoError(t, chromium.Close()) }()

	goOn := make(chan struct{})
	shop := newLedger(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/orders/1":
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, order)
			_ = z.Close()
		case "/events":
			w.Header().Set("Content-Type", "text/event-stream")
			for _, text := range []string{`{"status":"working"}`, `{"status":"shipped"}`} {
				select {
				case <-goOn:
				case <-r.Context().Done():
				}
				fmt.Fprintf(w, "data: %s\n\n", text)
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done() // it stays open
		default:
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, packedPage)
		}
	})
	h := newHop(t, shop.address(), tap.Config{},
		OnPath(CustomerHop, "PUT", "/orders/{id}").Answered().Renames("status", "state"),
		OnPath(CustomerHop, "GET", "/events").Answered().Does(Fault{Kind: fault.Retype, Field: "status"}))

	profile, err := chromium.Profile()
	require.NoError(t, err)
	defer func() { require.NoError(t, profile.Close()) }()
	front, err := profile.Tab(browser.Config{
		Person: customer.Person{Customer: "ana", See: h.Recorder.See}, URL: h.url(""),
		Page: browser.Page{
			Path: "/checkout/{basket}", Submit: "#buy", Says: browser.Reading{Selector: "#status"},
			Words:  map[string]observe.Status{"order: charged,id,state": "checking", `stream: {"status":["working"]}`: "waiting", `stream: {"status":["shipped"]}`: "shipped"},
			Amount: browser.Reading{Selector: ".total"}, Money: "NOK",
		},
	})
	require.NoError(t, err)
	tab := customer.New(front, customer.Times{TryAgain: time.Second})
	defer tab.Close()
	ctx := within(t, 3*soon)
	require.NoError(t, tab.Open(ctx, "b-ana"))
	require.NoError(t, tab.Click(ctx, 1))
	for _, says := range []observe.Status{"checking", "waiting", "shipped"} {
		_, err := h.Await(ctx, 0, func(e Event) bool { return e.Kind == observe.Screen && e.View.Says == says })
		require.NoError(t, err, "the page never said %q", says)
		if says != "shipped" {
			goOn <- struct{}{}
		}
	}
	require.Len(t, h.evidence(), 2)
}
