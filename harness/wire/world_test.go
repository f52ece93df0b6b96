package wire_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
)

func TestAClosedWorldHasLeftNothingBehind(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	before := goleak.IgnoreCurrent()
	s := build(t, units.Wall)
	client := newClient(t)
	require.Equal(t, 200, s.call(within(t, soon), client, "PUT", "/orders/1").status)
	pid := wire.ShopOf(s.Environment).PID()
	client.CloseIdleConnections()
	s.leavesNothing(t, before)
	requireGone(t, pid)
	files, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, files)
	what, _ := s.lives()
	require.Equal(t, []string{"started", "ready", "stopped"}, what)
}

// Whatever a story was in the middle of: bytes that a toxic holds, a message
// that a tap holds, a shop that was killed.
func TestAWorldCanBeClosedInTheMiddleOfAnything(t *testing.T) {
	down := func(f Fault) Injection { return Toxic(CustomerHop, Downstream, f) }
	for name, one := range map[string]Injection{
		"latency":    down(Latency(time.Hour)),
		"bandwidth":  down(Bandwidth(1)),
		"silence":    down(Silence(time.Hour)),
		"slow close": down(SlowClose(time.Hour)),
		"slicer":     down(Slicer(1, time.Hour)),
		"down":       Down(CustomerHop),
		"hang":       OnPath(CustomerHop, "GET", "/page").Hangs(),
		"stall":      OnPath(CustomerHop, "GET", "/page").Stalls(),
		"kill":       OnPath(CustomerHop, "GET", "/page").Kills(checkout),
		"pause":      OnPath(CustomerHop, "GET", "/page").Does(Fault{Kind: fault.Pause, Process: checkout}),
	} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			s := build(t, units.Wall, one)
			injector := injection.NewInjector(Schedule{one}, units.Wall, s.See, s, func(err error) { t.Error(err) })
			s.Arm(injector)
			client := newClient(t)
			require.Equal(t, 200, s.call(within(t, soon), client, "GET", "/orders").status)
			injector.Start()
			ctx, leave := context.WithCancel(context.Background())
			left := make(chan outcome, 1)
			from := s.Len()
			go func() { left <- s.call(ctx, client, "GET", "/page") }()
			if one.Fault.Kind != fault.Down {
				_, err := s.Await(within(t, soon), from, func(e Event) bool {
					return e.Effect != nil || e.Message != nil && one.Fault.IsTransport()
				})
				require.NoError(t, err)
			}
			leave()
			<-left
			client.CloseIdleConnections()
			if one.Fault.Kind == fault.Hang {
				injector.Stop() // only the end of the script takes the injector's own timers down
			}
			s.leavesNothing(t, before)
		})
	}
}

func TestAWorldRestsWhenNothingWasSeenForTheQuietTime(t *testing.T) {
	s := build(t, 10)
	s.call(within(t, soon), newClient(t), "PUT", "/orders/1")
	require.NoError(t, s.Settle(within(t, soon)))
	require.GreaterOrEqual(t, s.Silence(), 5*time.Millisecond, "50 ms of the story, divided like the clock")
	require.EqualValues(t, 1, s.charged.Load())
}

// A page that looks for ever, and one that holds a stream open, keep no world from
// resting; what a stream said is told when the world is taken down.
func TestAPageThatStaysKeepsNoWorldFromResting(t *testing.T) {
	for name, look := range map[string]func(ctx context.Context, s *stage, c *http.Client){
		"it looks again and again": func(ctx context.Context, s *stage, c *http.Client) {
			for ctx.Err() == nil {
				s.call(ctx, c, "GET", "/orders")
			}
		},
		"it holds a stream open": func(ctx context.Context, s *stage, c *http.Client) { s.call(ctx, c, "GET", "/events") },
	} {
		t.Run(name, func(t *testing.T) {
			s := build(t, 10)
			s.call(within(t, soon), newClient(t), "PUT", "/orders/1")
			ctx, leave := context.WithCancel(t.Context())
			client, came, left := newClient(t), make(chan struct{}), make(chan struct{})
			ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotFirstResponseByte: sync.OnceFunc(func() { close(came) })})
			go func() { look(ctx, s, client); close(left) }()
			select {
			case <-came: // a page that asks keeps no world from resting, answered or not
			case <-within(t, soon).Done():
				t.Fatal("the page heard nothing")
			}
			require.NoError(t, s.Settle(within(t, soon)))
			select {
			case <-left:
				t.Fatal("the page was to be there still")
			default:
			}
			if name == "it holds a stream open" {
				require.NoError(t, s.Close())
				seen, err := s.Await(within(t, soon), 0, func(e Event) bool { return e.Kind == observe.Answered && e.Message.Stream })
				require.NoError(t, err)
				require.Equal(t, "data: {\"status\":\"working\"}\n\n", seen.Message.Body)
			}
			leave()
			<-left
		})
	}
}

