package explore_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
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
	among func(s Schedule, seed uint64, beside int) string
	slow  func(explore.Trial, explore.Outcome) string          // nil: it never is
	full  bool                                                 // it says that it bears no more
	reset func(explore.Trial, explore.Outcome) explore.Outcome // what becomes of a trial that allows a reset
	rests func(explore.Trial, *explore.Outcome)                // how its quiet time ended
	again time.Duration                                        // that a schedule takes longer when it is enacted once more
	known sync.Map                                             // the schedules that were enacted
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
	o.Busy = m.full
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
		require.Equal(t, 2*8+1, m.most, "it grows once from what it began with, and is halved; the unharmed run goes along")
	}
}

func TestAMachineThatBearsMoreGetsMore(t *testing.T) {
	m := &machine{model: model{breaks: nothing}, takes: 8 * time.Second}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.True(t, r.Good())
	require.Greater(t, m.most, 40)
}

func TestABusyMachineGetsNoMore(t *testing.T) {
	m := &machine{model: model{breaks: nothing}, takes: 8 * time.Second, full: true}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.True(t, r.Good())
	require.Equal(t, 8+1, m.most, "what it began with, and the unharmed run")
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

// What a ledger shows is confirmed alone and minimized, though the machine is busy.
func TestADefectIsFoundThroughTheNoise(t *testing.T) {
	m := &machine{model: model{breaks: pairs}, bears: 8, takes: 8 * time.Second, noise: "told-in-time"}
	r := m.explore(t, explore.Config{Schedules: 400})
	require.NotEmpty(t, r.Findings)
	for _, f := range r.Findings {
		require.Equal(t, "goods-match-money", f.Promise)
		require.Len(t, f.Injections, 2)
		require.Equal(t, []int{8, 8}, []int{f.Shown, f.Of})
	}
}

// A smaller schedule that breaks now and then does not replace one that breaks each time:
// its replay would be green as often as not.
func TestASmallerScheduleBreaksEachTime(t *testing.T) {
	var mu sync.Mutex
	tries := map[string]int{}
	m := &machine{takes: time.Second}
	m.breaks = func(s Schedule, seed uint64) string {
		if promise := pairs(s, seed); promise != "" || !has(s, "/orders/{id}", loses) {
			return promise
		}
		mu.Lock()
		defer mu.Unlock()
		if tries[s.String()]++; tries[s.String()]%2 == 0 {
			return "goods-match-money"
		}
		return ""
	}
	r := m.explore(t, explore.Config{Schedules: 400})
	require.NotEmpty(t, r.Findings)
	for _, f := range r.Findings {
		require.Len(t, f.Injections, 2, "%s", f.Injections)
	}
}

// Of schedules as small, the one is told that breaks the promise whenever it is enacted.
func TestTheSteadiestScheduleIsTold(t *testing.T) {
	var mu sync.Mutex
	tries := map[string]int{}
	m := &machine{takes: time.Second}
	m.breaks = func(s Schedule, seed uint64) string {
		switch {
		case has(s, "/payments", func(i Injection) bool { return i.Fault.Kind == fault.Reset }):
			return "charged-once"
		case !has(s, "/payments", func(i Injection) bool { return i.Fault.Kind == fault.Close }):
			return ""
		}
		mu.Lock()
		defer mu.Unlock()
		if tries[s.String()]++; tries[s.String()] > 4 && tries[s.String()]%3 == 0 {
			return "" // when it was seen, confirmed and minimized
		}
		return "charged-once"
	}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.NotEmpty(t, r.Findings)
	require.Len(t, r.Findings[0].Injections, 1)
	require.Equal(t, fault.Reset, r.Findings[0].Injections[0].Fault.Kind, "%s", r.Findings[0].Injections)
	require.Equal(t, []int{8, 8}, []int{r.Findings[0].Shown, r.Findings[0].Of})
}

// One that did not break the promise when it was tried is told all the same, where it is a
// neighbour of the one that did and shows it each time.
func TestASteadyNeighbourIsTold(t *testing.T) {
	var mu sync.Mutex
	tries := map[string]int{}
	m := &machine{takes: time.Second}
	m.breaks = func(s Schedule, seed uint64) string {
		mu.Lock()
		defer mu.Unlock()
		at := func(kind fault.Kind) bool {
			return has(s, "/payments", func(i Injection) bool { return i.Fault.Kind == kind })
		}
		tries[s.String()]++
		if n := tries[s.String()]; at(fault.Reset) && n > 1 || at(fault.Close) && (n <= 4 || n%3 == 0) {
			return "charged-once"
		}
		return ""
	}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.NotEmpty(t, r.Findings)
	require.Len(t, r.Findings[0].Injections, 1)
	require.Equal(t, fault.Reset, r.Findings[0].Injections[0].Fault.Kind, "%s", r.Findings[0].Injections)
	require.Equal(t, []int{8, 8}, []int{r.Findings[0].Shown, r.Findings[0].Of})
}

// What a ledger shows while a promise about time is repeated is the finding.
func TestALedgerSeenInARepeatIsTold(t *testing.T) {
	var alone atomic.Int32
	m := &machine{takes: time.Second}
	m.among = func(s Schedule, seed uint64, beside int) string {
		switch {
		case twice(s, seed) == "":
			return ""
		case beside > repeats:
			return "told-in-time"
		case alone.Add(1) == 1:
			return "told-in-time"
		}
		return "charged-once"
	}
	r := m.explore(t, explore.Config{Schedules: 40})
	require.NotEmpty(t, r.Findings)
	for _, f := range r.Findings {
		require.Equal(t, "charged-once", f.Promise)
		require.Contains(t, f.Because, "charged-once broke")
	}
}

// One that shows each fifth time only is found all the same, and says so.
func TestARareDefectIsShownKOfN(t *testing.T) {
	var seen atomic.Int32
	m := &machine{takes: time.Second}
	m.breaks = func(s Schedule, seed uint64) string {
		if promise := twice(s, seed); promise == "" || seen.Add(1)%5 != 1 {
			return ""
		}
		return "charged-once"
	}
	r := m.explore(t, explore.Config{Schedules: 40})
	require.NotEmpty(t, r.Findings)
	require.Less(t, r.Findings[0].Shown, r.Findings[0].Of)
	require.NotZero(t, r.Findings[0].Shown)
}

// What a promise about time shows now and then is listed, and is no finding.
func TestSeenOnceIsListed(t *testing.T) {
	m := &machine{takes: time.Second}
	m.among = func(s Schedule, seed uint64, beside int) string {
		if len(s) > 0 && beside > repeats && twice(s, seed) != "" {
			return "told-in-time"
		}
		return ""
	}
	r := m.explore(t, explore.Config{Schedules: 60})
	require.Empty(t, r.Findings)
	require.NotEmpty(t, r.Unconfirmed)
	require.Equal(t, "seen once, not again in 1 repeat", r.Unconfirmed[0].Why)
	require.True(t, r.Good())
}

// What a ledger shows each time beside a slow machine is repeated alone.
func TestALedgerIsNotThrownAway(t *testing.T) {
	m := &machine{model: model{breaks: twice}, takes: time.Second}
	tries := map[string]int{}
	var mu sync.Mutex
	m.slow = func(p explore.Trial, o explore.Outcome) string {
		mu.Lock()
		defer mu.Unlock()
		if o.Verdict == Broken {
			tries[p.Injections.String()]++
		}
		if o.Verdict == Broken && tries[p.Injections.String()] <= 4 {
			return "it stood still"
		}
		return ""
	}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.NotEmpty(t, r.Findings)
	require.Equal(t, "charged-once", r.Findings[0].Promise)
}

// What breaks each time, and could not be repeated as often as it takes, is not told
// as seen once.
func TestWhatTimeCutShortIsNotSeenOnce(t *testing.T) {
	m := &machine{takes: time.Second}
	m.breaks = func(s Schedule, seed uint64) string {
		if twice(s, seed) == "" {
			return ""
		}
		return "told-in-time"
	}
	m.again = time.Minute
	r := m.explore(t, explore.Config{Time: time.Minute})
	require.Empty(t, r.Findings)
	require.NotEmpty(t, r.Unconfirmed)
	require.True(t, r.Unconfirmed[0].Cut)
	require.Equal(t, "not confirmed (out of time)", r.Unconfirmed[0].Why)
}

// A defect that needs no injection is one finding, however many schedules show it.
func TestADefectWithoutInjectionsIsOneFinding(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var mu sync.Mutex
	m := &machine{takes: time.Second}
	m.breaks = func(Schedule, uint64) string {
		mu.Lock()
		defer mu.Unlock()
		if rng.IntN(3) == 0 {
			return "charged-once"
		}
		return ""
	}
	r := m.explore(t, explore.Config{SinglesOnly: true})
	require.Len(t, r.Findings, 1)
	require.Empty(t, r.Findings[0].Injections)
	require.Greater(t, r.Findings[0].Count, 1)
}

func TestWhatTheControlBreaksIsFolded(t *testing.T) {
	m := &machine{model: model{breaks: func(Schedule, uint64) string { return "charged-once" }}, takes: time.Second}
	r := m.explore(t, explore.Config{SinglesOnly: true, Real: &explore.Real{Known: []string{"charged-once"}}})
	require.Empty(t, r.Findings)
	require.Greater(t, r.Folded, 20)
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
