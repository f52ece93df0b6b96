package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A shop under test calls nobody on another machine, unless its description says that
// the address is only written down.
func TestAddressesOfOtherMachines(t *testing.T) {
	for value, host := range map[string]string{
		"https://api.vipps.no":                       "api.vipps.no",
		"{\"mail\": \"https://mail.shop.no/v1\"}":    "mail.shop.no",
		"postgres://me:pw@db.shop.no/orders":         "db.shop.no",
		"http://127.0.0.1@shop.no/":                  "shop.no",
		"http://127.0.0.1.shop.no":                   "127.0.0.1.shop.no",
		"http://192.0.2.1:80/":                       "192.0.2.1",
		"http://127.0.0.1:3000 HTTP://API.shop.no:1": "API.shop.no",
		"http://127.0.0.1:${service.port}/x":         "",
		"http://[::1]:8080":                          "",
		"http://localhost:3000":                      "",
		"https://www.shop.test/thanks":               "",
		"https://example.com":                        "",
		"file:///tmp/x":                              "",
		"${service.url}/thanks":                      "",
		"https://auth.shop.no/issuer":                "", // said under elsewhere
		"no address":                                 "",
	} {
		for place, text := range map[string]string{
			"service.environment.URL": "  command: [go, version]\n  environment: {URL: '" + value + "'}\n  elsewhere: [Auth.shop.no]",
			"service.command.1":       "  command: [go, '" + value + "']\n  elsewhere: [auth.shop.no]",
			"reset.command.1":         "  command: [go, version]\n  elsewhere: [auth.shop.no]\nreset: {command: [go, '" + value + "']}",
		} {
			_, err := parse([]byte(strings.Replace(smallest, "  command: [go, version]", text, 1)))
			if host == "" {
				require.NoError(t, err, value)
				continue
			}
			require.ErrorContains(t, err, place+": \""+host+"\" is another machine, which a shop under test must not call: say ${payments.url}")
		}
	}
	own := "[go, version]\n  environment: {URL: 'jdbc:postgresql://${database.host}:${database.port}/${database.name}?sslmode=disable'}"
	_, err := parse([]byte(strings.Replace(smallest, "[go, version]", own, 1) + "database: postgres\n"))
	require.NoError(t, err, "a story's own database is here")
	_, err = parse([]byte(strings.Replace(smallest, "[go, version]", "[go, version]\n  elsewhere: [\"https://shop.no\"]", 1)))
	require.ErrorContains(t, err, "service.elsewhere.0: a host has no scheme and no path, such as auth.shop.no")
}
