package page_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/reference-service/page"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func order() page.Data {
	return page.Data{
		Basket: "b-ana", Order: "b-ana-1", Amount: 49900, Currency: "NOK", Quantity: 1, Status: "ready",
		Config: page.Config{TimeOutMS: 45_000, Resends: 1, LookAfterMS: 5000, LookEveryMS: 2000},
	}
}

func render(t *testing.T, d page.Data) string {
	var out bytes.Buffer
	require.NoError(t, page.Render(&out, d))
	return out.String()
}

func TestThePageLooksAsItDid(t *testing.T) {
	refunded := order()
	refunded.Status, refunded.Quantity, refunded.Config.Without = "refunded", 3, []string{"tolerant-reader"}
	for name, d := range map[string]page.Data{"ready.html": order(), "refunded.html": refunded} {
		t.Run(name, func(t *testing.T) {
			got, golden := render(t, d), filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "if it is to look so now: go test ./reference-service/page -update")
		})
	}
}

// carried is the JSON that the page carries for its script.
var carried = regexp.MustCompile(`(?s)<script type="application/json" id="order">(.*?)</script>`)

func TestAHostileIDIsTextAndNothingElse(t *testing.T) {
	for _, id := range []string{
		`"><script>alert(1)</script>`, `</script><script>alert(1)</script>`, `' onfocus='alert(1)' x='`,
		"<!--", `{{.Status}}`, `../../admin?x=1#y`, "a\u2028b", `\u003c/script>`, "æ ø å & co",
	} {
		t.Run(id, func(t *testing.T) {
			d := order()
			d.Basket, d.Order, d.Currency = id, id, id
			text := render(t, d)
			require.Equal(t, 3, strings.Count(text, "<script"))
			require.Equal(t, 3, strings.Count(text, "</script"))
			require.NotContains(t, text, "<!--")
			form, _, _ := strings.Cut(text, "<script")
			require.NotContains(t, form, ` onfocus='`)
			action := regexp.MustCompile(`action="([^"]*)"`).FindStringSubmatch(form)
			require.NotNil(t, action)
			goes, err := url.Parse(html.UnescapeString(action[1]))
			require.NoError(t, err)
			require.Equal(t, "/checkout/"+id, goes.Path)
			require.Equal(t, 2, strings.Count(goes.EscapedPath(), "/"), "the form goes to the basket, whatever its name")
			found := carried.FindStringSubmatch(text)
			require.NotNil(t, found)
			var script page.Script
			require.NoError(t, json.Unmarshal([]byte(found[1]), &script))
			require.Equal(t, page.ScriptOrder{ID: id, Basket: id, Amount: 49900, Currency: id}, script.Order)
		})
	}
}

func TestAStatusWithoutWordsIsRefused(t *testing.T) {
	for _, status := range []string{"", "Ready", "unheard-of"} {
		d := order()
		d.Status = status
		var out bytes.Buffer
		require.ErrorContains(t, page.Render(&out, d), "has no words in words.json")
		require.Empty(t, out.String())
	}
}

func TestPricesAreWrittenAsCustomersReadThem(t *testing.T) {
	for amount, want := range map[int64]string{49900: "NOK 499.00", 5: "NOK 0.05", 0: "NOK 0.00", 100001: "NOK 1000.01"} {
		require.Equal(t, want, page.Price(amount, "NOK"))
	}
}

func TestTheAssetsThatThePageAsksForAreServed(t *testing.T) {
	asked := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(render(t, order()), -1)
	require.Len(t, asked, 3)
	for _, path := range asked {
		w := httptest.NewRecorder()
		page.Assets().ServeHTTP(w, httptest.NewRequest("GET", path[1], nil))
		require.Equal(t, http.StatusOK, w.Code, path[1])
		require.NotEmpty(t, w.Body.String())
	}
	w := httptest.NewRecorder()
	page.Assets().ServeHTTP(w, httptest.NewRequest("GET", "/assets/page.go", nil))
	require.Equal(t, http.StatusNotFound, w.Code)
}

