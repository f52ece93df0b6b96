package wire_test

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
)

const checkout = "checkout"

func (s *stage) orders(t *testing.T) string {
	t.Helper()
	saw := s.call(within(t, soon), newClient(t), "GET", "/orders")
	require.Equal(t, 200, saw.status)
	return saw.body
}

// Only SIGKILL is a crash: net/http recovers a panic in a handler, and a polite
// signal lets a program tidy up.
func TestAKilledShopLosesWhatItHadInMemoryAndComesBackAsAnotherProcess(t *testing.T) {
	s := build(t, units.Wall)
	client := newClient(t)
	require.Equal(t, 200, s.call(within(t, soon), client, "PUT", "/orders/1").status)
	require.Equal(t, "1", s.orders(t))
	first := wire.ShopOf(s.Environment)

	require.NoError(t, s.Kill(checkout))

	state := first.State()
	require.NotNil(t, state, "Kill returns when the process is gone")
	require.Equal(t, "signal: killed", state.String())
	require.Nil(t, wire.ShopOf(s.Environment))
	require.NotEmpty(t, s.call(within(t, soon), client, "GET", "/orders").class, "on a warm connection")
	// The tap's reset comes out of Toxiproxy as a farewell.
	require.Equal(t, observe.Ended, s.call(within(t, soon), newClient(t), "GET", "/orders").class, "on a cold one")

	require.NoError(t, s.Revive(checkout))
	require.NotEqual(t, first.PID(), wire.ShopOf(s.Environment).PID())
	require.Equal(t, "0", s.orders(t), "what was in memory is gone")
	what, pids := s.lives()
	require.Equal(t, []string{"started", "ready", "killed", "started", "ready"}, what)
	require.Equal(t, []int{first.PID(), first.PID(), first.PID()}, pids[:3])
	require.Equal(t, pids[3], pids[4])
}

func TestAMessageThatFindsItsShopKilledGoesNoFurther(t *testing.T) {
	for name, row := range map[string]struct {
		injection Injection
		charged   int64
	}{
		"before it worked": {OnPath(CustomerHop, "PUT", "/orders/{id}").Kills(checkout).Lasting(10 * time.Millisecond), 0},
		"after it worked":  {OnPath(CustomerHop, "PUT", "/orders/{id}").Answered().Kills(checkout).Lasting(10 * time.Millisecond), 1},
		"before it called": {OnPath(ProviderHop, "POST", "/payments").Kills(checkout).Lasting(10 * time.Millisecond), 0},
		"after its call":   {OnPath(ProviderHop, "POST", "/payments").Answered().Kills(checkout).Lasting(10 * time.Millisecond), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := build(t, units.Wall)
			a := injection.NewInjector(Schedule{row.injection}, units.Wall, s.See, s, func(err error) { t.Error(err) })
			s.Arm(a)
			client := newClient(t)
			require.Equal(t, 200, s.call(within(t, soon), client, "GET", "/orders").status)
			require.NotEmpty(t, s.call(within(t, soon), client, "PUT", "/orders/1").class)
			require.Equal(t, row.charged, s.charged.Load())
			a.Stop()
			require.Equal(t, "0", s.orders(t))
		})
	}
}

// An answer that was given before the shop was killed arrives, and nothing else does.
func TestAnAnswerGoesOnThoughItsShopWasKilledThen(t *testing.T) {
	s := build(t, units.Wall)
	a := injection.NewInjector(Schedule{OnPath(CustomerHop, "PUT", "/orders/{id}").KillsAfter(checkout).Lasting(10 * time.Millisecond)}, units.Wall, s.See, s, func(err error) { t.Error(err) })
	s.Arm(a)
	require.Equal(t, 200, s.call(within(t, soon), newClient(t), "PUT", "/orders/1").status)
	a.Stop()
	require.Equal(t, "0", s.orders(t), "what was in memory is gone")
	what, _ := s.lives()
	require.Equal(t, []string{"started", "ready", "killed", "started", "ready"}, what)
}

func TestAPausedShopIsSilentAndGoesOnWhereItWas(t *testing.T) {
	s := build(t, units.Wall)
	client := newClient(t)
	require.Equal(t, 200, s.call(within(t, soon), client, "PUT", "/orders/1").status)
	pid := wire.ShopOf(s.Environment).PID()

	require.NoError(t, s.Pause(checkout))
	ctx, giveUp := context.WithCancel(t.Context())
	saw := make(chan outcome, 1)
	go func() { saw <- s.call(ctx, client, "PUT", "/orders/2") }()
	_, err := s.Await(within(t, soon), 0, func(e Event) bool {
		return e.Kind == observe.Arrived && e.Message.Path == "/orders/2"
	})
	require.NoError(t, err)
	select {
	case got := <-saw:
		t.Fatalf("a shop that is paused answered: %+v", got)
	case <-within(t, 200*time.Millisecond).Done(): // a shop that runs answers in two
	}
	giveUp()
	require.Equal(t, observe.Cancelled, (<-saw).class)
	require.NoError(t, s.Resume(checkout))

	// The order that nobody waited for is carried out all the same.
	_, err = s.Await(within(t, soon), 0, func(e Event) bool {
		return e.Kind == observe.Answered && e.Message.Path == "/orders/2"
	})
	require.NoError(t, err)
	require.Equal(t, "2", s.orders(t))
	require.Equal(t, pid, wire.ShopOf(s.Environment).PID())
	what, _ := s.lives()
	require.Equal(t, []string{"started", "ready", "paused", "resumed"}, what)
}

