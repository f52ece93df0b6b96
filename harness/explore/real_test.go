package explore_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
)

// machine is a shop in a nutshell on a machine that bears so many at once; each
// schedule takes so long.
type machine struct {
	model
	bears int
	takes time.Duration
	mu    sync.Mutex
	under []*span // the schedules under way
	most  int
	all   atomic.Int32
	// noise is what breaks where too many are enacted at once.
	noise string
	// among says what breaks beside so many, itself included; nil: model.breaks does.
	among  func(s Schedule, seed uint64, beside int) string
	slow   func(explore.Trial, explore.Outcome) string          // nil: it never is
	full   int                                                  // more at once than this keep it busy; 0: none do
	reset  func(explore.Trial, explore.Outcome) explore.Outcome // what becomes of a trial that allows a reset
	rests  func(explore.Trial, *explore.Outcome)                // how its quiet time ended
	again  time.Duration                                        // that a schedule takes longer when it is enacted once more
	known  sync.Map                                             // the schedules that were enacted
	longer func(Schedule) time.Duration                         // how much longer than others it takes; nil: none does
}

// span is a schedule under way: when it ends, and the most that were under way beside it,
// itself included. One that begins at the instant of its end is not beside it, whichever
// of their goroutines runs first.
type span struct {
	ends time.Time
	most int
}

func (m *machine) begins(takes time.Duration) *span {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	s := &span{ends: now.Add(takes)}
	m.under = append(slices.DeleteFunc(m.under, func(o *span) bool { return !o.ends.After(now) }), s)
	for _, o := range m.under {
		o.most = max(o.most, len(m.under))
	}
	m.most = max(m.most, len(m.under))
	return s
}

// ended is for the one that was interrupted as well.
func (m *machine) ended(s *span) (beside int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.ends = time.Now()
	return s.most
}

// repeats is how many repeats of one schedule are enacted side by side, which is alone.
const repeats = 4

func (m *machine) try(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
	m.all.Add(1)
	takes := m.takes
	if _, known := m.known.LoadOrStore(p.Injections.String(), true); known && len(p.Injections) > 0 {
		takes += m.again
	}
	if m.longer != nil {
		takes += m.longer(p.Injections)
	}
	under := m.begins(takes)
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		m.ended(under)
		return explore.Outcome{Verdict: Unfinished, Because: "interrupted"}, nil
	}
	beside, breaks := m.ended(under), m.breaks
	if m.among != nil {
		breaks = func(s Schedule, seed uint64) string { return m.among(s, seed, beside) }
	}
	o, err := m.enact(p, breaks)
	if m.bears > 0 && beside > m.bears && o.Verdict == Kept {
		o.Verdict, o.Breaks, o.Because = Broken, []string{m.noise}, "the machine was slow"
	}
	if p.Reset && m.reset != nil {
		o = m.reset(p, o)
	}
	if m.rests != nil {
		m.rests(p, &o)
	}
	o.Busy = m.full > 0 && beside > m.full
	if m.slow != nil {
		o.Slow = m.slow(p, o)
	}
	return o, err
}

func (m *machine) explore(t *testing.T, c explore.Config) (r explore.Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c.Story, c.Seed, c.Try, c.Processes, c.Audit = explore.StoryHeader{ID: "plain-purchase"}, 1, m.try, []string{"checkout"}, -1
		c.Workers = 48
		if c.Real == nil {
			c.Real = &explore.Real{}
		}
		c.Real.Timing, c.Real.Begin = []string{"told-in-time"}, 8
		var err error
		r, err = explore.Explore(t.Context(), c)
		require.NoError(t, err)
	})
	return r
}

func nothing(Schedule, uint64) string { return "" }

// A machine that bears twelve at once is not blamed on the shop, and everything is
// tried all the same.
func TestNoiseIsNoFinding(t *testing.T) {
	for _, promise := range []string{"told-in-time", "charged-once"} {
		m := &machine{model: model{breaks: nothing}, bears: 12, takes: 8 * time.Second, noise: promise}
		r := m.explore(t, explore.Config{SinglesOnly: true})
		require.Empty(t, r.Findings)
		require.True(t, r.Good(), r.Unfinished)
		require.Equal(t, r.Singles.Possible, r.Singles.Explored+r.Singles.Unproven)
		require.Equal(t, 8+8/2+1, m.most, "it grows once from what it began with, and is halved; the unharmed run goes along")
	}
}