func TestEveryStatusThatTheScriptShowsHasWords(t *testing.T) {
	words, script := page.Words(), page.Behaviour()
	var shown []string
	for _, found := range regexp.MustCompile(`show\('([a-z]+)'\)|\|\| '([a-z]+)'\)|\? '([a-z]+)' :`).FindAllStringSubmatch(script, -1) {
		shown = append(shown, found[1]+found[2]+found[3])
	}
	outcomes := regexp.MustCompile(`const outcomes = \[(.*)\];`).FindStringSubmatch(script)
	require.NotNil(t, outcomes)
	for _, name := range strings.Split(outcomes[1], ",") {
		shown = append(shown, strings.Trim(name, " '"))
	}
	require.Subset(t, shown, []string{"waiting", "checking", "changed", "shipped", "cancelled"}, "the patterns of this test find them")
	for _, status := range shown {
		require.NotEmpty(t, words[status], "words.json has no words for %q", status)
	}
	for status, text := range words {
		require.Regexp(t, `^[a-z]+$`, status, "the script reads it from the page by this pattern")
		require.NotEmpty(t, text)
	}
}

func TestEveryStatusHasAPageOfItsOwn(t *testing.T) {
	for status, text := range page.Words() {
		d := order()
		d.Status = status
		html := render(t, d)
		require.Contains(t, html, `<main data-status="`+status+`">`)
		require.Contains(t, html, text)
	}
}

// watched plays the script with nothing but its parameters, and writes down
// what it reads of an answer, asks for and shows.
const watched = `
(function (answer, without) {
  const read = {}, asked = [], shown = [];
  const parse = JSON.parse;
  JSON.parse = (text) => new Proxy(parse(text), { get(it, name) { read[name] = true; return it[name]; } });
  const env = {
    request(r) { asked.push(r.method + ' ' + r.path); return Promise.resolve({ status: 200, body: answer }); },
    sleep() { return new Promise(() => {}); },
    show(view) { shown.push(view.says); },
  };
  const config = { timeOutMS: 1, resends: 0, lookAfterMS: 1, lookEveryMS: 1, without, words: {shipped: 's', waiting: 'w', checking: 'c'} };
  const order = { id: 'b-ana-1', basket: 'b-ana', amount: 1, currency: 'NOK' };
  checkout(order, config, env).submit();
  return { read, asked, shown };
})`

// enact runs the page's script in a bare JavaScript runtime until nothing
// moves any more.
func enact(t *testing.T, answer string, without ...string) (read, asked, shown []string) {
	js := goja.New()
	_, err := js.RunScript("behaviour.js", page.Behaviour())
	require.NoError(t, err)
	// No DOM, network, timer or clock, not even the language's own.
	for _, name := range []string{"Date", "eval", "Function", "globalThis", "console", "Reflect", "Symbol", "Map", "Set"} {
		require.NoError(t, js.GlobalObject().Delete(name))
	}
	run, err := js.RunString(watched)
	require.NoError(t, err)
	play, _ := goja.AssertFunction(run)
	list := make([]any, len(without))
	for i := range without {
		list[i] = without[i]
	}
	seen, err := play(goja.Undefined(), js.ToValue(answer), js.NewArray(list...))
	require.NoError(t, err)
	var out struct {
		Read  map[string]bool `json:"read"`
		Asked []string        `json:"asked"`
		Shown []string        `json:"shown"`
	}
	text, err := json.Marshal(seen.Export())
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &out))
	for name := range out.Read {
		read = append(read, name)
	}
	return read, out.Asked, out.Shown
}

func TestTheScriptTouchesNothingButItsParameters(t *testing.T) {
	for _, without := range []string{"", "status-page", "tolerant-reader"} {
		_, asked, shown := enact(t, `{"id":"b-ana-1","status":"shipped"}`, without)
		require.Equal(t, []string{"PUT /orders/b-ana-1"}, asked)
		require.Equal(t, []string{"waiting", "shipped"}, shown)
	}
}

func TestReadsNamesJustTheFieldsThatTheScriptReads(t *testing.T) {
	put, _, _ := enact(t, `{"id":"b-ana-1","status":"shipped","charged":1,"basket":"b-ana"}`)
	// Where she pays is told only of orders that wait for it.
	sometimes := func(read []string) []string {
		return slices.DeleteFunc(read, func(name string) bool { return name == "pay" })
	}
	require.ElementsMatch(t, page.Reads()["PUT /orders/{id}"], sometimes(put))
	// An order without an outcome is looked after.
	get, asked, _ := enact(t, `{"id":"b-ana-1","status":"checking"}`)
	require.Equal(t, []string{"PUT /orders/b-ana-1", "GET /orders/b-ana-1"}, asked)
	require.ElementsMatch(t, page.Reads()["GET /orders/{id}"], sometimes(get))
	require.Len(t, page.Reads(), 2, "the script asks for these two, and for the page itself")
}
