package tap_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// inTurn sends each message to the next of the callees.
func inTurn(callees ...*ledger) func(observe.Message) *tap.Server {
	n := 0
	return func(observe.Message) *tap.Server {
		callee, name := callees[n%len(callees)], string(rune('a'+n%len(callees)))
		n++
		return &tap.Server{Process: name, Dial: func(ctx context.Context) (net.Conn, string, error) {
			c, err := new(net.Dialer).DialContext(ctx, "tcp", callee.address())
			return c, name, err
		}}
	}
}

// processes are those that the messages of a kind went to.
func (h *hop) processes(kind observe.Kind) (names []string) {
	for _, e := range h.History() {
		if e.Kind == kind {
			names = append(names, e.Message.Process)
		}
	}
	return names
}

// Each message goes on a connection of its own, and the caller keeps the one that it has.
func TestABalancerKeepsTheCallersConnection(t *testing.T) {
	a, b := newLedger(t), newLedger(t)
	h := newHop(t, "", tap.Config{Choose: inTurn(a, b)})
	c := dial(t, h.address)
	for range 3 {
		answer, _, err := c.ask("PUT", "/orders/1", "x")
		require.NoError(t, err)
		require.Equal(t, 200, answer.StatusCode)
	}
	require.Equal(t, []int{2, 1}, []int{a.commits(), b.commits()})
	require.Equal(t, []int{2, 1}, []int{a.connections(), b.connections()})
	require.Equal(t, []string{"a", "b", "a"}, h.processes(observe.Arrived))
	require.Equal(t, []string{"a", "b", "a"}, h.processes(observe.Answered))
}

func TestACopyGoesToTheOtherReplica(t *testing.T) {
	for name, one := range map[string]injection.MessageTrigger{"before": onOrders, "after": onOrders.Answered()} {
		t.Run(name, func(t *testing.T) {
			a, b := newLedger(t), newLedger(t)
			h := newHop(t, "", tap.Config{Choose: inTurn(a, b)}, one.Nth(1).Does(fault.Fault{Kind: fault.Duplicate}))
			c := dial(t, h.address)
			_, _, err := c.ask("PUT", "/orders/1", "x")
			require.NoError(t, err)
			require.Equal(t, []int{1, 1}, []int{a.commits(), b.commits()})
			_, _, err = c.ask("PUT", "/orders/1", "x")
			require.NoError(t, err, "the caller's connection lives on")
			require.Equal(t, []int{2, 1}, []int{a.commits(), b.commits()})
		})
	}
}

// So does one that comes later, while the first request may still be under way.
func TestALateCopyGoesToTheOtherReplica(t *testing.T) {
	a, b := newLedger(t), newLedger(t)
	h := newHop(t, "", tap.Config{Choose: inTurn(a, b)}, onOrders.Nth(1).Does(fault.Fault{Kind: fault.Duplicate, Duration: time.Millisecond}))
	_, _, err := dial(t, h.address).ask("PUT", "/orders/1", "x")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return a.commits() == 1 && b.commits() == 1 }, soon, time.Millisecond)
}

// A stream ends with its end or with its caller, and the next request goes to the next one.
func TestAReplicasStreamEnds(t *testing.T) {
	a, b := newTeller(t, events...), newTeller(t, events...)
	h := newHop(t, "", tap.Config{Choose: inTurn(a.ledger, b.ledger)})
	l := listen(t, h, "/events")
	a.words <- "data: 1\n\n"
	l.hears(t, "data: 1\n\n")
	close(a.words)
	_, err := io.ReadAll(l.Body)
	require.NoError(t, err)

	_, err = io.WriteString(l.c, "GET /events HTTP/1.1\r\nHost: shop.example\r\n\r\n")
	require.NoError(t, err, "the caller's connection lives on")
	answer, err := http.ReadResponse(l.c.in, nil)
	require.NoError(t, err)
	b.words <- "data: 2\n\n"
	(&listener{answer, l.c}).hears(t, "data: 2\n\n")
	require.NoError(t, l.c.Close())
	select {
	case <-b.left:
	case <-within(t, soon).Done():
		t.Fatal("the replica still talks to nobody")
	}
}

var onOrders = injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}")

// A kill of the shop hits the process at the end of its message, and no other message is
// lost with it.
func TestAKillLosesTheMessagesOfItsProcess(t *testing.T) {
	for process, row := range map[string]struct {
		killed string
		lost   bool
	}{fault.Shop: {"a", true}, "a": {"a", true}, "b": {"b", false}} {
		t.Run(process, func(t *testing.T) {
			a, b := newLedger(t), newLedger(t)
			h := newHop(t, "", tap.Config{Choose: inTurn(a, b)})
			killed := ""
			h.Arm(h.armed(t, backend{func(name string) { killed = name }}, onOrders.Nth(1).Does(fault.Fault{Kind: fault.Kill, Process: process})))
			_, _, err := dial(t, h.address).ask("PUT", "/orders/1", "x")
			h.injector.Stop()
			require.Equal(t, row.lost, err != nil)
			require.Equal(t, row.killed, killed)
		})
	}
}
