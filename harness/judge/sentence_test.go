package judge_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
)

// Why a shop of somebody's own did not charge is nothing that the customer saw.
func TestAFailureSaysWhatTheProviderRefusedAndTheShopSaid(t *testing.T) {
	answer := func(status int, body string) observe.Event {
		m := Message(observe.Answered, "provider", observe.ProviderHop, "checkout-1")
		m.Message.Method, m.Message.Path, m.Message.Status, m.Message.Body = "POST", "/epayment/v1/payments", status, body
		return m
	}
	text := RunOf(
		At(0, Clicks(49900)),
		At(1, answer(404, "no such payment"), answer(400, `{"detail":"paymentDescription"}`), answer(400, "2nd"), answer(401, "3rd")),
		At(9, observe.Event{Actor: "checkout", Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: observe.ProcessStopped, Text: "it last said:\nno luck\nnone"}}),
	).FailureText()
	require.Contains(t, text, `  (provider) at 1.0 s it answered 400 to POST /epayment/v1/payments: {"detail":"paymentDescription"}`)
	require.Equal(t, 2, strings.Count(text, "(provider)"), text)
	require.NotContains(t, text, "no such payment")
	require.Contains(t, text, "  (shop)     it last said:\n    no luck\n    none")
}

// What stopped a page is said, of whom, and no more than twice.
func TestAFailureSaysWhatStoppedAPage(t *testing.T) {
	for _, says := range []string{
		observe.ScriptStopped + "TypeError: pay is not a function (/checkout/b-ana, line 12)",
		observe.CouldNotLook + "GET /${where}: nothing is known yet as ${where}",
	} {
		stopped := Note("ana", says)
		text := RunOf(At(0, Clicks(49900)), At(1, stopped, stopped, stopped, Note("ana", "ana waits 45.0 s"))).FailureText()
		require.Contains(t, text, "  (ana)      at 1.0 s "+says+"\n")
		require.Equal(t, 2, strings.Count(text, "(ana)"), text)
	}
}

// Where a call stands for a parcel, nobody speaks of parcels.
func TestGoodsWithoutParcelsAreSaidSo(t *testing.T) {
	for name, row := range map[string]struct {
		run             *Run
		sentence, rules string
	}{
		"once":    {Happy(), "was charged once (NOK 499.00) and sent the goods once.", ""},
		"twice":   {Happy(At(3, Booked("b-ana-1"))), "and sent the goods twice.", "b-ana was sent the goods twice and paid NOK 499.00, and NOK 499.00 was due for one wish to buy"},
		"nothing": {RunOf(append(Bought()[:3], At(4, Screen(observe.StatusShipped)))...), "and sent nothing.", "b-ana paid NOK 499.00 and was sent nothing"},
	} {
		row.run.Fulfilment = true
		require.Equal(t, row.rules, Judged(row.run, "goods-match-money").Because, name)
		require.Contains(t, row.run.Sentence(), row.sentence, name)
		require.NotContains(t, row.run.FailureText(), "parcel", name)
	}
}
