package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A live key is refused anywhere by any provider, and is not repeated.
func TestLiveKeysAreRefusedAnywhere(t *testing.T) {
	const key = "sk_live_" + "0123456789abcdef"
	t.Setenv("SHOPS_KEY", key)
	const service = "  command: [go, version]"
	for place, text := range map[string]string{
		"service.environment.KEY":     service + "\n  environment: {KEY: " + key + "}",
		"service.environment.OPTIONS": service + "\n  environment: {OPTIONS: 'a=1,key=r" + key[1:] + "'}",
		"service.command.1":           "  command: [go, '--key=" + key + "']",
		"service.inherit.0":           service + "\n  inherit: [SHOPS_KEY]",
		"reset.command.1":             service + "\nreset: {command: [go, " + key + "]}",
		"payments.webhook_secret":     service + "\npayments: {webhook_secret: " + key + "}",
	} {
		_, err := parse([]byte(strings.Replace(smallest, service, text, 1)))
		require.ErrorContains(t, err, place+": this is a live key, with which real money is moved")
		require.NotContains(t, err.Error(), "0123456789")
	}
	_, err := parse([]byte(strings.Replace(smallest, service, service+"\n  environment: {A: task_live_01, B: risk_live_x}", 1)))
	require.NoError(t, err)
}
