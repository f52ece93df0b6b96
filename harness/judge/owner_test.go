package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	. "github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
)

// Money that nobody can attribute is not overlooked.
func TestEveryEntryHasAnOwner(t *testing.T) {
	r := Happy(At(5, Captured("pay-77", nok499)))
	r.Judge(StandardPromises())
	require.Equal(t, Broken, r.Verdict())
	require.Contains(t, r.Ruling("every-entry-has-an-owner").Because, `under "pay-77", which is no customer's`)

	r = Happy()
	r.Judge(StandardPromises())
	require.Equal(t, Kept, r.Verdict())
	require.Nil(t, r.Ruling("every-entry-has-an-owner"))
}

// What a described callee had no answer to proves nothing, unless an injection changed
// the request on its way.
func TestEveryRequestHadAnAnswer(t *testing.T) {
	asked := func(kind observe.Kind, who string, unanswered bool) observe.Event {
		return observe.Event{Actor: who, Kind: kind, Message: &observe.Message{
			Hop: "checkout>stock", Call: "checkout>stock#1", N: 1, Method: "GET", Path: "/items/7?x=1", Unanswered: unanswered,
		}}
	}
	missed := []Moment{At(2, asked(observe.Sent, "checkout>stock", false), asked(observe.Answered, "stock", true))}
	r := Happy(missed...)
	r.Judge(StandardPromises())
	require.Equal(t, Unproven, r.Verdict())
	require.Equal(t, "stock was asked GET /items/7, and its description has no answer: add one to callees.stock.answers",
		r.Ruling("every-request-had-an-answer").Because)

	r = Happy(append(missed, At(2, observe.Event{Kind: observe.Injected, Effect: &observe.Effect{What: observe.Fired, Hop: "checkout>stock", N: 1, Call: "checkout>stock#1"}}))...)
	r.Judge(StandardPromises())
	require.Nil(t, r.Ruling("every-request-had-an-answer"))
}

// Nothing is known of a shop that asked a fake for what it does not play.
func TestWhatIsUnplayedIsUnfinished(t *testing.T) {
	asked := At(2, observe.Event{Actor: "provider", Kind: observe.Answered, Message: &observe.Message{
		Hop: observe.ProviderHop, Call: "checkout>provider#9", Method: "POST", Path: "/v1/topups", Unplayed: "POST /v1/topups",
	}})
	r := Happy(asked)
	r.Judge(StandardPromises())
	require.Equal(t, Unfinished, r.Verdict())
	const says = "the fake provider was asked for POST /v1/topups, which it does not play"
	require.Equal(t, says, r.Ruling("every-request-had-an-answer").Because)
	require.Equal(t, "The harness could not finish this story: "+says+".", r.Sentence())
	r.Failure = "she was sent nowhere to pay within 2m0s" // that follows from it
	r.Judge(StandardPromises())
	require.Equal(t, "The harness could not finish this story: "+says+".", r.Sentence())

	r = Happy(asked, At(2, observe.Event{Kind: observe.Injected, Effect: &observe.Effect{What: observe.Fired, Hop: observe.ProviderHop, N: 9, Call: "checkout>provider#9"}}))
	r.Judge(StandardPromises())
	require.Nil(t, r.Ruling("every-request-had-an-answer"), "an injection changed it")
}

// A customer who only looked at the page pays nothing.
func TestWhoNeverClickedIsNotCharged(t *testing.T) {
	r := Happy(At(4, By("bea", Does("opens"))), At(5, Captured("b-bea-1", nok499)))
	require.Equal(t, Broken, Judged(r, "charged-once").Verdict)
	require.Contains(t, Judged(r, "charged-once").Because, "nobody clicked submit")
}

