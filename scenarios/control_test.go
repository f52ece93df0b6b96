package scenarios_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/wire"
)

// altered is a sample's description with some words replaced, beside its shop.
func altered(t *testing.T, language, kind string, words ...string) string {
	t.Helper()
	if _, err := exec.LookPath(language); err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "targets", language))))
	path := filepath.Join(folder, kind+".yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 0; i < len(words); i += 2 {
		require.Contains(t, string(text), words[i])
	}
	require.NoError(t, os.WriteFile(path, []byte(strings.NewReplacer(words...).Replace(string(text))), 0o600))
	return path
}

// Where nobody can buy, no story proves anything: one sentence says why.
func TestNobodyCanBuy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		words []string
		says  string
	}{
		"a wrong secret": {
			[]string{"${payments.client_secret}", "wrong", "clock: 20", "clock: 100"},
			"nobody could buy: the provider refused POST /accesstoken/get with 401",
		},
		"a shop that cannot start": {
			[]string{"naive.js", `-e, "process.exit(4)"`},
			"nobody could buy: the shop could not be started: the shop ended before it was ready",
		},
	} {
		t.Run(name, func(t *testing.T) {
			output, code, report := judged(t, []string{"UNHAPPY_TARGET=" + altered(t, "node", "naive", c.words...)}, asItIs,
				"-test.run=^(TestScenarios|TestExploration)$", "-ginkgo.label-filter=!target")
			require.Equal(t, 1, code, output)
			require.Contains(t, output, "UNPROVEN: "+c.says)
			require.Equal(t, 1, strings.Count(output, "nobody could buy"), "it is told once: %s", output)
			require.Equal(t, 1, strings.Count(output, " plain-purchase ("), "one control run is enough: %s", output)
			require.NotContains(t, output, "customer-1")
			require.FileExists(t, filepath.Join(report, "report.html"))
		})
	}
}

// A shop that refuses every webhook is told so after the control runs, and why that may be.
func TestAShopThatRefusesEveryWebhookIsToldWhy(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	const secret, path = "does it check them with ${webhooks.secret}", `is "webhooks: /%s" its path`
	for name, c := range map[string]struct {
		old, new string
		says     string
		story    string
		runs     int
	}{
		"the secret":       {"${webhooks.secret}", "a-wrong-secret", "401 ({}): " + secret + ", and " + fmt.Sprintf(path, "webhooks"), "", 3},
		"the path":         {"webhooks: /webhooks", "webhooks: /hook", "404 ({\"error\":\"nothing here\"}): " + fmt.Sprintf(path, "hook") + ", and " + secret, "", 3},
		"one is asked for": {"${webhooks.secret}", "a-wrong-secret", "401 ({}): " + secret, "plain-purchase", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			require.NoError(t, os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "shops"))))
			description := filepath.Join(folder, "checkouts", "webhook-signed.yaml")
			text, err := os.ReadFile(description)
			require.NoError(t, err)
			require.Contains(t, string(text), c.old)
			text = []byte(strings.NewReplacer(c.old, c.new, "clock: 20", "clock: 200").Replace(string(text)))
			require.NoError(t, os.WriteFile(description, text, 0o600))
			output, code, _ := judged(t, []string{"UNHAPPY_TARGET=" + description, "UNHAPPY_REPLAY=" + c.story}, asItIs,
				"-test.run=^(TestScenarios|TestExploration)$", "-ginkgo.label-filter=!target")
			require.Equal(t, 1, code, output)
			require.Regexp(t, `nobody was told of a sale, though NOK 499\.00 was reserved: the shop answered every webhook of the provider \((\d+) of \d+\) with `+regexp.QuoteMeta(c.says), output)
			require.Equal(t, 1, strings.Count(output, " plain-purchase ("), "one control run is enough: %s", output)
			require.NotContains(t, output, "customer-1")
		})
	}
}

// A shop that is said to run already and does not is told at once, by the address that
// the description has.
func TestNothingListensWhereTheShopIsToRun(t *testing.T) {
	t.Parallel()
	address := fmt.Sprintf("http://127.0.0.1:%d", portOf(t))
	description := filepath.Join(t.TempDir(), "shop.yaml")
	text := strings.Replace(fmt.Sprintf(decliningFirst, portOf(t)), `{command: [node, shop.js], environment: {PORT: "${service.port}"}}`, "{url: "+address+"}", 1)
	require.NoError(t, os.WriteFile(description, []byte(text), 0o600))
	for _, flag := range []string{"-test.run=^TestScenarios$", "-test.run=^TestExploration$"} {
		output, code, _ := run(t, []string{"UNHAPPY_TARGET=" + description}, flag)
		require.Equal(t, 2, code, output)
		require.Equal(t, "nothing listens at "+address+": start the shop, or say service: {command: […]}\n", output)
	}
	output, code, _ := run(t, []string{"UNHAPPY_TARGET=" + description}, "-ginkgo.dry-run", "-ginkgo.v")
	require.Zero(t, code, output)
	require.Contains(t, output, "plain-purchase is kept by", "nothing need run for a list")
}

// declines is a shop that tells each customer truthfully that it refuses, and never
// asks the provider for anything.
const declines = `require('http').createServer((q, a) => {
  a.setHeader('content-type', 'application/json')
  a.end(q.method === 'GET' ? '{"amount":49900,"currency":"NOK"}' : '{"status":"declined"}')
}).listen(process.env.PORT, '127.0.0.1')
`

const declining = `version: 1
name: A shop that declines
service: {command: [node, shop.js], environment: {PORT: "${service.port}"}}
clock: 50
customer:
  open: [{get: "/cart/${basket}", capture: {amount: {json: /amount}, currency: {json: /currency}}}]
  submit: {post: "/cart/${basket}/buy"}
  screens: [{json: {/status: declined}, says: refused}]
`

