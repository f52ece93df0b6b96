package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
)

// of builds a shop of these processes.
func of(t *testing.T, shop ...wire.Process) *stage {
	return buildWith(t, &play{role: "shop", shop: shop}, units.Wall)
}

// reached are the processes that the messages arrived at, or were sent by.
func (s *stage) reached(hop Hop, kind observe.Kind) (names []string) {
	for _, e := range s.History() {
		if e.Kind == kind && e.Message.Hop == hop && e.ByTap() {
			names = append(names, e.Message.Process)
		}
	}
	return names
}

// What a replica has in memory, the other one does not: this is what two of them are for.
func TestReplicasTakeTurns(t *testing.T) {
	s := of(t, wire.Process{Name: "checkout-1", Serves: true}, wire.Process{Name: "checkout-2", Serves: true})
	client := newClient(t)
	put := func() int { return s.call(within(t, soon), client, "PUT", "/orders/1").status }
	require.Equal(t, []int{200, 200, 200}, []int{put(), put(), put()})
	require.Equal(t, []string{"checkout-1", "checkout-2", "checkout-1"}, s.reached(CustomerHop, observe.Arrived))
	require.Equal(t, []string{"checkout-1", "checkout-2", "checkout-1"}, s.reached(ProviderHop, observe.Sent), "each calls at an address of its own")
	require.Equal(t, []string{"2", "1", "2"}, []string{s.orders(t), s.orders(t), s.orders(t)}, "looks have turns of their own")

	for range 2 { // that of a payment goes to another replica than the submit before it
		answer, err := client.Post(s.setup.WebhookURL+"/webhooks", "application/json", nil)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
	}
	require.Equal(t, []string{"checkout-2", "checkout-1"}, s.reached(WebhookHop, observe.Arrived))

	require.NoError(t, s.Kill("checkout-2"))
	require.Equal(t, []int{200, 200, 200}, []int{put(), put(), put()}, "one that does not listen is passed over")
	require.NoError(t, s.Revive("checkout-2"))
	require.Equal(t, []string{"0", "5"}, []string{s.orders(t), s.orders(t)}, "it comes back with nothing in memory")
	require.NoError(t, s.Kill("checkout-1"))
	require.NoError(t, s.Kill("checkout-2"))
	require.NotEmpty(t, s.call(within(t, soon), client, "GET", "/orders").class)
	require.EqualError(t, s.Kill("web"), "there is no process \"web\" to inject into; there is “checkout”, “checkout-1”, “checkout-2”")
}

// A worker is not reached by customers, and is killed by its name or by its own call.
func TestAWorkerIsKilledByItself(t *testing.T) {
	s := of(t, wire.Process{Name: "web", Serves: true}, wire.Process{Name: "worker"})
	require.Equal(t, 200, s.call(within(t, soon), newClient(t), "PUT", "/orders/1").status)
	require.Equal(t, []string{"web"}, s.reached(CustomerHop, observe.Arrived))
	require.NoError(t, s.Kill("worker"))
	s.works(t)
	require.NoError(t, s.Kill(checkout), "the shop as such is the one that serves")
	require.NoError(t, s.Revive(checkout))
	s.works(t)
	var lives []string
	for _, e := range s.History() {
		if e.Kind == observe.Process {
			lives = append(lives, e.Life.Process+" "+string(e.Life.What))
		}
	}
	require.Equal(t, []string{"web started", "web ready", "worker started", "worker ready", "worker killed", "web killed", "web started", "web ready"}, lives)
}

// The directed stories kill “checkout” at a call: that is the process that makes it.
func TestAKillHitsTheProcessThatCalls(t *testing.T) {
	s := of(t, wire.Process{Name: "checkout-1", Serves: true}, wire.Process{Name: "checkout-2", Serves: true})
	a := injection.NewInjector(Schedule{OnPath(ProviderHop, "POST", "/payments").Nth(2).Kills(checkout)}, units.Wall, s.See, s, func(err error) { t.Error(err) })
	s.Arm(a)
	client := newClient(t)
	require.Equal(t, 200, s.call(within(t, soon), client, "PUT", "/orders/1").status)
	require.NotEmpty(t, s.call(within(t, soon), client, "PUT", "/orders/1").class)
	require.Equal(t, "1", s.orders(t))
	killed, err := s.Await(within(t, soon), 0, func(e Event) bool { return e.Life != nil && e.Life.What == observe.ProcessKilled })
	require.NoError(t, err)
	require.Equal(t, "checkout-2", killed.Life.Process)
	a.Stop()
}
