package harness_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
)

func created(reference string, amount int64) Event { return money("created", reference, amount) }

// refusedFirst is a first attempt that the provider refused: the customer was told
// so at 2 s. What comes of the next one is added.
func refusedFirst(more ...moment) *Run {
	return run(append([]moment{
		at(0, screen("ready"), clicks(nok499), screen("waiting")),
		at(1, told("b-ana-1", "checking")),
		at(2, told("b-ana-1", "refused"), screen("refused")),
	}, more...)...)
}

// paid is an attempt of that order, from second to second + 3.
func paid(second float64, order, reference string) []moment {
	return []moment{
		at(second, told(order, "checking")),
		at(second+1, created(reference, nok499), authorized(reference, nok499)),
		at(second+2, captured(reference, nok499), booked(order)),
		at(second+3, told(order, "shipped"), screen("shipped")),
	}
}

// paidBack is a first attempt that was charged, for which nothing was in stock.
func paidBack() []moment {
	return []moment{
		at(0, clicks(nok499)), at(1, created("b-ana-1", nok499), captured("b-ana-1", nok499)),
		at(2, refunded("b-ana-1", nok499)), at(3, told("b-ana-1", "refunded"), screen("refunded")),
	}
}

// Decline, then retry: the first attempt is refused, and she is told so; the next
// one is paid. What she was told was true.
func TestRefusedThenPaid(t *testing.T) {
	again := at(10, screen("ready"), clicks(nok499))
	for name, r := range map[string]*Run{
		"under the same order's number": refusedFirst(append([]moment{again}, paid(11, "b-ana-1", "b-ana-1-2")...)...),
		"under another order's number":  refusedFirst(append([]moment{again}, paid(11, "b-ana-2", "b-ana-2-1")...)...),
		"the first payment was made and given up": run(append([]moment{
			at(0, clicks(nok499)), at(1, created("b-ana-1", nok499)), at(2, money("terminated", "b-ana-1", 0), told("b-ana-1", "cancelled"), screen("cancelled")), again,
		}, paid(11, "b-ana-2", "b-ana-2-1")...)...),
		"the first payment was released": run(append([]moment{
			at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499), released("b-ana-1", nok499)), at(2, told("b-ana-1", "cancelled"), screen("cancelled")), again,
		}, paid(11, "b-ana-1", "b-ana-1-2")...)...),
		"refused twice":                        refusedFirst(append([]moment{again, at(12, told("b-ana-1", "refused"), screen("refused")), at(20, clicks(nok499))}, paid(21, "b-ana-1", "b-ana-1-3")...)...),
		"paid back, and bought again":          run(append(append(paidBack(), again), paid(11, "b-ana-1", "b-ana-1-2")...)...),
		"paid back, bought again, and refused": run(append(paidBack(), again, at(11, told("b-ana-1", "refused"), screen("refused")))...),
	} {
		r.Judge(StandardPromises())
		require.Equal(t, Kept, r.Verdict(), "%s:\n%s", name, r.FailureText())
	}
}

// An answer that was long on its way tells of the first try when the second one is
// over.
func TestAnOlderWordIsNotTheLast(t *testing.T) {
	asked := Event{Actor: "customer>checkout", Kind: observe.Arrived, Message: &observe.Message{Hop: "customer>checkout", N: 7, Method: "GET", Path: "/orders/b-ana-1"}}
	stale := told("b-ana-1", "refused")
	stale.Entry.Key = "7"
	moments := append([]moment{at(3, asked), at(10, screen("ready"), clicks(nok499))}, paid(11, "b-ana-2", "b-ana-2-1")...)
	r := refusedFirst(append(moments, at(40, stale))...)
	r.Judge(StandardPromises())
	require.Equal(t, Kept, r.Verdict(), r.FailureText())
	require.Equal(t, observe.StatusShipped, r.FinalBook("b-ana").Status)
	fresh := refusedFirst(append(moments, at(40, told("b-ana-2", "refused")))...)
	require.Equal(t, Broken, judged(fresh, "charged-once").Verdict)
}

