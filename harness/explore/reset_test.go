package explore_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// resetting is a machine whose shops live on; leaks is what one that was reset breaks.
type resetting struct {
	machine
	leaks func(Schedule, uint64) string
}

func (m *resetting) explore(t *testing.T, c explore.Config) explore.Result {
	inner := m.machine.model.breaks
	m.machine.reset = func(p explore.Trial, o explore.Outcome) explore.Outcome {
		o.Reset = true
		promise := inner(p.Injections, p.Seed)
		if m.leaks != nil {
			promise = m.leaks(p.Injections, p.Seed)
		}
		o.Verdict, o.Breaks = Kept, nil
		if promise != "" {
			o.Verdict, o.Breaks, o.Because = Broken, []string{promise}, promise+" broke"
		}
		return o
	}
	c.Real = &explore.Real{Resets: true}
	return m.machine.explore(t, c)
}

func newResetting(breaks func(Schedule, uint64) string) *resetting {
	return &resetting{machine: machine{model: model{breaks: breaks}, takes: time.Second}}
}

func TestAShopThatForgetsIsReset(t *testing.T) {
	r := newResetting(nothing).explore(t, explore.Config{SinglesOnly: true})
	require.True(t, r.Good())
	require.Equal(t, r.Singles.Possible, r.Singles.Explored, "each counts once")
	require.Equal(t, r.Singles.Possible, r.Reset)
	require.Equal(t, r.Reset/20, r.Anew)
}

// What broke at a shop that was reset counts as it comes out at one that was started anew.
func TestADefectIsFoundAtAShopThatWasReset(t *testing.T) {
	r := newResetting(twice).explore(t, explore.Config{Schedules: 40})
	require.NotEmpty(t, r.Findings)
	require.Equal(t, "charged-once", r.Findings[0].Promise)
	require.Empty(t, r.Disagreements)
}

// A shop that remembers what it should forget is no finding. It makes the exploration worth
// nothing, both ways.
func TestAShopThatForgetsNotEverything(t *testing.T) {
	for name, row := range map[string]struct {
		breaks, leaks func(Schedule, uint64) string
		want          string
	}{
		"it breaks what a new one keeps": {nothing, anyLoss, "broke [charged-once] at a shop that was reset, and kept every promise at one that was started anew, each of 4 times"},
		"it keeps what a new one breaks": {anyLoss, nothing, "kept every promise at a shop that was reset, and broke [charged-once] at one that was started anew, each of 4 times"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newResetting(row.breaks)
			m.leaks = row.leaks
			r := m.explore(t, explore.Config{Schedules: 400})
			require.Contains(t, r.Disagreements[0], row.want)
			require.Contains(t, r.Disagreements[0], "without reset.post it is started anew")
			require.False(t, r.Good())
			for _, f := range r.Findings {
				require.NotEmpty(t, anyLoss(f.Injections, 0))
			}
			require.Equal(t, name == "it breaks what a new one keeps", len(r.Findings) == 0)
		})
	}
}

// The unharmed runs that go along have shops that were reset, until one does not keep there
// what it keeps at a new one: that is the shop's doing, not the machine's, which bears more.
func TestUnharmedRunsAreResetUntilTheShopRemembers(t *testing.T) {
	for _, remembers := range []bool{false, true} {
		var resets atomic.Int32
		m := newResetting(nothing)
		m.takes = 8 * time.Second
		m.leaks = func(s Schedule, _ uint64) string {
			if len(s) > 0 {
				return ""
			}
			resets.Add(1)
			if remembers {
				return "charged-once"
			}
			return ""
		}
		r := m.explore(t, explore.Config{SinglesOnly: true})
		if remembers {
			require.EqualValues(t, 1, resets.Load())
		} else {
			require.Greater(t, resets.Load(), int32(5))
		}
		require.Greater(t, m.most, 30)
		require.Empty(t, r.Findings)
		require.True(t, r.Good(), r)
	}
}

// What broke at such a shop, and could not be enacted at a new one in time, is not told.
func TestALeakIsNoHint(t *testing.T) {
	m := newResetting(nothing)
	m.leaks = func(Schedule, uint64) string { return "charged-once" }
	m.takes = 4 * time.Second
	r := m.explore(t, explore.Config{Time: 30 * time.Second})
	require.NotEmpty(t, r.Disagreements)
	require.Empty(t, r.Findings)
	require.Empty(t, r.Unconfirmed)
}

// What broke at a shop that was reset is repeated, though the time ends while it is enacted
// once more.
func TestABreakAtTheEndIsTold(t *testing.T) {
	for _, promise := range []string{"charged-once", "told-in-time"} {
		m := newResetting(func(s Schedule, _ uint64) string {
			if len(s) != 1 || !has(s, "/payments", func(i Injection) bool { return i.Fault.Kind == fault.Reset }) {
				return ""
			}
			return promise
		})
		m.again = time.Hour
		r := m.explore(t, explore.Config{Time: time.Minute, SinglesOnly: true})
		require.NotEmpty(t, append(r.Findings, r.Unconfirmed...), promise)
	}
}

// What a shop that was reset breaks by chance is enacted again, and there is still time to
// repeat what broke each time.
func TestDifferencesByChanceLeaveTimeForWhatBroke(t *testing.T) {
	var tries atomic.Int32
	m := newResetting(twice)
	m.leaks = func(s Schedule, seed uint64) string {
		if promise := twice(s, seed); promise != "" || tries.Add(1)%3 > 0 {
			return promise
		}
		return "screen-is-honest"
	}
	m.takes = 4 * time.Second
	r := m.explore(t, explore.Config{Time: time.Minute})
	require.Empty(t, r.Disagreements)
	require.NotEmpty(t, r.Findings)
	require.Equal(t, "charged-once", r.Findings[0].Promise)
}

// The comparison of what differed by chance takes a quarter of the time that is left, however
// long each of them takes.
func TestLongDifferencesByChanceLeaveTimeForWhatBroke(t *testing.T) {
	never := func(s Schedule) bool {
		return has(s, "/shipments", func(i Injection) bool { return i.Trigger.Phase == fault.Arrives })
	}
	var tries atomic.Int32
	tells := func(oneIn int32) func(Schedule, uint64) string {
		return func(s Schedule, seed uint64) string {
			if promise := twice(s, seed); promise != "" || !never(s) || tries.Add(1)%oneIn > 0 {
				return promise
			}
			return "told-in-time"
		}
	}
	m := newResetting(tells(4))
	m.leaks = tells(1)
	m.takes = 2 * time.Second
	m.longer = func(s Schedule) time.Duration {
		if never(s) {
			return 15 * time.Second
		}
		return 0
	}
	r := m.explore(t, explore.Config{Time: 2 * time.Minute})
	require.NotEmpty(t, r.Findings)
	require.Equal(t, "charged-once", r.Findings[0].Promise)
}

// Where the machine is slow beside a shop that was reset, that is no difference.
func TestAResetBesideASlowMachine(t *testing.T) {
	m := newResetting(nothing)
	m.leaks = anyLoss
	m.slow = func(p explore.Trial, o explore.Outcome) string {
		if o.Verdict == Broken {
			return "it stood still"
		}
		return ""
	}
	r := m.explore(t, explore.Config{SinglesOnly: true, Time: 5 * time.Minute})
	require.Empty(t, r.Disagreements)
	require.Empty(t, r.Findings)
}
