package scenarios

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// begun is a run in which a customer did something.
func begun(r *judge.Run) *judge.Run {
	r.History = append(judge.History{{Kind: observe.Action, Act: &observe.Act{Does: observe.Opens}}}, r.History...)
	return r
}

// shown is a run in which the screen said so at last.
func shown(r *judge.Run, says observe.Status) *judge.Run {
	r.History = append(r.History, observe.Event{Kind: observe.Screen, View: &observe.View{Says: says}})
	return r
}

// weighed are control runs as they are enacted, one after the other, and what they come to.
func weighed(most int, runs ...*judge.Run) *runner {
	return weighedBy(&runner{out: io.Discard, targetShop: &target.Target{}}, most, runs...)
}

func weighedBy(s *runner, most int, runs ...*judge.Run) *runner {
	s.control.enact(context.Background(), most, func(i int, _ bool) *judge.Run {
		r := runs[min(i, len(runs))-1]
		if !r.Good() {
			s.endings.add(r, false)
		}
		return r
	})
	s.control.judge(most, s.targetShop)
	s.weighControl(&s.control)
	s.tellControl(&s.control)
	return s
}

func TestTheControlPurchasesAreWeighed(t *testing.T) {
	type runs = []*judge.Run
	all := func(r *judge.Run) runs { return runs{r, r, r} }
	for name, c := range map[string]struct {
		runs   runs
		cannot string
		broken string
		seen   int
		unsold int
		open   int
		staged int // runs
		code   int // of the suite
	}{
		"all kept":           {runs: all(bought("")), staged: 3},
		"one could not":      {runs: runs{bought(""), of("?"), bought("")}, unsold: 1, staged: 3, code: 1},
		"the last could not": {runs: runs{bought(""), bought(""), of("?")}, unsold: 1, staged: 3, code: 1},
		"one sold":           {runs: runs{of(""), of(""), bought("")}, staged: 3},
		"kept, and no sale":  {runs: all(of("")), cannot: "nobody could buy: ", staged: 3, code: 1},
		"one of three":       {runs: runs{bought(""), bought("charged-once"), bought("")}, broken: "charged-once 1", staged: 3, code: 1},
		"time, each time":    {runs: all(bought("told-in-time")), broken: "told-in-time 3", staged: 3, code: 1},
		"time, now and then": {runs: runs{bought("told-in-time"), bought("told-in-time"), bought("")}, seen: 2, staged: 3},

		"unfinished after a sale":        {runs: runs{bought("!"), bought("")}, seen: 1, staged: 4},
		"unfinished in the middle":       {runs: runs{bought(""), bought("!"), bought("")}, seen: 1, staged: 4},
		"unfinished, and no sale of it":  {runs: runs{bought(""), begun(of("!")), bought("")}, seen: 1, staged: 4},
		"unfinished each time":           {runs: all(begun(bought("!"))), cannot: "3 of 3 control runs could not be finished, though somebody bought: no port", staged: 3, code: 3},
		"unfinished all but once":        {runs: runs{bought(""), begun(bought("!"))}, cannot: "3 of 4 control runs could not be finished", staged: 4, code: 3},
		"it cannot start":                {runs: all(of("!")), cannot: "nobody could buy: no port", staged: 1, code: 1},
		"its description is wrong":       {runs: all(begun(of("!"))), cannot: "nobody could buy: no port", staged: 1, code: 1},
		"unfinished, and then time":      {runs: runs{bought("!"), bought("told-in-time")}, broken: "told-in-time 3", seen: 1, staged: 4, code: 1},
		"bought, and nothing is proven":  {runs: all(shown(bought("?"), "paid")), open: 3, staged: 3, code: 1},
		"bought, and one proves nothing": {runs: runs{bought("?"), bought("")}, seen: 1, staged: 3},

		"charged, and nobody is told":  {runs: all(shown(bought("?"), "checking")), cannot: "nobody was told of a sale, though NOK 499.00 was charged: the screen last said “checking”", staged: 3, code: 1},
		"charged, and one is told":     {runs: runs{bought("?"), shown(bought("?"), "paid"), bought("?")}, open: 3, staged: 3, code: 1},
		"nobody is told, and it broke": {runs: all(shown(bought("charged-once"), "checking")), broken: "charged-once 3", staged: 3, code: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := weighed(3, c.runs...)
			require.Contains(t, s.control.cannot, c.cannot)
			require.Equal(t, c.cannot != "", s.control.cannot != "", s.control.cannot)
			broken := ""
			for _, b := range s.control.broken {
				broken = fmt.Sprintf("%s %d", b.Promise, b.count)
			}
			require.Equal(t, c.broken, broken)
			require.Len(t, s.control.seen, c.seen)
			require.Equal(t, []int{c.unsold, c.open}, []int{s.control.unsold, s.control.open})
			require.Len(t, s.control.runs, c.staged)
			require.Equal(t, c.code != 0, s.controlIsRed())
			require.Equal(t, c.code, s.exitCode(map[bool]int{true: 1}[s.controlIsRed()]))
			if c.cannot != "" {
				require.Len(t, s.endings.red, 1, "one sentence")
			}
			s.Strict = true
			require.Equal(t, c.code != 0 || c.seen > 0, s.controlIsRed(), "under UNHAPPY_STRICT=1, all of it is red")
		})
	}
	one := weighed(1, bought("told-in-time"))
	require.Len(t, one.control.seen, 1, "a promise about time, of one run")
	require.Empty(t, one.control.broken)
}

