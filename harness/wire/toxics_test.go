package wire_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
)

// Each toxic is put on a hop with a warm connection, as in the middle of a
// story, and taken away again. (One after the other: a process that is being
// started holds the listeners of all others for a moment.)
func TestEachToxicTakesEffectAndIsHealed(t *testing.T) {
	const patience = 250 * time.Millisecond
	downstream := func(f Fault) Injection { return Toxic(CustomerHop, Downstream, f) }
	upstream := func(f Fault) Injection { return Toxic(CustomerHop, Upstream, f) }
	const order, page = "PUT /orders/1", "GET /page"
	for name, row := range map[string]struct {
		injection Injection
		call      string
		class     observe.Class // that the caller sees within its patience
		least     time.Duration // that it takes
	}{
		"an answer that comes too late":   {downstream(Latency(time.Hour)), order, observe.TimedOut, 0},
		"a request that comes too late":   {upstream(Latency(time.Hour)), order, observe.TimedOut, 0},
		"an answer that comes later":      {downstream(Latency(40 * time.Millisecond)), page, "", 40 * time.Millisecond},
		"a narrow line":                   {downstream(Bandwidth(200)), page, "", 90 * time.Millisecond},
		"a line that is all but shut":     {downstream(Bandwidth(1)), page, observe.TimedOut, 0},
		"silence":                         {downstream(Silence(0)), order, observe.TimedOut, 0},
		"silence towards the shop":        {upstream(Silence(0)), order, observe.TimedOut, 0},
		"silence and then the end":        {upstream(Silence(30 * time.Millisecond)), order, observe.Ended, 0},
		"a reset":                         {downstream(ResetPeer(0)), order, observe.Reset, 0},
		"a reset after a while":           {downstream(ResetPeer(30 * time.Millisecond)), order, observe.Reset, 30 * time.Millisecond},
		"an answer in slices":             {downstream(Slicer(2000, 5*time.Millisecond)), page, "", 40 * time.Millisecond},
		"an answer cut off within a line": {downstream(LimitData(10)), order, observe.Garbled, 0},
		"an answer cut off after a line":  {downstream(LimitData(17)), order, observe.Ended, 0},
		"an answer cut off in its body":   {downstream(LimitData(2000)), page, observe.Ended, 0},
		"a hop on which nobody listens":   {Down(CustomerHop), order, observe.Refused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := build(t, units.Wall, row.injection)
			client := newClient(t)
			require.Equal(t, 200, s.call(within(t, soon), client, "GET", "/orders").status)
			if row.class == observe.Refused {
				client = newClient(t)
			}
			heal := s.install(t, row.injection)
			limit := soon
			if row.class == observe.TimedOut {
				limit = patience
			}
			method, path, _ := strings.Cut(row.call, " ")
			saw := s.call(within(t, limit), client, method, path)
			require.Equal(t, row.class, saw.class)
			require.GreaterOrEqual(t, saw.took, row.least)
			if row.class == "" {
				require.Equal(t, aPage, saw.body, "late, and whole")
			}
			heal()
			s.works(t)
		})
	}
}

// A reset_peer that is added to a connection under way ends it with a farewell;
// so it is there from the beginning, and does nothing until its injection starts.
func TestAWarmConnectionIsResetForReal(t *testing.T) {
	reset := Toxic(CustomerHop, Downstream, ResetPeer(0))
	s := build(t, units.Wall, reset)
	warm := s.dial(t)
	require.Equal(t, 200, warm.get("/page").status)
	heal := s.install(t, reset)
	require.Equal(t, observe.Reset, warm.get("/page").class)
	heal()
	s.works(t)
}

