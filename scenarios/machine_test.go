package scenarios

import (
	"io"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// of is a run that breaks a promise; "" is kept, "?" proves nothing, and "!" is unfinished.
func of(promise string) *judge.Run {
	r := &judge.Run{ID: "a-story/wire-20/kept", Story: "a-story", Expects: "kept"}
	switch ruling := (judge.Ruling{Promise: promise, Verdict: judge.Broken, Because: "it broke"}); promise {
	case "":
		ruling.Promise, ruling.Verdict = "charged-once", judge.Kept
		r.Rulings = append(r.Rulings, ruling)
	case "?":
		ruling.Promise, ruling.Verdict = "every-injection-took-effect", judge.Unproven
		r.Rulings = append(r.Rulings, ruling)
	case "!":
		ruling.Promise, ruling.Verdict = "staged", judge.Unfinished
		r.Failure, r.Rulings = "no port", append(r.Rulings, ruling)
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
		late   int      // in so many stories the promise about time broke each time
		slow   string
		unwell string
		proof  proof
		says   string
		red    string // the promise that is told; "": the first one
	}{
		{first: ledger, then: []string{ledger}, proof: isSo, says: "shown 2 of 2"},
		{first: ledger, then: []string{"", "", "", ledger}, proof: isSo, says: "shown 2 of 5"},
		{first: ledger, then: []string{"", "", "", ledger}, unwell: "slow", proof: isSo, says: "shown 2 of 5"},
		{first: ledger, then: []string{""}, proof: notAgain, says: "seen once, not again in 10 repeats"},
		{first: ledger, then: []string{time}, proof: isSo, says: "kept in none of 11"},
		{first: ledger, then: []string{"?"}, proof: isSo, says: "kept in none of 11"},
		{first: ledger, then: []string{"?", ""}, proof: notAgain, says: "seen once, not again in 10 repeats"},
		{first: time, then: []string{"?"}, proof: isSo, says: "kept in none of 4"},
		{first: time, then: []string{"?"}, unwell: "slow", proof: unjudged, says: "slow"},
		{first: time, then: []string{"?", ""}, proof: notAgain, says: "seen once, not again in 2 repeats"},
		{first: time, then: []string{ledger, "", ledger}, proof: isSo, says: "shown 2 of 3", red: ledger},
		{first: time, then: []string{ledger, ""}, proof: notAgain, says: "seen once, not again in 10 repeats"},
		{first: "?", then: []string{ledger}, proof: isSo, says: "shown 2 of 2", red: ledger},
		{first: "?", then: []string{"!"}, proof: isSo, says: "shown 2 of 2"},
		{first: "?", then: []string{time}, proof: isSo, says: "shown 2 of 2"},
		{first: ledger, then: []string{time, ledger}, proof: isSo, says: "shown 2 of 3"},
		{first: time, then: []string{time}, proof: isSo, says: "shown 4 of 4"},
		{first: time, then: []string{time}, late: 1, proof: isSo, says: "shown 4 of 4"},
		{first: time, then: []string{time}, late: 2, proof: isSo, says: "shown 2 of 2"},
		{first: time, then: []string{""}, late: 2, proof: notAgain, says: "seen once, not again in 1 repeat"},
		{first: time, then: []string{time}, late: 2, unwell: "an answer took long", proof: unjudged, says: "an answer took long"},
		{first: time, then: []string{time, time, ""}, proof: notAgain, says: "seen 3 times, not again in 1 repeat"},
		{first: time, then: []string{time}, unwell: "an answer took long", proof: unjudged, says: "an answer took long"},
		{first: time, then: []string{time}, slow: "it stood still", proof: unjudged, says: "it stood still"},
		{first: ledger, then: []string{ledger}, slow: "it stood still", proof: unjudged, says: "it stood still"},
		{first: ledger, then: []string{""}, slow: "it stood still", proof: notAgain, says: "seen once, not again in 10 repeats"},
		{first: "?", then: []string{"?"}, proof: isSo, says: "shown 2 of 2"},
		{first: "?", then: []string{""}, proof: notAgain, says: "seen once, not again in 1 repeat"},
		{first: "?", then: []string{"?"}, unwell: "slow", proof: unjudged, says: "slow"},
	} {
		s := &runner{out: io.Discard}
		for range c.late {
			s.control.alsoLate(time)
		}
		n := 0
		shown := func(r *judge.Run) *judge.Run {
			if !r.Good() {
				s.endings.add(r, false)
			}
			return r
		}
		run, got, says := s.repeat(t.Context(), shown(of(c.first)), repeating{
			again: func(string) *judge.Run { n++; return shown(of(c.then[min(n, len(c.then))-1])) },
			slow:  func(*judge.Run, string) string { return c.slow },
			well:  func() string { return c.unwell },
		})
		require.Equal(t, c.proof, got, c)
		require.Equal(t, c.says, says, c)
		if c.proof == isSo {
			require.Len(t, s.endings.red, 1, c)
			require.Equal(t, s.endings.red[0].key, endingKey(run), c)
			require.True(t, c.red == "" || breaks(run, c.red), c)
		} else {
			require.Empty(t, s.endings.red, "it is no failure of the suite: %v", c)
		}
	}
}

// bought is a control run in which money was taken.
func bought(promise string) *judge.Run {
	r := of(promise)
	r.History = judge.History{{Kind: observe.Money, Entry: &observe.Entry{Op: "captured", Amount: 49900, Currency: "NOK"}}}
	return r
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
		s := &runner{machine: machine{slow: c.slow, red: c.red}}
		require.Equal(t, c.want, s.exitCode(c.code), c)
	}
}

