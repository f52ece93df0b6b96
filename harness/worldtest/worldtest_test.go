package worldtest_test

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/worldtest"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

func TestMain(m *testing.M) {
	compose.Reenter()
	os.Exit(m.Run())
}

const (
	// Clocks divide the wire's clock. A killed shop takes some real time to come
	// back, whatever the clock.
	clock, clockOfKills units.Clock = 25, 5
	// tolerance is what a call may take less on the wire than in virtual time:
	// 100 ms on a machine's clock.
	tolerance = 2500 * time.Millisecond
)

var (
	studio = compose.NewStudio()
	ports  = wire.NewPorts(os.Getpid())
)

func virtually(t *testing.T, s Story) *Run {
	return studio.Enact(t.Context(), s, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
}

// starting is held by the one world that is being started: to start one keeps a
// processor busy, and the first messages of others would wait for it.
var starting = make(chan struct{}, 1)

func onTheWire(t *testing.T, s Story, clock units.Clock) *Run {
	starting <- struct{}{}
	started := sync.OnceFunc(func() { <-starting })
	defer started()
	script := s.Script
	s.Script = func(s *Stage) { started(); script(s) }

	if s.Injections[0].Fault.IsProcess() {
		clock = clockOfKills
	}
	return enact.Run(t.Context(), s, enact.Options{World: "wire", Database: "sqlite", Clock: clock, Seed: 1, Expects: "kept", Routes: compose.Routes()},
		compose.Wire(compose.Resources{Ports: ports}))
}

// atOnce is how many cases are enacted side by side: on the wire they sleep, most
// of the time.
const atOnce = 12

func TestBothWorldsAgreeOnEveryFaultAndMessage(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes on the wire: make test runs it")
	}
	cases := worldtest.Cases(compose.Routes())
	pairs := make([]chan pair, len(cases))
	turn := make(chan struct{}, atOnce)
	for i, c := range cases {
		pairs[i] = make(chan pair, 1)
		go func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			pairs[i] <- enactBoth(t, c)
		}()
	}
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			p := <-pairs[i]
			require.NoError(t, p.err)
			require.Empty(t, p.virtual.Failure)
			require.Empty(t, p.wire.Failure)
			v := c.Boil(p.virtual)
			require.True(t, v.TookEffect, "the injection took effect in virtual time")
			differ := v.Differences(c.Boil(p.wire), tolerance)
			// A busy machine makes clients retry: what differs counts where it does so
			// alone and again, and where the clock is slower.
			for _, clock := range []units.Clock{clock, clock / 3} {
				if len(differ) == 0 {
					break
				}
				t.Logf("once more, alone, with the clock divided by %d: %v", clock, differ)
				again := onTheWire(t, c.Story(p.heals), clock)
				require.Empty(t, again.Failure)
				differ = v.Differences(c.Boil(again), tolerance)
			}
			require.Empty(t, differ, "virtual or wire, healed after %s", p.heals)
		})
	}
}

// pair is one case, enacted in both worlds.
type pair struct {
	heals         time.Duration
	virtual, wire *Run
	err           error
}

func enactBoth(t *testing.T, c worldtest.Case) (p pair) {
	p.heals, p.err = c.Heals(func(s Story) *Run { return virtually(t, s) })
	if p.err == nil {
		p.virtual, p.wire = virtually(t, c.Story(p.heals)), onTheWire(t, c.Story(p.heals), clock)
	}
	return p
}

// A world that ignores the injection, halves its time or sends once more is found
// out.
func TestAWorldThatCheatsIsFoundOut(t *testing.T) {
	var c worldtest.Case
	for _, c = range worldtest.Cases(compose.Routes()) {
		if c.Name == "payment/latency-downstream" {
			break
		}
	}
	story := c.Story(12 * time.Second)
	honest := c.Boil(virtually(t, story))
	require.Empty(t, honest.Differences(c.Boil(virtually(t, story)), 0))
	for name, row := range map[string]struct {
		cheat func(Injection) Injection
		words string
	}{
		"ignores a toxic":  {func(s Injection) Injection { s.Trigger.N = 99; return s }, "the injection took effect"},
		"halves a latency": {func(s Injection) Injection { s.Fault.Duration /= 2; return s }, "the hit call took"},
		"ends a connection": {func(s Injection) Injection {
			s.Fault = Fault{Kind: fault.LimitData, Direction: Downstream, Rate: 10}
			return s
		}, "failures"},
		"sends twice":          {func(Injection) Injection { return OnPath(ProviderHop, "POST", c.Path).Nth(1).Duplicates() }, "messages"},
		"injections elsewhere": {func(s Injection) Injection { s.Hop, s.Trigger.Path = ShippingHop, "/shipments"; return s }, "the hit call took"},
		"answers by itself":    {func(Injection) Injection { return OnPath(ProviderHop, "POST", c.Path).Answers(400) }, "ledgers"},
	} {
		t.Run(name, func(t *testing.T) {
			cheated := story
			cheated.Injections = Schedule{row.cheat(story.Injections[0])}
			differences := honest.Differences(c.Boil(virtually(t, cheated)), tolerance)
			require.Contains(t, strings.Join(differences, "\n"), row.words)
		})
	}
}

func TestWhatOnlyOneWorldCanStageIsRefusedByTheOther(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes on the wire: make test runs it")
	}
	for _, only := range worldtest.OnlyOn() {
		require.NotEmpty(t, only.Why)
		if only.Fault.Kind == "" {
			continue
		}
		story := Story{
			ID: "only", Plot: only.What, Script: func(s *Stage) { a := s.Customer("ana"); a.Submits(); a.WaitsToBeTold() },
			Injections: Schedule{OnPath(ProviderHop, "POST", "/epayment/v1/payments").Nth(1).Does(only.Fault).Lasting(5 * time.Second)},
		}
		require.Equal(t, Unfinished, virtually(t, story).Verdict(), only.What)
		run := onTheWire(t, story, clock)
		require.Equal(t, Kept, run.Verdict(), run.FailureText())
		require.NotEmpty(t, run.Effects(0))
	}
}