func TestASlowCloseKeepsTheConnectionOpenAfterTheFarewell(t *testing.T) {
	const delay = 80 * time.Millisecond
	slow := Toxic(CustomerHop, Downstream, SlowClose(delay))
	s := build(t, units.Wall, slow)
	ended := func() time.Duration {
		c := s.dial(t)
		require.Equal(t, "bye", c.get("/bye").body)
		began := time.Now()
		require.Equal(t, observe.Ended, c.ends())
		return time.Since(began)
	}
	heal := s.install(t, slow)
	// The farewell may set out a moment before the answer has been read.
	require.Greater(t, ended(), delay-delay/4)
	heal()
	for range 20 { // on a busy machine some farewells are late by themselves
		if ended() < delay/2 {
			return
		}
	}
	t.Fatal("the farewell is still late")
}

func TestAToxicInjectionsOnTheHopOfTheShopsOwnCalls(t *testing.T) {
	s := build(t, units.Wall)
	heal := s.install(t, Down(ProviderHop))
	require.Equal(t, 502, s.call(within(t, soon), newClient(t), "PUT", "/orders/1").status)
	require.Zero(t, s.charged.Load())
	heal()
	require.Equal(t, 200, s.call(within(t, soon), newClient(t), "PUT", "/orders/1").status)
	require.EqualValues(t, 1, s.charged.Load())
}

func TestTheTimesOfToxicsAreDividedLikeTheClock(t *testing.T) {
	const clock = 100
	late := Toxic(CustomerHop, Downstream, Latency(4*time.Second))
	s := build(t, clock, late)
	s.install(t, late)
	saw := s.call(within(t, soon), newClient(t), "GET", "/page")
	require.GreaterOrEqual(t, saw.took, 40*time.Millisecond)
	require.Less(t, saw.took, 4*time.Second)
}

func TestATimeThatToxicsCannotKeepIsRefused(t *testing.T) {
	s := build(t, 100)
	for _, f := range []Fault{Latency(90 * time.Millisecond), Silence(time.Millisecond), SlowClose(99 * time.Millisecond)} {
		_, err := s.Install(Toxic(CustomerHop, Downstream, f))
		require.ErrorContains(t, err, "a toxic knows whole milliseconds only: use a slower clock")
		require.ErrorContains(t, err, string(f.Kind), "it names the injection")
	}
	_, err := s.Install(Toxic(CustomerHop, Downstream, Slicer(10, 5*time.Millisecond)))
	require.NoError(t, err, "a slicer counts microseconds")
	_, err = s.Install(Toxic(observe.DatabaseHop, Downstream, Latency(time.Second)))
	require.EqualError(t, err, "this world has no hop checkout>database")
}

func TestAResetThatCannotBeTimedIsRefusedBeforeItStarts(t *testing.T) {
	p := &play{role: "shop"}
	_, err := wire.Build(p.compose, ports)(context.Background(), environment.Brief{Story: "x", Clock: 100, Injections: Schedule{
		Toxic(CustomerHop, Downstream, ResetPeer(time.Millisecond)),
	}}, environment.NewRecorder(100, nil))
	require.ErrorContains(t, err, "use a slower clock")
	require.EqualValues(t, 1, p.closed.Load())
}

// What Toxiproxy is there for: without it the same story proves nothing.
func TestWithoutToxiproxyNoTransportInjectionTakesEffect(t *testing.T) {
	for name, row := range map[string]struct {
		build func(wire.Compose, *wire.Ports) environment.Build
		want  judge.Verdict
	}{
		"with Toxiproxy": {wire.Build, Kept}, "without": {wire.BuildDirect, Unproven},
	} {
		t.Run(name, func(t *testing.T) {
			p := &play{role: "shop", quiet: time.Second}
			run := enact.Run(context.Background(), Story{
				ID: "late", Plot: "Ana waits.",
				Injections: Schedule{Toxic(CustomerHop, Downstream, Latency(5*time.Second))},
				Script:     func(s *Stage) { s.Customer("ana").Submits() },
			}, enact.Options{World: "wire", Clock: 100, Expects: "kept"}, row.build(p.compose, ports))
			require.Equal(t, row.want, run.Ruling("every-injection-took-effect").Verdict, "%s %v", run.Failure, run.Rulings)
			require.EqualValues(t, 1, p.charged.Load())
		})
	}
}
