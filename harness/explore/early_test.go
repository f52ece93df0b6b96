package explore_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// early explores a shop whose runs may end early; waits says what those show that wait.
func early(t *testing.T, waits func(p explore.Trial, o *explore.Outcome)) (r explore.Result, trials []explore.Trial) {
	t.Helper()
	return earlyOn(t, &machine{model: model{breaks: nothing}, takes: time.Second}, waits)
}

func earlyOn(t *testing.T, m *machine, waits func(p explore.Trial, o *explore.Outcome)) (r explore.Result, trials []explore.Trial) {
	t.Helper()
	offered := make(chan explore.Trial, 10_000)
	m.rests = func(p explore.Trial, o *explore.Outcome) {
		offered <- p
		if p.Early == 0 {
			return
		}
		o.Quiet = explore.Quiet{After: p.Early, Short: !p.Waits, Waited: p.Waits, Stood: true}
		if p.Waits && waits != nil {
			waits(p, o)
		}
	}
	r = m.explore(t, explore.Config{Schedules: 400, Real: &explore.Real{Early: explore.Early{After: 6 * time.Second, Quiet: 30 * time.Second}}})
	close(offered)
	for p := range offered {
		trials = append(trials, p)
	}
	return r, trials
}

func TestRunsThatStandEndEarly(t *testing.T) {
	r, trials := early(t, nil)
	require.True(t, r.Good())
	require.Greater(t, r.Short, 2*r.Waited, "with those that were under way when the first ones had waited")
	require.GreaterOrEqual(t, r.Waited, 12+r.Short/20, "the first ones, and one in 20")
	for _, p := range trials {
		if p.Early == 0 {
			continue
		}
		require.Equal(t, 6*time.Second, p.Early)
		for _, i := range p.Injections {
			require.NotEqual(t, fault.Machines, i.Fault.Spec().Space(), "what comes after a restart is waited for: %s", p.Injections)
		}
	}
}

// Where something moved after a longer silence, twice that is waited for; and where that is
// the quiet time, the whole.
func TestTheShorterSilenceIsLearnt(t *testing.T) {
	for moved, want := range map[time.Duration]time.Duration{5 * time.Second: 10 * time.Second, 15 * time.Second: 0} {
		var once atomic.Bool
		r, trials := early(t, func(p explore.Trial, o *explore.Outcome) {
			if len(p.Injections) > 0 && !once.Swap(true) {
				o.Quiet.Moved = moved
			}
		})
		require.Equal(t, want, trials[len(trials)-1].Early)
		require.Zero(t, r.TooShort, "the first of those that waited showed it")
	}
}

// What breaks a promise after the shorter silence, each time, says that the runs which ended
// sooner are worth nothing.
func TestWhatBreaksLater(t *testing.T) {
	r, trials := early(t, func(p explore.Trial, o *explore.Outcome) {
		if anyLoss(p.Injections, p.Seed) != "" {
			o.Verdict, o.Breaks, o.Because = Broken, []string{"charged-once"}, "charged-once broke"
		}
	})
	require.False(t, r.Good())
	require.Len(t, r.Disagreements, 1)
	require.Contains(t, r.Disagreements[0], "stood as it should when nothing had moved for 6s, and broke [charged-once] later, each of 4 times")
	after := slices.IndexFunc(trials, func(p explore.Trial) bool { return p.Waits && anyLoss(p.Injections, p.Seed) != "" })
	for _, p := range trials[after+2*48:] { // but those that were under way, and wait for their turn to be heard
		require.True(t, p.Early == 0 || p.Waits, "%s may end early", p.Injections)
	}
}

// A silence on a slow machine may be the machine's: what ended by it is enacted once more,
// and waits for the whole quiet time.
func TestAnEarlyEndOnASlowMachineDoesNotCount(t *testing.T) {
	m := &machine{model: model{breaks: nothing}, takes: time.Second}
	m.slow = func(p explore.Trial, o explore.Outcome) string {
		if o.Quiet.Short && len(p.Injections) > 0 {
			return "it stood still"
		}
		return ""
	}
	r, _ := earlyOn(t, m, nil)
	require.True(t, r.Good())
	require.Zero(t, r.Short)
	require.NotZero(t, r.Again)
	require.Greater(t, r.Tally().Explored, 100)
}

// How many ended sooner than it would be allowed by what is known in the end is told.
func TestWhatEndedTooSoonIsTold(t *testing.T) {
	var waited atomic.Int32
	r, _ := early(t, func(p explore.Trial, o *explore.Outcome) {
		if waited.Add(1) > 12 && len(p.Injections) > 1 { // others ended before the first pair
			o.Quiet.Moved = 4 * time.Second
		}
	})
	require.True(t, r.Good(), "the shop is none the worse for it")
	require.Positive(t, r.TooShort)
	require.Less(t, r.TooShort, r.Short, "later ones waited for longer")
}