// What is told as red at the end is no success, whatever the tests came to.
func TestNothingRedEndsWith0(t *testing.T) {
	s := weighed(1, of(""))
	require.Equal(t, "? UNPROVEN: nobody could buy: the shop asked the provider for nothing\n  Nothing else was staged.", s.endings.red[0].text)
	require.Equal(t, 1, s.exitCode(0))
	story := new(testing.T)
	s.ends(story)
	require.True(t, story.Failed(), "whatever the story came to")
	s = weighed(1, begun(bought("!")))
	require.Contains(t, s.endings.red[0].text, "? UNFINISHED: 3 of 3 control runs could not be finished, though somebody bought: no port")
	require.Equal(t, 3, s.exitCode(0))
	require.Equal(t, 0, weighed(1, bought("")).exitCode(0))
	other := &runner{}
	other.endings.add(of("?"), false)
	require.Equal(t, 0, other.exitCode(0), "the reference shop's own specs expect red runs")
}

// A shop with a live key was called wrongly. That heads the report, and not that nobody
// could buy, which follows from it.
func TestALiveKeyIsSaidPlainly(t *testing.T) {
	run := of("")
	run.History = append(run.History, observe.Event{Kind: observe.Sent, Message: &observe.Message{
		Hop: observe.ProviderHop, Method: "POST", Path: "/v1/payments", LiveKey: "sk_live_… in the header Authorization"}})
	s := weighedBy(&runner{out: io.Discard, targetShop: &target.Target{}, live: run.LiveKey()}, 1, run)
	require.Len(t, s.endings.red, 1)
	require.Equal(t, "? CALLED WRONGLY: a live key was refused: checkout>provider: POST /v1/payments carries a live key (sk_live_… in the header Authorization), "+
		"with which real money is moved: a test never has one; give the shop a test key (…_test_…)\n  Nothing else was staged.", s.endings.red[0].text)
	require.Equal(t, 2, s.exitCode(1))
	require.Equal(t, 2, s.exitCode(0))
}

// A fake that does not play what the shop asks for is why nobody could buy, whatever else
// did not come to its end.
func TestWhatIsUnplayedIsWhyNobodyCouldBuy(t *testing.T) {
	run := of("?")
	run.Failure = "she was sent nowhere to pay within 2m0s"
	run.History = append(run.History, observe.Event{Kind: observe.Answered, Message: &observe.Message{
		Hop: observe.ProviderHop, Method: "POST", Path: "/payments", Status: 501, Unplayed: "paymentMethod.type paypal"}})
	require.Equal(t, "nobody could buy: the fake provider was asked for paymentMethod.type paypal, which it does not play",
		whyNobodyBought(run, &target.Target{}))
	require.True(t, misconfigured(run), "another control run would be the same, and no machine's doing")
}

// A shop that takes back whatever it did sells nothing.
func TestWhatIsSold(t *testing.T) {
	money := func(op observe.EntryOp, amount int64, currency string) observe.Event {
		return observe.Event{Kind: observe.Money, Entry: &observe.Entry{Op: op, Amount: amount, Currency: currency}}
	}
	parcel := func(op observe.EntryOp) observe.Event {
		return observe.Event{Kind: observe.Parcel, Entry: &observe.Entry{Op: op}}
	}
	screen := func(says observe.Status) observe.Event {
		return observe.Event{Kind: observe.Screen, View: &observe.View{Says: says}}
	}
	authorized, captured := money("authorized", 499, "NOK"), money("captured", 499, "NOK")
	for name, c := range map[string]struct {
		history judge.History
		sold    bool
		says    string
	}{
		"nothing":                   {nil, false, "asked the provider for nothing"},
		"charged":                   {judge.History{captured}, true, ""},
		"reserved":                  {judge.History{authorized}, true, ""},
		"reserved and let go":       {judge.History{authorized, money("cancelled", 499, "NOK"), screen("refused")}, false, "NOK 4.99 was reserved and let go"},
		"reserved, a part let go":   {judge.History{authorized, money("cancelled", 498, "NOK")}, true, ""},
		"charged and paid back":     {judge.History{authorized, captured, money("refunded", 499, "NOK"), screen("refunded")}, false, "NOK 4.99 was charged and paid back"},
		"a part is paid back":       {judge.History{captured, money("refunded", 498, "NOK")}, true, ""},
		"paid back in another one":  {judge.History{captured, money("refunded", 499, "EUR")}, true, ""},
		"sent":                      {judge.History{parcel("booked")}, true, ""},
		"sent and taken back":       {judge.History{parcel("booked"), parcel("cancelled")}, false, ""},
		"the screen says so":        {judge.History{screen("paid")}, true, ""},
		"the screen says otherwise": {judge.History{screen("checking")}, false, "the screen last said “checking”"},
	} {
		r := &judge.Run{History: c.history}
		require.Equal(t, c.sold, sold(r), name)
		if !c.sold {
			require.Contains(t, whyNobodyBought(r, new(target.Target)), c.says, name)
		}
	}
}

