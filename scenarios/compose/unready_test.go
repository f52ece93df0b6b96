package compose_test

import (
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// bare is a description of a shop of which nobody gets as far as a page.
const bare = `version: 1
name: A shop that does not come up
service: %s
payments: %s
shipping: none
money: {amount: 49900, currency: NOK}
customer:
  open: [{get: "/cart/${basket}"}]
  submit: {post: "/cart/${basket}/buy"}
  screens: [{status: 200, says: paid}]
`

var looks = Story{ID: "looks", Plot: "Ana looks.", Script: func(s *Stage) { s.Customer("ana").Waits(time.Second) }}

func failureOf(t *testing.T, service, payments string) string {
	t.Helper()
	return stage(t, describe(t, fmt.Sprintf(bare, service, payments)), looks, compose.Resources{}).Failure
}

// A service that is not ready in time is told where it was waited for, and whether it was
// told so.
func TestAServiceThatIsNotReadySaysWhereItWasWaitedFor(t *testing.T) {
	for service, want := range map[string]string{
		`{command: [sleep, "60"], within: 200ms}`:                                                         `not ready within 200ms: nothing listened at 127\.0\.0\.1:\d+, and neither its command nor its environment names \$\{service\.port\};`,
		`{command: [sleep, "60"], within: 200ms, environment: {PORT: "8899"}}`:                            `nothing listened at 127\.0\.0\.1:\d+, and neither`,
		`{command: [sleep, "60"], within: 200ms, environment: {PORT: "${service.port}"}}`:                 `not ready within 200ms: nothing listened at 127\.0\.0\.1:\d+;`,
		`{command: [sleep, "60"], within: 200ms, environment: {P: "${service.port}"}, ready: {get: /up}}`: `not ready within 200ms: GET http://127\.0\.0\.1:\d+/up had no answer below 500;`,
		`{command: [sleep, "60"], within: 200ms, ready: {line: open for business}}`:                       `not ready within 200ms: it printed no line with "open for business";`,
	} {
		require.Regexp(t, want, failureOf(t, service, "{}"), service)
	}
}

// A server that binds “localhost” may listen on IPv6 alone, and says itself that it listens.
func TestAServiceThatListensOnIPv6AloneIsToldSo(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	require.NoError(t, l.Close())
	self, err := os.Executable()
	require.NoError(t, err)
	service := `{command: [%q, %s], within: 3s, ready: {get: /down}, environment: {HOST: %q, PORT: "${service.port}"}}`
	for host, want := range map[string]string{
		"::1": `not ready within 3s: it listens at \[::1\]:\d+, and is to listen at 127\.0\.0\.1;`,
		"::":  `not ready within 3s: GET http://127\.0\.0\.1:\d+/down had no answer below 500;`,
	} {
		require.Regexp(t, want, failureOf(t, fmt.Sprintf(service, self, looseShop, host), "{}"))
	}
}

// A port that the description fixes is the provider's, whether the service is started or
// runs already; where it is taken, the error names the setting.
func TestAFixedPortIsTheProviders(t *testing.T) {
	port, err := wire.NewPorts(os.Getpid()).Free()
	require.NoError(t, err)
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err)
	taken := fmt.Sprintf("payments.port is %d, and nothing can be served there: no port on 127.0.0.1: ", port)
	started := `{command: [sh, -c, "echo the provider is at $0; exit 3", "${payments.url}"]}`
	fixed := fmt.Sprintf("{port: %d}", port)
	for _, service := range []string{started, "{url: http://127.0.0.1:1}"} {
		require.Contains(t, failureOf(t, service, fixed), taken, service)
	}
	require.NoError(t, l.Close())
	require.Contains(t, failureOf(t, started, fixed), fmt.Sprintf("the provider is at http://127.0.0.1:%d", port))
	other := failureOf(t, started, "{}")
	require.Contains(t, other, "the provider is at http://127.0.0.1:")
	require.NotContains(t, other, fmt.Sprintf(":%d", port))
}
