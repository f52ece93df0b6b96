package explore_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
)

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

// What broke by chance, and takes long to repeat, leaves the rest of the time for others: a
// defect that comes up later is found.
func TestTheTimeIsUsedToItsEnd(t *testing.T) {
	var chance atomic.Int32
	var began time.Time
	var once sync.Once
	m := &machine{takes: 2 * time.Second, longer: func(s Schedule) time.Duration {
		if has(s, "/orders/{id}", func(Injection) bool { return len(s) == 1 }) {
			return 12 * time.Second
		}
		return 0
	}}
	m.breaks = func(s Schedule, seed uint64) string {
		once.Do(func() { began = time.Now() })
		switch {
		case len(s) == 1 && has(s, "/orders/{id}", loses) && chance.Add(1) == 1:
			return "told-in-time"
		case time.Since(began) > 45*time.Second:
			return twice(s, seed)
		}
		return ""
	}
	r := m.explore(t, explore.Config{Time: time.Minute})
	require.Greater(t, r.Took, 55*time.Second)
	require.NotEmpty(t, r.Unconfirmed)
	require.NotEmpty(t, r.Findings)
	require.Equal(t, "charged-once", r.Findings[0].Promise)
}