func TestAMachineThatBearsMoreGetsMore(t *testing.T) {
	m := &machine{model: model{breaks: nothing}, takes: 8 * time.Second}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.True(t, r.Good())
	require.Greater(t, m.most, 30)
}

func TestABusyMachineGetsNoMore(t *testing.T) {
	m := &machine{model: model{breaks: nothing}, takes: 8 * time.Second, full: 1}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.True(t, r.Good())
	require.Equal(t, 8+1, m.most, "what it began with, and the unharmed run")
}

func TestAsManyAtOnceAsKeepTheMachineBusy(t *testing.T) {
	const full = 20
	var mu sync.Mutex
	var besides []int
	m := &machine{model: model{breaks: nothing}, takes: 8 * time.Second, full: full, among: func(_ Schedule, _ uint64, beside int) string {
		mu.Lock()
		defer mu.Unlock()
		besides = append(besides, beside)
		return ""
	}}
	r := m.explore(t, explore.Config{})
	require.True(t, r.Good())
	require.Equal(t, 20+1, m.most, "it grows from 8 to 12, 16 and 20, which the unharmed run makes too many")
	later := besides[len(besides)/2 : len(besides)-2*full] // before the last of them end
	require.InDelta(t, full, slices.Min(later), full/8+1)
	require.InDelta(t, full, slices.Max(later), full/8+1)
}

func TestAMachineTooSlowForOneEndsIt(t *testing.T) {
	m := &machine{model: model{breaks: nothing}, bears: 1, takes: 8 * time.Second, noise: "told-in-time"}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.Empty(t, r.Findings)
	require.Contains(t, r.TooSlow, "a purchase without any fault was BROKE beside the others")
	// How soon depends on which of those that end at one instant is heard first.
	require.Less(t, int(m.all.Load()), r.Singles.Possible, "it ends before all were tried")
}

// A machine that is slow, and bears what runs at once all the same, gets no less. Where
// a schedule has to be tried again for it, it gets less, until nothing can be judged.
func TestSlowAndKeptCostsNothing(t *testing.T) {
	for _, lost := range []bool{false, true} {
		m := &machine{model: model{breaks: nothing}, takes: 8 * time.Second}
		if lost {
			m.breaks = anyLoss
		}
		m.slow = func(p explore.Trial, o explore.Outcome) string {
			if len(p.Injections) == 0 || o.Verdict == Broken {
				return "it stood still"
			}
			return ""
		}
		r := m.explore(t, explore.Config{SinglesOnly: true, Time: 10 * time.Minute})
		require.Equal(t, lost, r.TooSlow != "", r.TooSlow)
		require.Equal(t, 8+1, m.most, "no more than it began with, and the unharmed run")
		if !lost {
			require.Equal(t, r.Singles.Possible, r.Singles.Explored)
			require.LessOrEqual(t, r.Took, 8*time.Second*time.Duration(3+r.Singles.Possible/8), "eight at once to the end")
		}
	}
}

// Confirming and minimizing are within the budget, and a naive shop's defect is
// found within a short one.
func TestABudgetHoldsWithConfirming(t *testing.T) {
	for _, budget := range []time.Duration{20 * time.Second, 25 * time.Second, time.Minute, 5 * time.Minute} {
		m := &machine{model: model{breaks: anyLoss}, takes: 8 * time.Second}
		r := m.explore(t, explore.Config{Time: budget})
		require.LessOrEqual(t, r.Took, budget+max(budget/10, 8*time.Second), budget)
		require.NotEmpty(t, r.Findings, budget)
		require.Equal(t, "charged-once", r.Findings[0].Promise)
		require.False(t, r.Interrupted)
	}
}

// anyLoss breaks as a naive shop does, by whatever is lost.
func anyLoss(s Schedule, _ uint64) string {
	if slices.ContainsFunc(s, loses) {
		return "charged-once"
	}
	return ""
}