// What the page reads is known to the tap, though the tap is built first.
func TestDriftIsSeenOnTheWire(t *testing.T) {
	s := build(t, units.Wall)
	s.call(within(t, soon), newClient(t), "PUT", "/orders/1")
	e, err := s.Await(within(t, soon), 0, func(e Event) bool { return e.Kind == observe.Drift })
	require.NoError(t, err)
	require.Equal(t, []string{"status"}, e.Message.Missing)
}

func TestAWorldThatNeverRestsSaysSoWhenTheHarnessGivesUp(t *testing.T) {
	s := build(t, units.Wall)
	given, giveUp := context.WithCancel(context.Background())
	giveUp()
	// Something was seen just now, so the world is not at rest; a machine that
	// stands still in between makes it so, and is asked again.
	var err error
	for range 100 {
		s.See(Event{Actor: "provider", Kind: observe.Note, Text: "tick"})
		if err = s.Settle(given); err != nil {
			break
		}
	}
	require.ErrorContains(t, err, "the world did not come to rest")
}

func TestAMessageUnderWayIsNoRest(t *testing.T) {
	s := build(t, units.Wall)
	hang := OnPath(CustomerHop, "PUT", "/orders/{id}").Hangs()
	a := injection.NewInjector(Schedule{hang}, units.Wall, s.See, s, func(err error) { t.Error(err) })
	s.Arm(a)
	client, left := newClient(t), make(chan outcome, 1)
	ctx := within(t, soon)
	go func() { left <- s.call(ctx, client, "PUT", "/orders/1") }()
	_, err := s.Await(within(t, soon), 0, func(e Event) bool { return e.Effect != nil })
	require.NoError(t, err)
	require.ErrorContains(t, s.Settle(within(t, 150*time.Millisecond)), "one message still had no answer")
	a.Stop()
	<-left
	require.NoError(t, s.Settle(within(t, soon)))
}

func TestACastThatFailsLeavesNothingBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	broke := errors.New("the carrier is on injection")
	set, err := wire.Build(func(context.Context, environment.Setup) (wire.Parts, error) { return wire.Parts{}, broke }, ports)(
		context.Background(), environment.Brief{Story: "x"}, environment.NewRecorder(units.Wall, nil))
	require.Nil(t, set)
	require.ErrorIs(t, err, broke)
	goleak.VerifyNone(t, before)
}

func TestTheProviderReachesTheShopThroughItsOwnHop(t *testing.T) {
	s := build(t, units.Wall)
	client := &http.Client{Transport: s.setup.Webhooks}
	heal := s.install(t, Down(WebhookHop))
	_, err := client.Get(s.setup.WebhookURL + "/page")
	require.Equal(t, observe.Refused, observe.Classify(err))
	s.works(t)
	heal()
	answer, err := client.Get(s.setup.WebhookURL + "/page")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	_, err = s.Await(within(t, soon), 0, func(e Event) bool {
		return e.Kind == observe.Arrived && e.Message.Hop == WebhookHop
	})
	require.NoError(t, err)
}

// A world may take a quarter of an hour of the story to come to rest, twice its quiet time,
// and what the longest injection takes; and some seconds, whatever the clock.
func TestALongStoryIsGivenTimeToRest(t *testing.T) {
	late := injection.OnPayment(1).ApprovesLate(20 * time.Minute)
	for name, c := range map[string]struct {
		clock    units.Clock
		quiet    time.Duration
		injected injection.Schedule
		want     time.Duration
	}{
		"usually":          {1, time.Minute, nil, 15 * time.Minute},
		"a slow shop":      {1, 10 * time.Minute, nil, 20 * time.Minute},
		"a late approval":  {20, time.Minute, injection.Schedule{injection.On(observe.Submit).Nth(1).Closes(), late}, 35 * time.Minute / 20},
		"a toxic of hours": {1, time.Minute, injection.Schedule{injection.OnHopOf(observe.Submit).Down().Lasting(3 * time.Hour)}, 195 * time.Minute},
		"on a fast clock":  {1000, time.Minute, nil, 5 * time.Second},
	} {
		require.Equal(t, c.want, wire.SettlesWithin(c.clock, c.quiet, c.injected), name)
	}
}
