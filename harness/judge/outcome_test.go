package judge_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness/judge"
)

func TestARunsOutcome(t *testing.T) {
	ruled := func(expects, mismatch string, verdicts ...Verdict) *Run {
		r := &Run{Story: "s", Expects: expects, Mismatch: mismatch, Without: []string{"x"}, Replay: "again"}
		for _, v := range verdicts {
			r.Rulings = append(r.Rulings, Ruling{Promise: "p-" + string(v), Verdict: v, Because: "since"})
		}
		return r
	}
	for want, r := range map[string]*Run{
		"✔ KEPT":                    ruled("kept", "", Kept),
		"✖ BROKE":                   ruled("kept", "", Kept, Broken),
		"? UNPROVEN":                ruled("kept", "", Unproven),
		"! UNFINISHED":              ruled("kept", ""),
		"✔ COMPLAINT CONFIRMED":     ruled("complaint", "", Kept, Broken),
		"✖ COMPLAINT NOT CONFIRMED": ruled("complaint", "orders: want 2, got 1", Kept, Broken),
	} {
		require.Equal(t, want, r.Outcome())
		require.Contains(t, r.Brief(), want+" — s: ")
	}
	require.Equal(t, "✖ COMPLAINT NOT CONFIRMED", ruled("complaint", "", Kept).Outcome(), "a shop that keeps all is no complaint")
	require.Equal(t, "? UNPROVEN", ruled("complaint", "", Unproven).Outcome())

	broken := ruled("kept", "", Kept, Broken, Broken, Broken, Broken)
	broken.Plot = "Ana buys, and goes away."
	brief := broken.Brief()
	require.Equal(t, 3, strings.Count(brief, "\n  p-BROKE: since"), "the first of them")
	require.NotContains(t, brief, "p-KEPT")
	require.Contains(t, brief, "\n  the story: Ana buys, and goes away.")
	unsold := ruled("kept", "", Unproven)
	unsold.Rulings = append(unsold.Rulings, Ruling{Promise: SomebodyCanBuy, Verdict: Unproven, Because: "nobody could buy"})
	require.Contains(t, unsold.Brief(), "\n  somebody-can-buy: nobody could buy", "why others prove nothing")
	require.NotContains(t, unsold.Brief(), "p-UNPROVEN")
	require.Contains(t, ruled("complaint", "orders: want 2, got 1", Broken).Brief(), "without x: orders: want 2, got 1")
}