// What an attempt does not end: each breaks the promise that is named.
func TestAnOutcomeIsHeldAgainstItsOwnAttempt(t *testing.T) {
	again := at(10, screen("ready"), clicks(nok499))
	for name, c := range map[string]struct {
		run     *Run
		promise string
	}{
		"charged for the click before": {refusedFirst(at(3, created("b-ana-1", nok499)), at(4, captured("b-ana-1", nok499), booked("b-ana-1"))), "screen-is-honest"},
		"charged for the click before, after she clicked again": {run(at(0, clicks(nok499)), at(1, created("b-ana-1", nok499)), at(2, told("b-ana-1", "refused"), screen("refused")),
			again, at(12, captured("b-ana-1", nok499))), "screen-is-honest"},
		"a payment that began before she clicked again": {refusedFirst(at(4, created("b-ana-1", nok499)), again, at(12, captured("b-ana-1", nok499))), "screen-is-honest"},
		"the click came after the other word":           {refusedFirst(at(5, told("b-ana-1", "shipped")), again), "outcomes-stand"},
		"the shop says so, and her screen not":          {run(at(0, clicks(nok499)), at(1, captured("b-ana-1", nok499)), at(2, told("b-ana-1", "refused"))), "charged-once"},
		"refused after the new click, and charged":      {refusedFirst(again, at(11, created("b-ana-1-2", nok499), captured("b-ana-1-2", nok499)), at(12, told("b-ana-1", "refused"), screen("refused"))), "screen-is-honest"},
		"paid, clicked again, told refused":             {happy(again, at(11, told("b-ana-2", "refused"), screen("refused"))), "screen-is-honest"},
		"another word without a click":                  {refusedFirst(at(5, told("b-ana-1", "shipped"))), "outcomes-stand"},
		"the click came before the outcome":             {run(at(0, clicks(nok499)), at(1, clicks(nok499)), at(2, told("b-ana-1", "refused")), at(3, told("b-ana-1", "shipped"))), "outcomes-stand"},
		"the click is somebody else's":                  {refusedFirst(at(4, by("bo", clicks(nok499))), at(5, told("b-ana-1", "shipped"))), "outcomes-stand"},
		"shipped is final":                              {happy(again, at(11, told("b-ana-1", "refused"))), "outcomes-stand"},
		"paid is final":                                 {run(at(0, clicks(nok499)), at(1, told("b-ana-1", "paid")), at(2, clicks(nok499)), at(3, told("b-ana-1", "cancelled"))), "outcomes-stand"},
		"the new attempt's own outcome":                 {refusedFirst(again, at(11, told("b-ana-1", "checking")), at(12, told("b-ana-1", "cancelled")), at(13, told("b-ana-1", "shipped"))), "outcomes-stand"},
		"told refused, clicks, is told nothing":         {refusedFirst(again, at(11, screen("waiting"))), "told-in-time"},
	} {
		ruling := judged(c.run, c.promise)
		require.Equal(t, Broken, ruling.Verdict, "%s: %s", name, c.run.FailureText())
		require.NotEmpty(t, ruling.Evidence, name)
	}
}

