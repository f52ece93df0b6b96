package scenarios

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// of is a run that breaks a promise; "" is kept, and "?" proves nothing.
func of(promise string) *harness.Run {
	r := &harness.Run{ID: "a-story/wire-20/kept", Story: "a-story", Expects: "kept"}
	switch ruling := (harness.Ruling{Promise: promise, Verdict: harness.Broken, Because: "it broke"}); promise {
	case "":
		ruling.Promise, ruling.Verdict = "charged-once", harness.Kept
		r.Rulings = append(r.Rulings, ruling)
	case "?":
		ruling.Promise, ruling.Verdict = "every-strike-bit", harness.Unproven
		r.Rulings = append(r.Rulings, ruling)
	default:
		r.Rulings = append(r.Rulings, ruling)
	}
	return r
}

// What is red is repeated alone before it is told: what a ledger shows until it
// shows once more, what is about time until it does not.
func TestARedRunIsRepeatedAlone(t *testing.T) {
	const ledger, time = "charged-once", "told-in-time"
	for _, c := range []struct {
		first  string
		then   []string // the last one for ever
		slow   string
		unwell string
		proof  proof
		says   string
	}{
		{first: ledger, then: []string{ledger}, proof: isSo, says: "shown 2 of 2"},
		{first: ledger, then: []string{"", "", "", ledger}, proof: isSo, says: "shown 2 of 5"},
		{first: ledger, then: []string{"", "", "", ledger}, unwell: "slow", proof: isSo, says: "shown 2 of 5"},
		{first: ledger, then: []string{""}, proof: notAgain, says: "seen once, not again in 10 repeats"},
		{first: ledger, then: []string{time}, proof: notAgain, says: "seen once, not again in 10 repeats"},
		{first: time, then: []string{time}, proof: isSo, says: "shown 4 of 4"},
		{first: time, then: []string{time, time, ""}, proof: notAgain, says: "seen 3 times, not again in 1 repeats"},
		{first: time, then: []string{time}, unwell: "an answer took long", proof: unjudged, says: "an answer took long"},
		{first: time, then: []string{time}, slow: "it stood still", proof: unjudged, says: "it stood still"},
		{first: ledger, then: []string{ledger}, slow: "it stood still", proof: unjudged, says: "it stood still"},
		{first: ledger, then: []string{""}, slow: "it stood still", proof: notAgain, says: "seen once, not again in 10 repeats"},
		{first: "?", then: []string{"?"}, proof: isSo, says: "shown 2 of 2"},
		{first: "?", then: []string{""}, proof: notAgain, says: "seen once, not again in 1 repeats"},
		{first: "?", then: []string{"?"}, unwell: "slow", proof: unjudged, says: "slow"},
	} {
		s := &theatre{out: io.Discard}
		n := 0
		got, says := s.repeat(t.Context(), of(c.first), repeating{
			again: func(string) *harness.Run { n++; return of(c.then[min(n, len(c.then))-1]) },
			slow:  func(*harness.Run) string { return c.slow },
			well:  func() string { return c.unwell },
		})
		require.Equal(t, c.proof, got, c)
		require.Equal(t, c.says, says, c)
	}
}

// bought is a control purchase in which money moved.
func bought(promise string) *harness.Run {
	r := of(promise)
	r.History = harness.History{{Kind: observe.Money, Entry: &observe.Entry{Op: "captured"}}}
	return r
}

func TestTheControlPurchasesAreWeighed(t *testing.T) {
	for name, c := range map[string]struct {
		runs   []*harness.Run
		cannot bool
		broken string
		seen   int
		unsold int
	}{
		"all kept":           {runs: []*harness.Run{bought(""), bought(""), bought("")}},
		"one could not":      {runs: []*harness.Run{bought(""), of("?"), bought("")}, unsold: 1},
		"one sold":           {runs: []*harness.Run{of(""), of(""), bought("")}},
		"kept, and no sale":  {runs: []*harness.Run{of(""), of(""), of("")}, cannot: true},
		"one of three":       {runs: []*harness.Run{bought(""), bought("charged-once"), bought("")}, broken: "charged-once 1"},
		"time, each time":    {runs: []*harness.Run{bought("told-in-time"), bought("told-in-time"), bought("told-in-time")}, broken: "told-in-time 3"},
		"time, now and then": {runs: []*harness.Run{bought("told-in-time"), bought("told-in-time"), bought("")}, seen: 2},
	} {
		s := &theatre{out: io.Discard}
		s.control.runs = c.runs
		s.control.judge()
		s.weighControl(&s.control)
		require.Equal(t, c.cannot, s.control.cannot != "", name)
		broken := ""
		for _, b := range s.control.broken {
			broken = fmt.Sprintf("%s %d", b.Promise, b.count)
		}
		require.Equal(t, c.broken, broken, name)
		require.Len(t, s.control.seen, c.seen, name)
		require.Equal(t, c.unsold, s.control.unsold, name)
	}
}

func TestTheExitCodeTellsTheMachineFromTheShop(t *testing.T) {
	for _, c := range []struct {
		slow       string
		red        bool
		code, want int
	}{
		{code: 0, want: 0},
		{code: 1, want: 1},
		{slow: "too slow", code: 1, want: 3},
		{slow: "too slow", red: true, code: 1, want: 1},
		{slow: "too slow", code: 2, want: 2},
	} {
		s := &theatre{machine: machine{slow: c.slow, red: c.red}}
		require.Equal(t, c.want, s.exitCode(c.code), c)
	}
}

func TestASlowMachineIsNamedWithARemedy(t *testing.T) {
	s := &theatre{Settings: harness.Settings{Clock: 20}}
	require.Equal(t, "this machine is too slow for clock 20: an answer of the shop took 3.1 s of the story (155ms); try clock: 5, or fewer other programs",
		s.endsAsSlow("an answer of the shop took 3.1 s of the story (155ms)"))
}
