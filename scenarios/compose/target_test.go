package compose_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/process"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// describe is a shop by its description.
func describe(t *testing.T, text string) *target.Target {
	t.Helper()
	return describeWith(t, text, fakes.Providers())
}

func describeWith(t *testing.T, text string, providers provider.Catalog) *target.Target {
	t.Helper()
	if testing.Short() {
		t.Skip("described shops are staged in real time: make test runs it")
	}
	path := filepath.Join(t.TempDir(), "shop.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	shop, err := target.Load(path, providers)
	require.NoError(t, err)
	return shop
}

func stage(t *testing.T, shop *target.Target, s Story, hands compose.Resources) *Run {
	t.Helper()
	own, why := shop.Story(s)
	require.Empty(t, why)
	hands.Ports = wire.NewPorts(os.Getpid())
	return enact.Run(t.Context(), own, enact.Options{World: "wire", Clock: shop.StoryClock(), Seed: 1, Expects: "kept", Routes: compose.TargetRoutes(shop)}, compose.Target(shop, hands))
}

// lacks skips where a part of the machine is missing; with CI=true that is a
// failure.
func lacks(t *testing.T, err error) {
	t.Helper()
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
}

// The reference shop as anybody's: this program under another name, its
// environment as a file has it, its page by selectors.
const referenceAtABrowser = `version: 1
name: The reference shop, by its description
service:
  command: [%q, reference-service]
  environment:
    CHECKOUT_LISTEN: 127.0.0.1:${service.port}
    CHECKOUT_DATABASE: ${service.data}/books.db
    CHECKOUT_PUBLIC_URL: ${service.url}
    CHECKOUT_PAYMENTS_URL: ${payments.url}
    CHECKOUT_PAYMENTS_MSN: ${payments.merchant}
    CHECKOUT_PAYMENTS_CLIENT_ID: ${payments.client_id}
    CHECKOUT_PAYMENTS_CLIENT_SECRET: ${payments.client_secret}
    CHECKOUT_PAYMENTS_SUBSCRIPTION_KEY: ${payments.subscription_key}
    CHECKOUT_SHIPPING_URL: ${shipping.url}
    CHECKOUT_WEBHOOK_SECRET: ${webhooks.secret}
    CHECKOUT_PROVIDER_TIMEOUT: ${s 10s}s
    CHECKOUT_ANSWER_WITHIN: ${s 20s}s
    CHECKOUT_LEASE: ${s 30s}s
    CHECKOUT_BACKOFF_FIRST: ${s 1s}s
    CHECKOUT_BACKOFF_MAX: ${s 20s}s
    CHECKOUT_APPROVAL_FIRST: ${s 5s}s
    CHECKOUT_APPROVAL_EVERY: ${s 2s}s
    CHECKOUT_RATE_WINDOW: ${s 60s}s
    CHECKOUT_WITHOUT: %q
    CHECKOUT_PAGE_TIMEOUT: ${s 45s}s
    CHECKOUT_PAGE_LOOK_AFTER: ${s 5s}s
    CHECKOUT_PAGE_LOOK_EVERY: ${s 2s}s
clock: 25
webhooks: /webhooks/vipps
customer:
  browser:
    open: /checkout/{basket}
    submit: "#submit"
    says: {selector: main, attribute: data-status}
    text: {selector: "#says"}
    amount: {selector: "input[name=amount]", attribute: value}
    minor: true
    currency: {selector: "input[name=currency]", attribute: value}
    order: {selector: "input[name=order]", attribute: value}
    sends: PUT /orders/{id}
    looks: GET /orders/{id}
    reads: [status, id]
`

func TestAShopsPageIsBoughtFromAtARealBrowser(t *testing.T) {
	chromium, err := browser.Start()
	lacks(t, err)
	defer func() { require.NoError(t, chromium.Close()) }()
	self, err := os.Executable()
	require.NoError(t, err)
	for without, want := range map[string]judge.Verdict{"": Kept, "one-payment": Broken} {
		t.Run("without "+without, func(t *testing.T) {
			shop := describe(t, fmt.Sprintf(referenceAtABrowser, self, without))
			run := stage(t, shop, doubleClick, compose.Resources{Browser: chromium})
			require.Equal(t, want, run.Verdict(), run.FailureText())
			book := run.FinalBook("b-ana")
			require.Equal(t, 2, book.Clicks, "the page saw two")
			require.Equal(t, observe.StatusShipped, book.Screen)
			if want == Broken {
				require.Equal(t, Broken, run.Ruling("charged-once").Verdict, run.FailureText())
			}
		})
	}
}

// A service that runs already finds the provider and the carrier where it was
// told that they are, story after story, and outlives them all.
func TestAServiceThatRunsAlreadyIsLeftRunning(t *testing.T) {
	_, err := target.Load("../testdata/targets/node/mended.yaml", fakes.Providers()) // says it if node is missing
	lacks(t, err)
	ports := wire.NewPorts(os.Getpid())
	var port [3]int
	for i := range port {
		port[i], err = ports.Free()
		require.NoError(t, err)
	}
	at := func(i int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port[i])) }
	shop := describe(t, fmt.Sprintf(`version: 1
name: A shop that runs
service: {url: "http://%s"}
clock: 20
quiet: 30s
payments: {port: %d, reference: "${order}"}
shipping: {port: %d}
customer:
  open:
    - get: /cart/${basket}-${run}
      capture: {order: {json: /order}, amount: {json: /value}, currency: {json: /currency}}
  submit:
    put: /orders/${order}
    json: {basket: "${basket}-${run}", amount: "${amount}", currency: "${currency}"}
  silence: 5s
  look: {get: "/orders/${order}"}
  screens:
    - {json: {/status: shipped}, says: shipped}
    - {json: {/status: working}, says: checking}
`, at(0), port[1], port[2]))
	account := shop.Account()
	running := start(t, at(0), map[string]string{
		"PORT": strconv.Itoa(port[0]), "PUBLIC_URL": "http://" + at(0), "DATA": t.TempDir(),
		"PAYMENTS_URL": "http://" + at(1), "SHIPPING_URL": "http://" + at(2),
		"PAYMENTS_MERCHANT": account["merchant"], "PAYMENTS_CLIENT_ID": account["client_id"],
		"PAYMENTS_CLIENT_SECRET": account["client_secret"], "PAYMENTS_SUBSCRIPTION_KEY": account["subscription_key"],
		"TIMEOUT_MS": "500", "POLL_MS": "100", "BACK_OFF_MS": "50", "BACK_OFF_MOST_MS": "1000",
	})
	for i := range 2 {
		run := stage(t, shop, doubleClick, compose.Resources{})
		asks := slices.ContainsFunc(run.History, func(e observe.Event) bool {
			return e.Kind == observe.Answered && e.Message.Path == "/accesstoken/get"
		})
		require.Equal(t, i == 0, asks, "it goes on with the token that it has")
		require.Equal(t, Kept, run.Verdict(), run.FailureText())
		for _, e := range run.History {
			require.NotEqual(t, observe.Process, e.Kind, "nobody starts it, stops it or kills it")
		}
	}
	require.Nil(t, running.State(), "it runs on")
}

// start starts the mended Node shop as somebody would who does not know of us,
// and returns when it listens.
func start(t *testing.T, address string, env map[string]string) *process.Process {
	t.Helper()
	shop, err := target.Load("../testdata/targets/node/mended.yaml", fakes.Providers())
	require.NoError(t, err)
	shop.Service.Environment = env
	command, err := shop.Start(shop.Shop()[0], target.Facts{}, units.Wall)
	require.NoError(t, err)
	p, err := process.Start(command)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Kill()) })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	return p
}