// What a ledger showed stays red, though a promise about time broke as well.
func TestNoLedgerIsForgivenWithTheTime(t *testing.T) {
	both := bought("charged-once")
	both.Rulings = append(both.Rulings, judge.Ruling{Promise: "told-in-time", Verdict: judge.Broken})
	s := weighed(3, both, bought(""), bought(""))
	require.Len(t, s.control.seen, 1)
	require.Len(t, s.endings.red, 1)
}

// A page that came late and cannot be read is wrongly described, however slow the
// machine was: that is told, and not that it was slow.
func TestAWrongDescriptionIsNoSlowMachine(t *testing.T) {
	for failure, cannot := range map[string]string{
		"the shop answered 503":                       "this machine is too slow",
		described.Unread + `: its amount is "249.00"`: `nobody could buy: the page could not be read: its amount is "249.00"`,
	} {
		arrived, answered := judgetest.Arrived("c1"), judgetest.Answered("c1")
		arrived.Message.N, answered.Message.N = 1, 1 // as a tap counts them
		run := judgetest.RunOf(judgetest.At(0, judgetest.Does(observe.Opens), judgetest.Sent("c1"), arrived), judgetest.At(60, answered))
		run.Failure, run.Rulings = failure, []judge.Ruling{{Promise: "staged", Verdict: judge.Unfinished}}
		s := weighedBy(&runner{out: io.Discard, targetShop: &target.Target{}, machine: machine{pulse: &wire.Pulse{}}}, 3, run)
		require.Contains(t, s.control.cannot, cannot)
	}
}

// A shop that answers the page's looks and tells nobody how the order ended is not late because
// the machine stood still for a moment. One that tells it late, or was not asked, may be.
func TestAShopThatNeverTellsIsNoSlowMachine(t *testing.T) {
	shop := new(target.Target)
	moment := (shop.Waits() + shop.QuietFor()).Seconds() / 2 / tooMuch
	for name, c := range map[string]struct {
		says         observe.Status
		looks        int
		broken, slow bool
	}{
		"it never tells":      {says: observe.StatusChecking, looks: 3, broken: true},
		"it was not asked":    {says: observe.StatusChecking, slow: true},
		"it tells in the end": {says: observe.StatusShipped, looks: 3, slow: true},
	} {
		arrived, answered := judgetest.Arrived("c1"), judgetest.Answered("c1")
		arrived.Message.N, answered.Message.N = 1, 1 // as a tap counts them
		run := shown(bought("told-in-time"), c.says)
		run.History = append(judgetest.RunOf(
			judgetest.At(0, judgetest.Does(observe.Opens), judgetest.Sent("c1"), arrived), judgetest.At(moment, answered)).History, run.History...)
		for range c.looks {
			run.History = append(run.History, observe.Event{Kind: observe.Answered, Message: &observe.Message{
				Hop: observe.CustomerHop, Operation: observe.OrderStatus, Method: "GET", Path: "/orders/7", Status: 200,
			}})
		}
		s := weighedBy(&runner{out: io.Discard, targetShop: shop, machine: machine{pulse: &wire.Pulse{}}}, controls, run)
		require.Equal(t, c.broken, s.control.isBroken("told-in-time"), name)
		require.Equal(t, c.slow, s.machine.slow != "", name)
	}
}

// A provider that refuses the shop's key does so in each control run: one is enough.
func TestAWrongKeyIsSeenInOneControlRun(t *testing.T) {
	answered := func(status int) *judge.Run {
		r := of("?")
		r.History = judge.History{{Kind: observe.Answered, Message: &observe.Message{Hop: observe.ProviderHop, Method: "POST", Path: "/v1/payment_intents", Status: status}}}
		return r
	}
	for status, runs := range map[int]int{401: 1, 503: 3} {
		s := weighed(3, answered(status), answered(status), answered(status))
		require.Len(t, s.control.runs, runs, status)
		require.Contains(t, s.control.cannot, "nobody could buy")
	}
}