// A schedule that never ends does not take the budget with it.
func TestABudgetHoldsWithAHang(t *testing.T) {
	m := &machine{model: model{breaks: nothing}, takes: 2 * time.Second}
	hangs := func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		if len(p.Injections) > 0 {
			<-ctx.Done()
			return explore.Outcome{Verdict: Unfinished, Because: "interrupted"}, nil
		}
		return m.try(ctx, p)
	}
	synctest.Test(t, func(t *testing.T) {
		r, err := explore.Explore(t.Context(), explore.Config{
			Story: explore.StoryHeader{ID: "plain-purchase"}, Seed: 1, Try: hangs, Audit: -1, Workers: 8,
			Time: time.Minute, Real: &explore.Real{Begin: 2},
		})
		require.NoError(t, err)
		require.Less(t, r.Took, 67*time.Second)
		require.False(t, r.Good(), "nothing was explored")
	})
}

// One schedule that could not be staged is reported; many are no sound exploration.
func TestFewUnfinishedAreReported(t *testing.T) {
	for every, good := range map[int32]bool{50: true, 10: false} {
		m := &machine{model: model{breaks: nothing}, takes: time.Second}
		var n atomic.Int32
		bad := map[string]bool{}
		synctest.Test(t, func(t *testing.T) {
			r, err := explore.Explore(t.Context(), explore.Config{
				Story: explore.StoryHeader{ID: "plain-purchase"}, Seed: 1, Audit: -1, Workers: 1, SinglesOnly: true, Schedules: 200,
				Real: &explore.Real{}, Try: func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
					if key := p.Injections.String(); len(p.Injections) > 0 && (bad[key] || n.Add(1)%every == 0) {
						bad[key] = true
						return explore.Outcome{Verdict: Unfinished, Because: "no port"}, nil
					}
					return m.try(ctx, p)
				},
			})
			require.NoError(t, err)
			require.NotZero(t, r.Tally().Unfinished)
			require.Contains(t, r.Unfinished[0], "no port")
			require.Equal(t, good, r.Good(), "one in %d", every)
		})
	}
}

// Its pairs are tried all the same.
func TestAStragglersPairsAreTried(t *testing.T) {
	whole(t)
	possible := map[time.Duration]int{}
	for _, straggles := range []time.Duration{0, 10 * time.Hour} {
		m := &machine{model: model{breaks: nothing}, takes: time.Second}
		synctest.Test(t, func(t *testing.T) {
			r, err := explore.Explore(t.Context(), explore.Config{
				Story: explore.StoryHeader{ID: "plain-purchase"}, Seed: 1, Audit: -1, Workers: 24, Real: &explore.Real{Begin: 12},
				Try: func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
					if len(p.Injections) == 1 && has(p.Injections, "/payments", loses) {
						time.Sleep(straggles)
					}
					return m.try(ctx, p)
				},
			})
			require.NoError(t, err)
			require.Equal(t, r.Pairs.Possible, r.Pairs.Explored+r.Pairs.Unproven)
			possible[straggles] = r.Pairs.Possible
		})
	}
	require.Equal(t, possible[0], possible[10*time.Hour])
}

// A schedule that takes long does not hold up those of the next level.
func TestAStragglerHoldsUpNobody(t *testing.T) {
	m := &machine{model: model{breaks: nothing}, takes: time.Second}
	straggles := func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		if len(p.Injections) == 1 && has(p.Injections, "/payments", loses) {
			select {
			case <-time.After(time.Hour):
			case <-ctx.Done():
			}
		}
		return m.try(ctx, p)
	}
	synctest.Test(t, func(t *testing.T) {
		r, err := explore.Explore(t.Context(), explore.Config{
			Story: explore.StoryHeader{ID: "plain-purchase"}, Seed: 1, Try: straggles, Audit: -1, Workers: 24,
			Time: 2 * time.Minute, Real: &explore.Real{Begin: 12},
		})
		require.NoError(t, err)
		require.Greater(t, r.Pairs.Explored, 100)
	})
}