// An answer that was on its way when the outcome was told may be older than it.
func TestAnAnswerUnderWayDoesNotTakeAnOutcomeBack(t *testing.T) {
	arrived := func(n int) observe.Event {
		return observe.Event{Actor: "customer>checkout", Kind: observe.Arrived, Message: &observe.Message{
			Hop: "customer>checkout", N: n, Method: "GET", Path: "/orders/b-ana-1",
		}}
	}
	answer := func(key string, state observe.Status) observe.Event {
		e := Told("b-ana-1", state)
		e.Entry.Key = key
		return e
	}
	older := RunOf(At(0, Clicks(nok499)), At(1, arrived(1)), At(2, arrived(2)), At(3, answer("2", "shipped")), At(4, answer("1", "checking")))
	require.Equal(t, Kept, Judged(older, "outcomes-stand").Verdict)
	later := RunOf(At(0, Clicks(nok499)), At(2, arrived(2)), At(3, answer("2", "shipped")), At(3.5, arrived(3)), At(4, answer("3", "checking")))
	require.Equal(t, Broken, Judged(later, "outcomes-stand").Verdict)
}

func TestABrowsersErrorPageTellsNothing(t *testing.T) {
	r := RunOf(At(0, Clicks(nok499)), At(1, Screen("unreachable")))
	require.Equal(t, Broken, Judged(r, "told-in-time").Verdict)
}

func TestPaidBackTwiceOverIsBroken(t *testing.T) {
	r := RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499)), At(2, Refunded("b-ana-1", nok499), Refunded("b-ana-1", nok499)))
	require.Contains(t, Judged(r, "goods-match-money").Because, "was charged NOK 499.00 and paid back NOK 998.00")
	r = RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499), Booked("b-ana-1")), At(2, Refunded("b-ana-1", nok499-1)))
	require.Contains(t, Judged(r, "goods-match-money").Because, "was sent one parcel and paid NOK 0.01, and NOK 499.00 was due")
}

// A world that never came to rest proves nothing about how things end.
func TestAWorldThatDidNotRestIsUnproven(t *testing.T) {
	r := RunOf(At(0, Clicks(nok499)), At(1, Screen("checking")), At(2, Captured("b-ana-1", nok499)))
	r.Unsettled = "something moved until the harness gave up"
	r.Judge(StandardPromises())
	require.Equal(t, Unproven, r.Verdict())
}

// A transport injection takes effect only where its own mark is to be seen.
func TestAnotherFaultsWorkIsNoEvidence(t *testing.T) {
	r := Happy()
	r.Schedule = injection.Schedule{injection.Toxic(observe.CustomerHop, fault.Downstream, injection.LimitData(1<<40)), injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Closes()}
	before := r.History
	for _, call := range []string{"ana-1", ""} { // a browser gives none: the tap's number tells which one was hit
		arrived, answered := Arrived(call), Answered(call)
		arrived.Message.N, answered.Message.N = 1, 1
		closed := observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{
			Injection: 1, What: "fired", Call: call, N: 1, Hop: "customer>checkout",
		}}
		r.History = append(before[:len(before):len(before)], RunOf(
			At(10, Injected(0, "installed"), arrived), At(11, answered, closed), At(12, Failed(call, observe.Ended)),
		).History...)
		require.Empty(t, r.Effects(0), "%q", call)
		require.Len(t, r.Effects(1), 1)
	}
}

// A shop may name its payments as it likes: whose a call is, the ledger knows.
func TestAStormIsOfOneCustomer(t *testing.T) {
	asks := func(payment string, times int, first float64) (list []Moment) {
		for i := range times {
			e := Message(observe.Sent, "checkout", observe.ProviderHop, "")
			e.Message.Method, e.Message.Path = "GET", "/payments/"+payment+"?full=1"
			list = append(list, At(first+float64(i)/10, e))
		}
		return list
	}
	owned := func(payment, basket string) observe.Event {
		e := Captured(payment, nok499)
		e.Entry.Owner = basket
		return e
	}
	run := func(ana, bo int) *Run {
		return RunOf(append(append([]Moment{
			At(0, Clicks(nok499), By("bo", Clicks(nok499)), owned("pay-77", "b-ana"), owned("pay-78", "b-bo")),
		}, asks("pay-77", ana, 1)...), asks("pay-78", bo, 1)...)...)
	}
	require.Equal(t, Kept, Judged(run(60, 60), "no-storm").Verdict)
	require.Contains(t, Judged(run(60, 95), "no-storm").Because, "91 times in one minute for b-bo")
}
