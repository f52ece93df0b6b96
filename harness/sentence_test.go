package harness_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
)

// Why a shop of somebody's own did not charge is nothing that the customer saw.
func TestAFailureSaysWhatTheProviderRefusedAndTheShopSaid(t *testing.T) {
	answer := func(status int, body string) Event {
		m := message(observe.Answered, "provider", ProviderHop, "checkout-1")
		m.Message.Method, m.Message.Path, m.Message.Status, m.Message.Body = "POST", "/epayment/v1/payments", status, body
		return m
	}
	text := run(
		at(0, clicks(49900)),
		at(1, answer(404, "no such payment"), answer(400, `{"detail":"paymentDescription"}`), answer(400, "2nd"), answer(401, "3rd")),
		at(9, Event{Actor: "checkout", Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: observe.ProcessStopped, Text: "it last said:\nno luck\nnone"}}),
	).FailureText()
	require.Contains(t, text, `  (provider) at 1.0 s it answered 400 to POST /epayment/v1/payments: {"detail":"paymentDescription"}`)
	require.Equal(t, 2, strings.Count(text, "(provider)"), text)
	require.NotContains(t, text, "no such payment")
	require.Contains(t, text, "  (shop)     it last said:\n    no luck\n    none")
}