// That the machine was too slow for one story and the harness failed in another says
// nothing of the shop.
func TestSlowAndUnfinishedIsNotTheShop(t *testing.T) {
	unfinished := &judge.Run{Story: "a-story", Failure: "no port", History: judge.History{{Kind: observe.Action, Act: &observe.Act{}}}}
	s := &runner{machine: machine{slow: "too slow", red: true}}
	s.endings.add(unfinished, false)
	s.endings.unknown("? Too slow")
	require.Equal(t, 3, s.exitCode(1))
	s.endings.add(of("charged-once"), false)
	require.Equal(t, 1, s.exitCode(1))
}

// Two runs of a story that break different promises do not come to the same.
func TestEachPromiseIsToldOnce(t *testing.T) {
	var e endings
	for _, promise := range []string{"charged-once", "goods-match-money", "charged-once"} {
		e.add(of(promise), false)
	}
	require.Len(t, e.red, 2)
	require.Equal(t, 1, e.red[0].more)
}

// What an exploration could not repeat as often as it takes is not known, however
// often it was seen, and a few schedules without effect prove nothing.
func TestWhatTheTimeCutShortIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		r    explore.Result
		red  bool
		slow bool
	}{
		"seen once":     {explore.Result{Real: true, Unconfirmed: []explore.Finding{{Shown: 1, Of: 11}}, Singles: explore.Tally{Possible: 9, Explored: 9}}, false, false},
		"cut short":     {explore.Result{Real: true, Unconfirmed: []explore.Finding{{Shown: 3, Of: 3, Cut: true}}, Singles: explore.Tally{Possible: 9, Explored: 9}}, false, true},
		"few in vain":   {explore.Result{Real: true, Nothing: "in vain", Singles: explore.Tally{Possible: 99, Unproven: 3}}, false, true},
		"many in vain":  {explore.Result{Real: true, Nothing: "in vain", Singles: explore.Tally{Possible: 99, Unproven: 30}}, true, false},
		"asked for few": {explore.Result{Real: true, Nothing: "in vain", Idle: true, Singles: explore.Tally{Possible: 99, Unproven: 3}}, false, false},
	} {
		s := &runner{out: io.Discard}
		require.Equal(t, c.red, s.isRed(c.r, false), name)
		require.Equal(t, c.slow, s.machine.slow != "", name)
		require.Equal(t, c.red, len(s.endings.red) > 0, "what is red is told at the end: %s", name)
	}
}

// What a busy machine may have done to the reference shop is enacted again on a slower
// clock; what a ledger shows, and what is so each time, is red.
func TestARunOnASlowMachineIsEnactedAgain(t *testing.T) {
	complaint := func(promise string) *judge.Run {
		r := of(promise)
		r.Expects = "complaint"
		return r
	}
	for name, c := range map[string]struct {
		runs   []*judge.Run // as they come
		slow   string
		counts int // which of them
	}{
		"all is well":                 {[]*judge.Run{of("")}, "slow", 1},
		"late, and then well":         {[]*judge.Run{of("told-in-time"), of("")}, "slow", 2},
		"late on a good machine":      {[]*judge.Run{of("told-in-time"), of("")}, "", 1},
		"charged twice":               {[]*judge.Run{of("charged-once"), of("")}, "slow", 1},
		"without effect, then well":   {[]*judge.Run{of("?"), of("")}, "slow", 2},
		"late each time":              {[]*judge.Run{of("told-in-time"), of("told-in-time"), of("told-in-time"), of("")}, "slow", 3},
		"a complaint that is not one": {[]*judge.Run{complaint(""), complaint("charged-once")}, "slow", 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := &runner{out: io.Discard}
			var clocks []units.Clock
			got := s.untilJudged(enact.Options{Clock: 50, Excuse: func(r *judge.Run) string { return excuse(r, c.slow) }}, func(o enact.Options) *judge.Run {
				clocks = append(clocks, o.Clock)
				run := c.runs[len(clocks)-1]
				if o.Excuse != nil {
					run.Uncounted = o.Excuse(run)
				}
				return run
			})
			require.Same(t, c.runs[c.counts-1], got)
			require.Empty(t, got.Uncounted)
			require.Equal(t, []units.Clock{50, 12, 3}[:c.counts], clocks)
		})
	}
}

