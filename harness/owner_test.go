package harness_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
)

// Money that nobody can attribute is not overlooked.
func TestEveryEntryHasAnOwner(t *testing.T) {
	r := happy(at(5, captured("pay-77", nok499)))
	r.Judge(StandardPromises())
	require.Equal(t, Broken, r.Verdict())
	require.Contains(t, r.Ruling("every-entry-has-an-owner").Because, `under "pay-77", which is no customer's`)

	r = happy()
	r.Judge(StandardPromises())
	require.Equal(t, Kept, r.Verdict())
	require.Nil(t, r.Ruling("every-entry-has-an-owner"))
}

// A customer who only looked at the page pays nothing.
func TestWhoNeverClickedIsNotCharged(t *testing.T) {
	r := happy(at(4, by("bea", does("opens"))), at(5, captured("b-bea-1", nok499)))
	require.Equal(t, Broken, judged(r, "charged-once").Verdict)
	require.Contains(t, judged(r, "charged-once").Because, "nobody clicked submit")
}

// An answer that was on its way when the outcome was told may be older than it.
func TestAnAnswerUnderWayDoesNotTakeAnOutcomeBack(t *testing.T) {
	arrived := func(n int) Event {
		return Event{Actor: "customer>checkout", Kind: observe.Arrived, Message: &observe.Message{
			Hop: "customer>checkout", N: n, Method: "GET", Path: "/orders/b-ana-1",
		}}
	}
	answer := func(key string, state observe.Status) Event {
		e := told("b-ana-1", state)
		e.Entry.Key = key
		return e
	}
	older := run(at(0, clicks(nok499)), at(1, arrived(1)), at(2, arrived(2)), at(3, answer("2", "shipped")), at(4, answer("1", "checking")))
	require.Equal(t, Kept, judged(older, "outcomes-stand").Verdict)
	later := run(at(0, clicks(nok499)), at(2, arrived(2)), at(3, answer("2", "shipped")), at(3.5, arrived(3)), at(4, answer("3", "checking")))
	require.Equal(t, Broken, judged(later, "outcomes-stand").Verdict)
}

func TestABrowsersErrorPageTellsNothing(t *testing.T) {
	r := run(at(0, clicks(nok499)), at(1, screen("unreachable")))
	require.Equal(t, Broken, judged(r, "told-in-time").Verdict)
}

func TestPaidBackTwiceOverIsBroken(t *testing.T) {
	r := run(at(0, clicks(nok499)), at(1, captured("b-ana-1", nok499)), at(2, refunded("b-ana-1", nok499), refunded("b-ana-1", nok499)))
	require.Contains(t, judged(r, "goods-match-money").Because, "was charged NOK 499.00 and paid back NOK 998.00")
	r = run(at(0, clicks(nok499)), at(1, captured("b-ana-1", nok499), booked("b-ana-1")), at(2, refunded("b-ana-1", nok499-1)))
	require.Contains(t, judged(r, "goods-match-money").Because, "was sent one parcel and paid NOK 0.01, and NOK 499.00 was due")
}

// A world that never came to rest proves nothing about how things end.
func TestAWorldThatDidNotRestIsUnproven(t *testing.T) {
	r := run(at(0, clicks(nok499)), at(1, screen("checking")), at(2, captured("b-ana-1", nok499)))
	r.Unsettled = "something moved until the harness gave up"
	r.Judge(StandardPromises())
	require.Equal(t, Unproven, r.Verdict())
}

// A transport injection takes effect only where its own mark is to be seen.
func TestAnotherFaultsWorkIsNoEvidence(t *testing.T) {
	r := happy()
	r.Schedule = Schedule{Toxic(CustomerHop, Downstream, LimitData(1<<40)), OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Closes()}
	m := func(kind observe.Kind, who string, class observe.Class) Event {
		return Event{Actor: who, Kind: kind, Message: &observe.Message{
			Hop: "customer>checkout", Call: "ana-1", Method: "PUT", Path: "/orders/b-ana-1", Error: class,
		}}
	}
	closed := Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{Injection: 1, What: "fired", Call: "ana-1"}}
	r.History = append(r.History, run(
		at(10, Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{Injection: 0, What: "installed"}}),
		at(11, m(observe.Answered, "customer>checkout", ""), closed),
		at(12, m(observe.Failed, "ana", observe.Ended)),
	).History...)
	require.Empty(t, r.Effects(0))
	require.Len(t, r.Effects(1), 1)
}