func TestAPausedShopCanBeTakenDown(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := build(t, units.Wall)
	require.NoError(t, s.Pause(checkout))
	s.leavesNothing(t, before)
}

func TestOnlyWhatRunsCanBeInjected(t *testing.T) {
	s := build(t, units.Wall)
	require.NoError(t, s.Kill(checkout))
	require.ErrorContains(t, s.Kill(checkout), "process not running")
	require.ErrorContains(t, s.Pause(checkout), "cannot be paused: process not running")
	require.ErrorContains(t, s.Resume(checkout), "cannot be resumed: process not running")
	for _, do := range []func(string) error{s.Kill, s.Revive, s.Pause, s.Resume} {
		require.EqualError(t, do("database"), "there is no process \"database\" to inject into; there is “checkout”")
	}
}

func TestAShopThatEndsByItselfIsAnErrorWithItsLastWords(t *testing.T) {
	s := &stage{play: &play{role: "shop"}, Recorder: environment.NewRecorder(units.Wall, nil)}
	set, err := wire.Build(s.compose, ports)(context.Background(), environment.Brief{Story: "x"}, s.Recorder)
	require.NoError(t, err)
	s.Environment = set
	s.call(within(t, soon), newClient(t), "POST", "/quit")
	_, err = s.Await(within(t, soon), 0, func(e Event) bool { return e.Life != nil && e.Life.What == "exited" })
	require.NoError(t, err)
	err = s.Close()
	require.ErrorContains(t, err, "ended by itself")
	require.ErrorContains(t, err, "exit status 2")
	require.ErrorContains(t, err, "the till is on fire")
}

func TestAShopThatCannotBeStartedIsOneErrorWithItsLastWords(t *testing.T) {
	for role, want := range map[string][]string{
		"deaf":    {"was not ready within 3s", "waiting for the books"},
		"failing": {"ended before it was ready", "exit status 3", "the books cannot be opened: disk full"},
		"leaving": {"ended before it was ready", "exit status 0", "nothing to do"},
		"garbage": {"ended before it was ready", "exit status 1", `{"listening`},
	} {
		t.Run(role, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			recorder := environment.NewRecorder(units.Wall, nil)
			p := &play{role: role, within: 3 * time.Second}
			set, err := wire.Build(p.compose, ports)(context.Background(), environment.Brief{Story: "x"}, recorder)
			require.Nil(t, set)
			require.ErrorIs(t, err, environment.ErrNotReady)
			for _, text := range want {
				require.ErrorContains(t, err, text)
				require.Equal(t, 1, strings.Count(err.Error(), text), "it is said once: %s", err)
			}
			require.EqualValues(t, 1, p.closed.Load())
			goleak.VerifyNone(t, before)
			for _, e := range recorder.History() {
				if e.Life != nil {
					requireGone(t, e.Life.PID)
				}
			}
		})
	}
}

func TestABuildThatIsInterruptedSaysSoAndWhatTheShopSaid(t *testing.T) {
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(context.Background())
	recorder := environment.NewRecorder(units.Wall, nil)
	recorder.Hook(func(e Event) {
		if e.Life != nil && e.Life.What == "started" {
			cancel()
		}
	})
	_, err := wire.Build((&play{role: "deaf"}).compose, ports)(ctx, environment.Brief{Story: "x"}, recorder)
	require.ErrorIs(t, err, context.Canceled)
	goleak.VerifyNone(t, before)
}

func TestAShopThatDoesNotComeBackIsAnError(t *testing.T) {
	s := build(t, units.Wall)
	require.NoError(t, s.Kill(checkout))
	s.role = "failing"
	require.ErrorContains(t, s.Revive(checkout), "disk full")
	s.role = "shop"
	require.NoError(t, s.Revive(checkout))
	s.works(t)
}

func requireGone(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Signal(syscall.Signal(0))
	}
	require.Error(t, err, "process %d is there", pid)
}

// Nothing can be tidied up when the harness itself is killed.
func TestTheShopDiesWithAHarnessThatIsKilled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	require.NoError(t, l.(*net.TCPListener).SetDeadline(time.Now().Add(soon)))
	self, err := os.Executable()
	require.NoError(t, err)
	middle := exec.Command(self)
	middle.Env = []string{roleVar + "=middle", "WITNESS_ADDR=" + l.Addr().String(), "GORACE=atexit_sleep_ms=0"}
	require.NoError(t, middle.Start())
	defer func() { _ = middle.Process.Kill() }()

	// The shop holds a connection to us for as long as it lives.
	shop, err := l.Accept()
	require.NoError(t, err)
	defer shop.Close()
	require.NoError(t, shop.SetDeadline(time.Now().Add(soon)))
	in := bufio.NewReader(shop)
	said, err := in.ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(said))
	require.NoError(t, err)
	require.NotEqual(t, middle.Process.Pid, pid)
	require.NoError(t, mustFind(t, pid).Signal(syscall.Signal(0)), "the shop is alive")

	require.NoError(t, middle.Process.Kill())
	_ = middle.Wait()

	_, err = in.ReadByte()
	require.NotEqual(t, observe.TimedOut, observe.Classify(err), "the shop outlives the harness")
	require.Error(t, err)
}

func mustFind(t *testing.T, pid int) *os.Process {
	p, err := os.FindProcess(pid)
	require.NoError(t, err)
	return p
}
