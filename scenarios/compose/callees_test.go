package compose_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/provider"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// describesVault is the shop with the purse, which stores a card at a vault that is
// described in its file.
func describesVault(t *testing.T, answers string) *target.Target {
	t.Helper()
	return describesVaultAt(t, 20, answers)
}

func describesVaultAt(t *testing.T, clock int, answers string) *target.Target {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	text := strings.Replace(fmt.Sprintf(purseDescription, self, purseShop, "", "${callees.vault.url}"), "clock: 20", fmt.Sprintf("clock: %d", clock), 1) + "callees:\n  vault:\n    answers:\n" + answers
	return describeWith(t, text, provider.Catalog{Kinds: map[string]provider.Kind{"purse": purseKind}})
}

// A service that the description has is hit, seen and judged as any other callee.
func TestADescribedCalleeIsHit(t *testing.T) {
	shop := describesVault(t, "      - {put: \"/cards/{card}\", operation: StoreCard, json: {now: stored}}\n")
	for name, row := range map[string]Injection{
		"an answer is lost": On("StoreCard").Nth(1).Answered().Closes(),
		"nobody is there":   OnHopOf("StoreCard").Down().Lasting(10 * time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := stage(t, shop, hit(row), compose.Resources{})
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			require.NotEmpty(t, run.Effects(0))
		})
	}
}

// A shop that asks what nobody described is told 404, and nothing is proven.
func TestAnUndescribedRequestProvesNothing(t *testing.T) {
	shop := describesVault(t, strings.Join([]string{
		"      - {put: \"/cards/{card}/{part}\", json: {now: stored}}",
		"    otherwise: {status: 200, json: {now: stored}}\n",
	}, "\n"))
	t.Run("otherwise", func(t *testing.T) {
		t.Parallel()
		run := stage(t, shop, aClick, compose.Resources{})
		require.Equal(t, Kept, run.Verdict(), run.FailureText())
	})
	t.Run("left out", func(t *testing.T) {
		t.Parallel()
		// The shop asks for as long as it is given, so its minutes are short.
		run := stage(t, describesVaultAt(t, 200, "      - {put: /cards, json: {now: stored}}\n"), aClick, compose.Resources{})
		require.Equal(t, Unproven, run.Ruling("every-request-had-an-answer").Verdict, run.FailureText())
		require.Contains(t, run.FailureText(), "vault was asked PUT /cards/b-ana, and its description has no answer: add one to callees.vault.answers")
	})
}

// A call of a described service stands for a parcel: one of one key is one, and without
// a key a shop that asks again sends twice.
func TestACallOfACalleeSendsTheGoods(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	for key, want := range map[string]struct {
		sends   Operation
		verdict judge.Verdict
		says    string
	}{
		"{callee: depot, post: /shipments, key: {header: Idempotency-Key}}": {BookParcel, Kept, "Ana was charged once (NOK 499.00) and sent the goods once."},
		"{callee: depot, post: /shipments}":                                 {BookParcel, Broken, "b-ana was sent the goods twice and paid NOK 499.00"},
		"{says: shipped}":                                                   {"DepotPostShipments", Kept, "Ana was charged once (NOK 499.00) and sent the goods once."},
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(fmt.Sprintf(purseDescription, self, purseShop, "", ""), "${shipping.url}", "${callees.depot.url}", 1) +
				"shipping: none\nfulfilment: " + key + "\ncallees: {depot: {answers: [{post: /shipments, status: 201, json: {state: booked}}]}}\n"
			shop := describeWith(t, text, provider.Catalog{Kinds: map[string]provider.Kind{"purse": purseKind}})
			run := stage(t, shop, hit(On(want.sends).Nth(1).Answered().Closes()), compose.Resources{})
			require.Equal(t, want.verdict, run.Verdict(), run.FailureText())
			require.Contains(t, run.Sentence()+" "+run.Ruling("goods-match-money").Because, want.says)
		})
	}
}