func TestChargedOncePerPayment(t *testing.T) {
	inParts := func(amounts ...int64) *Run {
		moments := []moment{at(0, clicks(nok998)), at(1, authorized("b-ana-1", nok998))}
		for i, amount := range amounts {
			moments = append(moments, at(float64(2+i), captured("b-ana-1", amount)))
		}
		return run(moments...)
	}
	again := at(10, clicks(nok499))
	judge(t, "charged-once",
		ruled{"in two parts", inParts(nok499, nok499), Kept, ""},
		ruled{"in two parts that are too much", inParts(nok499, nok499+1), Broken, "charged twice: NOK 998.01 instead of NOK 998.00"},
		ruled{"in two parts, and by another payment", run(at(0, clicks(nok998)), at(1, authorized("b-ana-1", nok998)), at(2, captured("b-ana-1", nok499), captured("b-ana-1", nok499), captured("b-ana-2", nok998))), Broken, "charged twice: NOK 1,996.00"},
		ruled{"once more, when she clicked again", happy(again, at(11, captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"once more, after she was paid back and clicked again", happy(at(5, refunded("b-ana-1", nok499)), again, at(11, captured("b-ana-2", nok499))), Kept, ""},
		ruled{"once more, after she was paid back in part", happy(at(5, refunded("b-ana-1", nok499-1)), again, at(11, captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"once more, and paid back after she clicked again", happy(again, at(11, refunded("b-ana-1", nok499)), at(12, captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"once more, after she was paid back, without a click", happy(at(5, refunded("b-ana-1", nok499)), at(11, captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"twice for the first click, paid back, and once more", happy(at(5, captured("b-ana-2", nok499)), at(6, refunded("b-ana-1", nok499), refunded("b-ana-2", nok499)),
			again, at(11, captured("b-ana-3", nok499))), Broken, "charged twice"},
		ruled{"by a payment of the first click", happy(at(3, created("b-ana-2", nok499)), at(5, refunded("b-ana-1", nok499)), again, at(11, captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"by the payment that was paid back, and by another one", run(at(0, clicks(nok998)), at(1, authorized("b-ana-1", nok998), captured("b-ana-1", nok499)), at(5, refunded("b-ana-1", nok499)),
			again, at(11, captured("b-ana-1", nok499), captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"refused, clicked again, charged, and told of an error", refusedFirst(again, at(12, created("b-ana-2", nok499), captured("b-ana-2", nok499)), at(13, told("b-ana-2", "error"))), Kept, ""},
		ruled{"by the payment that was paid back", happy(at(5, refunded("b-ana-1", nok499)), again, at(11, captured("b-ana-1", nok499))), Broken, "charged twice"},
	)
}

// Two captured payments of which nothing was paid back before she clicked again
// are a double charge, wherever clicks and screens are put in.
func TestNoClickHidesADoubleCharge(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 500 {
		moments := bought()
		second := 5.0
		add := func(e ...Event) { moments = append(moments, at(second, e...)); second++ }
		perhaps := func() {
			for range rng.IntN(3) {
				add([]Event{clicks(nok499), screen("refused"), screen("ready"), told("b-ana-1", "refused"), does("opens"), released("b-ana-3", 0)}[rng.IntN(6)])
			}
		}
		perhaps()
		if rng.IntN(2) == 0 {
			add(refunded("b-ana-1", int64(rng.IntN(nok499)))) // a part
			perhaps()
		}
		add(created("b-ana-2", nok499), captured("b-ana-2", nok499))
		perhaps()
		if rng.IntN(2) == 0 {
			add(refunded("b-ana-2", nok499))
			perhaps()
		}
		r := run(moments...)
		require.Equal(t, Broken, judged(r, "charged-once").Verdict, fmt.Sprint("history ", n))
	}
}

func TestAPartOfWhatWasReserved(t *testing.T) {
	two := func(more ...Event) *Run {
		return run(at(0, clicks(nok998)), at(1, authorized("b-ana-1", nok998)), at(2, more...), at(3, booked("b-ana-1")), at(4, screen("shipped")))
	}
	priced := func(shown, asked int64, parcels int) *Run {
		moments := []moment{at(0, clicks(shown)), at(1, authorized("b-ana-1", asked), captured("b-ana-1", asked))}
		for i := range parcels {
			moments = append(moments, at(2, booked(fmt.Sprintf("b-ana-%d", i))))
		}
		return run(append(moments, at(3, screen("shipped")))...)
	}
	for name, c := range map[string]struct {
		run    *Run
		breaks []string
	}{
		"one captured, the rest released":    {two(captured("b-ana-1", nok499), released("b-ana-1", nok499)), nil},
		"all captured, one paid back":        {two(captured("b-ana-1", nok998), refunded("b-ana-1", nok499)), nil},
		"captured in two parts":              {two(captured("b-ana-1", nok499), captured("b-ana-1", nok499)), nil},
		"one captured, the rest forgotten":   {two(captured("b-ana-1", nok499)), []string{"nothing-left-reserved"}},
		"paid back twice":                    {two(captured("b-ana-1", nok998), refunded("b-ana-1", nok499), refunded("b-ana-1", nok499)), []string{"goods-match-money"}},
		"more paid back than charged":        {two(captured("b-ana-1", nok998), refunded("b-ana-1", nok998+1)), []string{"goods-match-money"}},
		"a hundredth of the price":           {priced(nok499, 499, 1), []string{"goods-match-money", "amount-as-shown"}},
		"the price of another basket":        {priced(nok499, 29900, 1), []string{"amount-as-shown"}},
		"more than the page showed":          {priced(nok499, 50898, 1), []string{"goods-match-money", "amount-as-shown"}},
		"two parcels for one payment":        {priced(nok499, nok499, 2), []string{"goods-match-money"}},
		"a parcel less than was paid":        {priced(nok499, nok499, 0), []string{"goods-match-money", "screen-is-honest"}},
		"two parcels, and a part paid back":  {run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499), captured("b-ana-1", nok499)), at(2, refunded("b-ana-1", 100), booked("b-ana-1"), booked("b-ana-2")), at(3, screen("shipped"))), []string{"goods-match-money"}},
		"reserved a hundredfold":             {run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", 100*nok499)), at(2, captured("b-ana-1", nok499), released("b-ana-1", 99*nok499), booked("b-ana-1")), at(3, screen("shipped"))), []string{"amount-as-shown"}},
		"captured above what was reserved":   {run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499)), at(2, captured("b-ana-1", nok499+1), booked("b-ana-1")), at(3, screen("shipped"))), []string{"goods-match-money", "amount-as-shown"}},
		"rounded wrongly, the rest released": {run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499)), at(2, captured("b-ana-1", nok499-1), released("b-ana-1", 1), booked("b-ana-1")), at(3, screen("shipped"))), []string{"amount-as-shown"}},
		"rounded wrongly, and paid back":     {run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499)), at(2, captured("b-ana-1", nok499-1), released("b-ana-1", 1), refunded("b-ana-1", nok499-1)), at(3, screen("refunded"))), []string{"amount-as-shown"}},
		"a gift card pays the rest":          {run(at(0, dueOf(clicks(nok499), 29900)), at(1, authorized("b-ana-1", 29900), captured("b-ana-1", 29900), booked("b-ana-1")), at(2, screen("shipped"))), nil},
		"a gift card, and the whole price":   {run(at(0, dueOf(clicks(nok499), 29900)), at(1, authorized("b-ana-1", nok499), captured("b-ana-1", nok499), booked("b-ana-1")), at(2, screen("shipped"))), []string{"goods-match-money", "amount-as-shown"}},
		"a gift card, and nothing paid":      {run(at(0, dueOf(clicks(nok499), 29900)), at(1, booked("b-ana-1")), at(2, screen("shipped"))), []string{"goods-match-money", "screen-is-honest"}},
	} {
		c.run.Judge(StandardPromises())
		require.Equal(t, c.breaks, breaks(c.run), "%s:\n%s", name, c.run.FailureText())
	}
}

// breaks are the promises that a judged run broke.
func breaks(r *Run) (names []string) {
	for _, ruling := range r.Rulings {
		if ruling.Verdict == Broken {
			names = append(names, ruling.Promise)
		}
	}
	return names
}

func TestAmountsSayInsteadOfWhat(t *testing.T) {
	giftCard := at(0, dueOf(clicks(nok499), 29900))
	judge(t, "amount-as-shown",
		ruled{"a hundredth", run(at(0, clicks(nok499)), at(1, captured("b-ana-1", 499))), Broken, "b-ana was charged NOK 4.99 instead of NOK 499.00, which the page showed"},
		ruled{"reserved too much", run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", 4990000), captured("b-ana-1", nok499))), Broken, "asked to reserve NOK 49,900.00 of b-ana instead of NOK 499.00"},
		ruled{"the rest is the gift card's", run(giftCard, at(1, captured("b-ana-1", nok499))), Broken, "NOK 499.00 instead of NOK 299.00, which was due of the NOK 499.00 on the page"},
		ruled{"no page", run(at(0, does("opens")), at(1, captured("b-ana-1", 499))), Broken, "no page had shown an amount"},
	)
}

// A page that says that something went wrong tells her enough where nothing came
// of it.
func TestToldThatSomethingWentWrong(t *testing.T) {
	click := at(0, clicks(nok499), screen("waiting"))
	failed := at(5, screen("error"))
	judge(t, "told-in-time",
		ruled{"nothing came of it", run(click, failed), Kept, ""},
		ruled{"too late", run(click, at(31, screen("error"))), Broken, "told nothing for 31.0 s"},
		ruled{"she was charged", run(click, at(1, captured("b-ana-1", nok499)), failed), Broken, "never told anything"},
		ruled{"she is charged later", run(click, failed, at(60, created("b-ana-1", nok499), captured("b-ana-1", nok499))), Broken, "never told anything"},
		ruled{"money stays reserved", run(click, at(1, authorized("b-ana-1", nok499)), failed), Broken, "never told anything"},
		ruled{"money was reserved and let go", run(click, at(1, authorized("b-ana-1", nok499)), failed, at(9, released("b-ana-1", nok499))), Kept, ""},
		ruled{"she was sent a parcel", run(click, failed, at(9, booked("b-ana-1"))), Broken, "still said “error”"},
		ruled{"charged, and told after a while", run(click, at(1, captured("b-ana-1", nok499)), failed, at(20, screen("shipped"))), Kept, ""},
		ruled{"charged, and told too late", run(click, at(1, captured("b-ana-1", nok499)), failed, at(40, screen("shipped"))), Broken, "told nothing for 40.0 s"},
		ruled{"she clicks again, and is told", run(click, failed, at(40, clicks(nok499)), at(41, created("b-ana-2", nok499), captured("b-ana-2", nok499)), at(45, screen("shipped"))), Kept, ""},
		ruled{"checking, and then for ever an error", run(click, at(2, screen("checking")), at(3, captured("b-ana-1", nok499)), at(60, screen("error"))), Broken, "still said “error”"},
	)
	refusedThenError := refusedFirst(at(5, told("b-ana-1", "error"), screen("error")))
	refusedThenError.Judge(StandardPromises())
	require.Equal(t, Kept, refusedThenError.Verdict(), "it is no word on the order: %s", refusedThenError.FailureText())
	charged := happy(at(5, told("b-ana-1", "error")))
	require.Equal(t, observe.StatusShipped, charged.FinalBook("b-ana").Status)
}

func TestAPageThatNeverLoads(t *testing.T) {
	r := run(at(0, does("opens")), at(1, screen("unreachable")), at(60, by("bo", does("opens"))), at(61, by("bo", screen("unreachable"))))
	r.Judge(StandardPromises())
	require.Equal(t, Unproven, r.Verdict())
	require.Equal(t, "nobody clicked submit: ana's page did not load, bo's page did not load", r.Ruling("somebody-bought").Because)
	came := run(at(0, does("opens")), at(1, screen("unreachable")), at(2, screen("ready")))
	came.Judge(StandardPromises())
	require.Equal(t, "nobody clicked submit, so nothing was put to the test", came.Ruling("somebody-bought").Because)
	one := happy(at(60, by("bo", does("opens"))), at(61, by("bo", screen("unreachable"))))
	one.Judge(StandardPromises())
	require.Equal(t, Kept, one.Verdict(), "ana bought")
	require.Contains(t, one.Sentence(), "Bo never clicked submit: her page did not load.")
}

// A record of an older suite is judged anew by the promises as they are now.
func TestOldRecordsAreJudgedAnew(t *testing.T) {
	r := refusedFirst(append([]moment{at(10, screen("ready"), clicks(nok499))}, paid(11, "b-ana-1", "b-ana-1-2")...)...)
	r.Rulings = []Ruling{{Promise: "screen-is-honest", Verdict: Broken, Because: "it said “refused”"}, {Promise: "its-own", Verdict: Kept}}
	var text bytes.Buffer
	NewRecord(&text).Write(r)
	for _, version := range []string{"1", "2"} {
		old := strings.Replace(text.String(), fmt.Sprintf(`{"v":%d`, RecordVersion), `{"v":`+version, 1)
		runs, err := ReadRuns(strings.NewReader(old))
		require.NoError(t, err)
		require.Equal(t, Broken, runs[0].Verdict())
		require.Contains(t, runs[0].Sentence(), "Broken promise")
		runs[0].Rejudge()
		require.Equal(t, Kept, runs[0].Verdict(), runs[0].FailureText())
		require.NotNil(t, runs[0].Ruling("its-own"))
	}
}