// A shop that always declines keeps every promise, and sells nothing.
func TestAShopThatAlwaysDeclinesIsNotGreen(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "shop.js"), []byte(declines), 0o600))
	description := filepath.Join(folder, "shop.yaml")
	require.NoError(t, os.WriteFile(description, []byte(declining), 0o600))
	for _, story := range []string{"", "customer-3-double-click", "plain-purchase"} {
		output, code, _ := judged(t, []string{"UNHAPPY_TARGET=" + description, "UNHAPPY_REPLAY=" + story}, asItIs)
		require.Equal(t, 1, code, output)
		require.Contains(t, output, "nobody could buy: the shop asked the provider for nothing; "+
			`the shop last answered POST /cart/b-ana/buy with 200 ({"status":"declined"}); the screen last said “refused”`)
	}
}

// declinesFirst is a shop that declines everybody when it is started first, and
// sells afterwards. Nothing is due there.
const declinesFirst = `const fs = require('fs')
const sells = fs.existsSync('started')
fs.writeFileSync('started', '')
require('http').createServer((q, a) => {
  a.setHeader('content-type', 'application/json')
  a.end(q.url.startsWith('/cart') ? '{"amount":49900,"currency":"NOK"}' : sells ? '{"status":"paid"}' : '{"status":"declined"}')
}).listen(process.env.PORT, '127.0.0.1')
`

const decliningFirst = `version: 1
name: A shop that declines at first
service: {command: [node, shop.js], environment: {PORT: "${service.port}"}}
clock: 50
shipping: none
money: {due: 0}
payments: {port: %d} # so that one shop runs after the other
customer:
  open: [{get: "/cart/${basket}", capture: {amount: {json: /amount}, currency: {json: /currency}}}]
  submit: {post: "/buy/${basket}"}
  silence: 5s
  look: {get: "/orders/${basket}"}
  screens:
    - {json: {/status: declined}, says: refused}
    - {json: {/status: paid}, says: paid}
`

// sellsOut is a shop that runs on, and sells a few times. Nothing is due there.
func sellsOut(t *testing.T, stock int) (url string) {
	var mu sync.Mutex
	word := ""
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/cart/") {
			_, _ = io.WriteString(w, `{"amount":49900,"currency":"NOK"}`)
			return
		}
		if r.Method == http.MethodPost {
			stock--
			word = map[bool]string{true: "paid", false: "declined"}[stock >= 0]
		}
		_, _ = io.WriteString(w, `{"status":"`+word+`"}`)
	}))
	t.Cleanup(shop.Close)
	return shop.URL
}

// A shop that runs on, and sells nothing any more, keeps every promise.
func TestAShopThatSellsOutIsNotGreen(t *testing.T) {
	t.Parallel()
	for stock, want := range map[int]int{3: 1, 100: 0} {
		t.Run(fmt.Sprint(stock), func(t *testing.T) {
			description := filepath.Join(t.TempDir(), "shop.yaml")
			output, code, _ := judged(t, []string{"UNHAPPY_TARGET=" + description}, func() {
				text := strings.Replace(fmt.Sprintf(decliningFirst, portOf(t)), `{command: [node, shop.js], environment: {PORT: "${service.port}"}}`, "{url: "+sellsOut(t, stock)+"}", 1)
				require.NoError(t, os.WriteFile(description, []byte(text), 0o600))
			}, "-ginkgo.focus="+lostConfirmation.ID+" ")
			require.Equal(t, want, code, output)
			require.Contains(t, output, "✔ KEPT "+lostConfirmation.ID, output)
			require.Equal(t, want, strings.Count(output, "nobody could buy any more, when the stories were over: "), output)
		})
	}
}

// judged runs the suite until the machine was not too slow for it, a few times.
func judged(t *testing.T, settings []string, before func(), flags ...string) (output string, code int, report string) {
	t.Helper()
	for range 5 {
		before()
		if output, code, report = run(t, settings, flags...); code != 3 {
			return output, code, report
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("this machine is too slow:\n" + output)
	}
	t.Skip("this machine is too slow; try fewer other programs:\n" + output)
	return "", 0, ""
}

func asItIs() {}

// shopPorts gives shops the ports that their descriptions name.
var shopPorts = wire.NewPorts(os.Getpid())

// portOf is a free port that the system gives to no connection before the shop listens there.
func portOf(t *testing.T) int {
	t.Helper()
	port, err := shopPorts.Free()
	require.NoError(t, err)
	return port
}

// A story that is kept proves nothing where nobody could buy without a fault.
func TestNoStoryIsGreenWithoutAControlSale(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	for _, story := range []string{lostConfirmation.ID, "plain-purchase"} {
		t.Run(story, func(t *testing.T) {
			port := portOf(t)
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, "shop.js"), []byte(declinesFirst), 0o600))
			description := filepath.Join(folder, "shop.yaml")
			require.NoError(t, os.WriteFile(description, fmt.Appendf(nil, decliningFirst, port), 0o600))
			settings := []string{"UNHAPPY_TARGET=" + description, "UNHAPPY_REPLAY=" + story}
			output, code, _ := judged(t, settings, func() { require.NoError(t, os.RemoveAll(filepath.Join(folder, "started"))) })
			require.Equal(t, 1, code, output)
			require.Regexp(t, `(?m)^\? UNPROVEN.*nobody could buy|^  somebody-can-buy: nobody could buy`, output)
			require.Equal(t, 1, strings.Count(output, "nobody could buy"), "it is told once: %s", output)
			require.Equal(t, story != "plain-purchase", strings.Contains(output, "✔ KEPT "+story), output)
			output, code, _ = judged(t, settings, asItIs)
			require.Zero(t, code, output)
		})
	}
}