func TestASlowMachineIsNamedWithARemedy(t *testing.T) {
	s := &runner{Settings: settings.Settings{Clock: 20}}
	require.Equal(t, "this machine is too slow for clock 20: an answer of the shop took 3.1 s of the story (155ms); try clock: 5, or fewer other programs",
		s.endsAsSlow("an answer of the shop took 3.1 s of the story (155ms)"))
}

// Two stories that are late each time make one repeat of the third enough.
func TestAShopKnownToBeLateIsRepeatedOnce(t *testing.T) {
	s := &runner{out: io.Discard}
	for _, want := range []string{"shown 4 of 4", "shown 4 of 4", "shown 2 of 2", "shown 2 of 2"} {
		_, got, says := s.repeat(t.Context(), of("told-in-time"), repeating{
			again: func(string) *judge.Run { return of("told-in-time") },
			slow:  func(*judge.Run, string) string { return "" },
			well:  func() string { return "" },
		})
		require.Equal(t, isSo, got)
		require.Equal(t, want, says)
	}
}

// A second charge is in the ledger, and no slow machine has put it there. That its customer was
// told too late may still be the machine's doing.
func TestASecondChargeIsNoSlowMachine(t *testing.T) {
	for promise, want := range map[string]proof{judge.ChargedOnce: isSo, "told-in-time": unjudged, "goods-match-money": unjudged} {
		twice := judgetest.RunOf(
			judgetest.At(0, judgetest.Clicks(49900)),
			judgetest.At(1, judgetest.Authorized("b-ana-1", 49900), judgetest.Captured("b-ana-1", 49900)),
			judgetest.At(2, judgetest.Authorized("b-ana-2", 49900), judgetest.Captured("b-ana-2", 49900)))
		require.True(t, twice.Overcharges())
		twice.Rulings = of(promise).Rulings
		s := &runner{out: io.Discard}
		s.endings.add(twice, false)
		_, got, _ := s.repeat(t.Context(), twice, repeating{
			again: func(string) *judge.Run { s.endings.add(twice, false); return twice },
			slow:  func(*judge.Run, string) string { return "it stood still" },
			well:  func() string { return "" },
		})
		require.Equal(t, want, got, promise)
		require.Equal(t, want == isSo, len(s.endings.red) == 1, promise)
	}
}

// A promise about time bears what the page's time-out does, and what a ledger shows what the
// quiet time does. Whether an injection took effect is about time, too.
func TestALedgerBearsASlowerMachine(t *testing.T) {
	shop := new(target.Target)
	s := &runner{targetShop: shop}
	require.Less(t, shop.Waits(), shop.QuietFor())
	require.Equal(t, shop.Waits()/tooMuch, s.bearsFor("told-in-time"))
	require.Equal(t, shop.Waits()/tooMuch, s.bearsFor(""))
	require.Equal(t, shop.QuietFor()/tooMuch, s.bearsFor("goods-match-money"))
	require.Equal(t, compose.PageSilence/tooMuch, (&runner{}).bearsFor("goods-match-money"), "the reference shop's")
}

// A shop that takes long to start begins with fewer schedules at once: 16 shops on a JVM
// are more than two cores bear.
func TestASlowStartBeginsWithFewer(t *testing.T) {
	for _, row := range []struct {
		run, start time.Duration
		want       int
	}{
		{2500 * time.Millisecond, 100 * time.Millisecond, 25}, // Node: more than it begins with
		{5 * time.Second, 900 * time.Millisecond, 5},
		{12 * time.Second, 8 * time.Second, 1},
		{5 * time.Second, 0, math.MaxInt},
	} {
		require.Equal(t, row.want, bearable(2, row.run, row.start), row)
	}
}
