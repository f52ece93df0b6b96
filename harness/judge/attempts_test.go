package judge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/record"
)

func created(reference string, amount int64) observe.Event {
	return Money("created", reference, amount)
}

// refusedFirst is a first attempt that the provider refused: the customer was told
// so at 2 s. What comes of the next one is added.
func refusedFirst(more ...Moment) *Run {
	return RunOf(append([]Moment{
		At(0, Screen("ready"), Clicks(nok499), Screen("waiting")),
		At(1, Told("b-ana-1", "checking")),
		At(2, Told("b-ana-1", "refused"), Screen("refused")),
	}, more...)...)
}

// paid is an attempt of that order, from second to second + 3.
func paid(second float64, order, reference string) []Moment {
	return []Moment{
		At(second, Told(order, "checking")),
		At(second+1, created(reference, nok499), Authorized(reference, nok499)),
		At(second+2, Captured(reference, nok499), Booked(order)),
		At(second+3, Told(order, "shipped"), Screen("shipped")),
	}
}

// paidBack is a first attempt that was charged, for which nothing was in stock.
func paidBack() []Moment {
	return []Moment{
		At(0, Clicks(nok499)), At(1, created("b-ana-1", nok499), Captured("b-ana-1", nok499)),
		At(2, Refunded("b-ana-1", nok499)), At(3, Told("b-ana-1", "refunded"), Screen("refunded")),
	}
}

// Decline, then retry: the first attempt is refused, and she is told so; the next
// one is paid. What she was told was true.
func TestRefusedThenPaid(t *testing.T) {
	again := At(10, Screen("ready"), Clicks(nok499))
	for name, r := range map[string]*Run{
		"under the same order's number": refusedFirst(append([]Moment{again}, paid(11, "b-ana-1", "b-ana-1-2")...)...),
		"under another order's number":  refusedFirst(append([]Moment{again}, paid(11, "b-ana-2", "b-ana-2-1")...)...),
		"the first payment was made and given up": RunOf(append([]Moment{
			At(0, Clicks(nok499)), At(1, created("b-ana-1", nok499)), At(2, Money("terminated", "b-ana-1", 0), Told("b-ana-1", "cancelled"), Screen("cancelled")), again,
		}, paid(11, "b-ana-2", "b-ana-2-1")...)...),
		"the first payment was released": RunOf(append([]Moment{
			At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499), Released("b-ana-1", nok499)), At(2, Told("b-ana-1", "cancelled"), Screen("cancelled")), again,
		}, paid(11, "b-ana-1", "b-ana-1-2")...)...),
		"refused twice":                        refusedFirst(append([]Moment{again, At(12, Told("b-ana-1", "refused"), Screen("refused")), At(20, Clicks(nok499))}, paid(21, "b-ana-1", "b-ana-1-3")...)...),
		"paid back, and bought again":          RunOf(append(append(paidBack(), again), paid(11, "b-ana-1", "b-ana-1-2")...)...),
		"paid back, bought again, and refused": RunOf(append(paidBack(), again, At(11, Told("b-ana-1", "refused"), Screen("refused")))...),
	} {
		r.Judge(StandardPromises())
		require.Equal(t, Kept, r.Verdict(), "%s:\n%s", name, r.FailureText())
	}
}

// An answer that was long on its way tells of the first try when the second one is
// over.
func TestAnOlderWordIsNotTheLast(t *testing.T) {
	asked := observe.Event{Actor: "customer>checkout", Kind: observe.Arrived, Message: &observe.Message{Hop: "customer>checkout", N: 7, Method: "GET", Path: "/orders/b-ana-1"}}
	stale := Told("b-ana-1", "refused")
	stale.Entry.Key = "7"
	moments := append([]Moment{At(3, asked), At(10, Screen("ready"), Clicks(nok499))}, paid(11, "b-ana-2", "b-ana-2-1")...)
	r := refusedFirst(append(moments, At(40, stale))...)
	r.Judge(StandardPromises())
	require.Equal(t, Kept, r.Verdict(), r.FailureText())
	require.Equal(t, observe.StatusShipped, r.FinalBook("b-ana").Status)
	fresh := refusedFirst(append(moments, At(40, Told("b-ana-2", "refused")))...)
	require.Equal(t, Broken, Judged(fresh, "charged-once").Verdict)
}

// What an attempt does not end: each breaks the promise that is named.
func TestAnOutcomeIsHeldAgainstItsOwnAttempt(t *testing.T) {
	again := At(10, Screen("ready"), Clicks(nok499))
	for name, c := range map[string]struct {
		run     *Run
		promise string
	}{
		"charged for the click before": {refusedFirst(At(3, created("b-ana-1", nok499)), At(4, Captured("b-ana-1", nok499), Booked("b-ana-1"))), "screen-is-honest"},
		"charged for the click before, after she clicked again": {RunOf(At(0, Clicks(nok499)), At(1, created("b-ana-1", nok499)), At(2, Told("b-ana-1", "refused"), Screen("refused")),
			again, At(12, Captured("b-ana-1", nok499))), "screen-is-honest"},
		"a payment that began before she clicked again": {refusedFirst(At(4, created("b-ana-1", nok499)), again, At(12, Captured("b-ana-1", nok499))), "screen-is-honest"},
		"the click came after the other word":           {refusedFirst(At(5, Told("b-ana-1", "shipped")), again), "outcomes-stand"},
		"the shop says so, and her screen not":          {RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499)), At(2, Told("b-ana-1", "refused"))), "charged-once"},
		"refused after the new click, and charged":      {refusedFirst(again, At(11, created("b-ana-1-2", nok499), Captured("b-ana-1-2", nok499)), At(12, Told("b-ana-1", "refused"), Screen("refused"))), "screen-is-honest"},
		"paid, clicked again, told refused":             {Happy(again, At(11, Told("b-ana-2", "refused"), Screen("refused"))), "screen-is-honest"},
		"another word without a click":                  {refusedFirst(At(5, Told("b-ana-1", "shipped"))), "outcomes-stand"},
		"the click came before the outcome":             {RunOf(At(0, Clicks(nok499)), At(1, Clicks(nok499)), At(2, Told("b-ana-1", "refused")), At(3, Told("b-ana-1", "shipped"))), "outcomes-stand"},
		"the click is somebody else's":                  {refusedFirst(At(4, By("bo", Clicks(nok499))), At(5, Told("b-ana-1", "shipped"))), "outcomes-stand"},
		"shipped is final":                              {Happy(again, At(11, Told("b-ana-1", "refused"))), "outcomes-stand"},
		"paid is final":                                 {RunOf(At(0, Clicks(nok499)), At(1, Told("b-ana-1", "paid")), At(2, Clicks(nok499)), At(3, Told("b-ana-1", "cancelled"))), "outcomes-stand"},
		"the new attempt's own outcome":                 {refusedFirst(again, At(11, Told("b-ana-1", "checking")), At(12, Told("b-ana-1", "cancelled")), At(13, Told("b-ana-1", "shipped"))), "outcomes-stand"},
		"told refused, clicks, is told nothing":         {refusedFirst(again, At(11, Screen("waiting"))), "told-in-time"},
	} {
		ruling := Judged(c.run, c.promise)
		require.Equal(t, Broken, ruling.Verdict, "%s: %s", name, c.run.FailureText())
		require.NotEmpty(t, ruling.Evidence, name)
	}
}

func TestChargedOncePerPayment(t *testing.T) {
	inParts := func(amounts ...int64) *Run {
		moments := []Moment{At(0, Clicks(nok998)), At(1, Authorized("b-ana-1", nok998))}
		for i, amount := range amounts {
			moments = append(moments, At(float64(2+i), Captured("b-ana-1", amount)))
		}
		return RunOf(moments...)
	}
	again := At(10, Clicks(nok499))
	judge(t, "charged-once",
		ruled{"in two parts", inParts(nok499, nok499), Kept, ""},
		ruled{"in two parts that are too much", inParts(nok499, nok499+1), Broken, "charged twice: NOK 998.01 instead of NOK 998.00"},
		ruled{"in two parts, and by another payment", RunOf(At(0, Clicks(nok998)), At(1, Authorized("b-ana-1", nok998)), At(2, Captured("b-ana-1", nok499), Captured("b-ana-1", nok499), Captured("b-ana-2", nok998))), Broken, "charged twice: NOK 1,996.00"},
		ruled{"once more, when she clicked again", Happy(again, At(11, Captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"once more, after she was paid back and clicked again", Happy(At(5, Refunded("b-ana-1", nok499)), again, At(11, Captured("b-ana-2", nok499))), Kept, ""},
		ruled{"once more, after she was paid back in part", Happy(At(5, Refunded("b-ana-1", nok499-1)), again, At(11, Captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"once more, and paid back after she clicked again", Happy(again, At(11, Refunded("b-ana-1", nok499)), At(12, Captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"once more, after she was paid back, without a click", Happy(At(5, Refunded("b-ana-1", nok499)), At(11, Captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"twice for the first click, paid back, and once more", Happy(At(5, Captured("b-ana-2", nok499)), At(6, Refunded("b-ana-1", nok499), Refunded("b-ana-2", nok499)),
			again, At(11, Captured("b-ana-3", nok499))), Broken, "charged twice"},
		ruled{"by a payment of the first click", Happy(At(3, created("b-ana-2", nok499)), At(5, Refunded("b-ana-1", nok499)), again, At(11, Captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"by the payment that was paid back, and by another one", RunOf(At(0, Clicks(nok998)), At(1, Authorized("b-ana-1", nok998), Captured("b-ana-1", nok499)), At(5, Refunded("b-ana-1", nok499)),
			again, At(11, Captured("b-ana-1", nok499), Captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"refused, clicked again, charged, and told of an error", refusedFirst(again, At(12, created("b-ana-2", nok499), Captured("b-ana-2", nok499)), At(13, Told("b-ana-2", "error"))), Kept, ""},
		ruled{"by the payment that was paid back", Happy(At(5, Refunded("b-ana-1", nok499)), again, At(11, Captured("b-ana-1", nok499))), Broken, "charged twice"},
	)
}

// Two captured payments of which nothing was paid back before she clicked again
// are a double charge, wherever clicks and screens are put in.
func TestNoClickHidesADoubleCharge(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 500 {
		moments := Bought()
		second := 5.0
		add := func(e ...observe.Event) { moments = append(moments, At(second, e...)); second++ }
		perhaps := func() {
			for range rng.IntN(3) {
				add([]observe.Event{Clicks(nok499), Screen("refused"), Screen("ready"), Told("b-ana-1", "refused"), Does("opens"), Released("b-ana-3", 0)}[rng.IntN(6)])
			}
		}
		perhaps()
		if rng.IntN(2) == 0 {
			add(Refunded("b-ana-1", int64(rng.IntN(nok499)))) // a part
			perhaps()
		}
		add(created("b-ana-2", nok499), Captured("b-ana-2", nok499))
		perhaps()
		if rng.IntN(2) == 0 {
			add(Refunded("b-ana-2", nok499))
			perhaps()
		}
		r := RunOf(moments...)
		require.Equal(t, Broken, Judged(r, "charged-once").Verdict, fmt.Sprint("history ", n))
	}
}

func TestAPartOfWhatWasReserved(t *testing.T) {
	two := func(more ...observe.Event) *Run {
		return RunOf(At(0, Clicks(nok998)), At(1, Authorized("b-ana-1", nok998)), At(2, more...), At(3, Booked("b-ana-1")), At(4, Screen("shipped")))
	}
	priced := func(shown, asked int64, parcels int) *Run {
		moments := []Moment{At(0, Clicks(shown)), At(1, Authorized("b-ana-1", asked), Captured("b-ana-1", asked))}
		for i := range parcels {
			moments = append(moments, At(2, Booked(fmt.Sprintf("b-ana-%d", i))))
		}
		return RunOf(append(moments, At(3, Screen("shipped")))...)
	}
	for name, c := range map[string]struct {
		run    *Run
		breaks []string
	}{
		"one captured, the rest released":    {two(Captured("b-ana-1", nok499), Released("b-ana-1", nok499)), nil},
		"all captured, one paid back":        {two(Captured("b-ana-1", nok998), Refunded("b-ana-1", nok499)), nil},
		"captured in two parts":              {two(Captured("b-ana-1", nok499), Captured("b-ana-1", nok499)), nil},
		"one captured, the rest forgotten":   {two(Captured("b-ana-1", nok499)), []string{"nothing-left-reserved"}},
		"paid back twice":                    {two(Captured("b-ana-1", nok998), Refunded("b-ana-1", nok499), Refunded("b-ana-1", nok499)), []string{"goods-match-money"}},
		"more paid back than charged":        {two(Captured("b-ana-1", nok998), Refunded("b-ana-1", nok998+1)), []string{"goods-match-money"}},
		"a hundredth of the price":           {priced(nok499, 499, 1), []string{"goods-match-money", "amount-as-shown"}},
		"the price of another basket":        {priced(nok499, 29900, 1), []string{"amount-as-shown"}},
		"more than the page showed":          {priced(nok499, 50898, 1), []string{"goods-match-money", "amount-as-shown"}},
		"two parcels for one payment":        {priced(nok499, nok499, 2), []string{"goods-match-money"}},
		"a parcel less than was paid":        {priced(nok499, nok499, 0), []string{"goods-match-money", "screen-is-honest"}},
		"two parcels, and a part paid back":  {RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499), Captured("b-ana-1", nok499)), At(2, Refunded("b-ana-1", 100), Booked("b-ana-1"), Booked("b-ana-2")), At(3, Screen("shipped"))), []string{"goods-match-money"}},
		"reserved a hundredfold":             {RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", 100*nok499)), At(2, Captured("b-ana-1", nok499), Released("b-ana-1", 99*nok499), Booked("b-ana-1")), At(3, Screen("shipped"))), []string{"amount-as-shown"}},
		"captured above what was reserved":   {RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499)), At(2, Captured("b-ana-1", nok499+1), Booked("b-ana-1")), At(3, Screen("shipped"))), []string{"goods-match-money", "amount-as-shown"}},
		"rounded wrongly, the rest released": {RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499)), At(2, Captured("b-ana-1", nok499-1), Released("b-ana-1", 1), Booked("b-ana-1")), At(3, Screen("shipped"))), []string{"amount-as-shown"}},
		"rounded wrongly, and paid back":     {RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499)), At(2, Captured("b-ana-1", nok499-1), Released("b-ana-1", 1), Refunded("b-ana-1", nok499-1)), At(3, Screen("refunded"))), []string{"amount-as-shown"}},
		"a gift card pays the rest":          {RunOf(At(0, DueOf(Clicks(nok499), 29900)), At(1, Authorized("b-ana-1", 29900), Captured("b-ana-1", 29900), Booked("b-ana-1")), At(2, Screen("shipped"))), nil},
		"a gift card, and the whole price":   {RunOf(At(0, DueOf(Clicks(nok499), 29900)), At(1, Authorized("b-ana-1", nok499), Captured("b-ana-1", nok499), Booked("b-ana-1")), At(2, Screen("shipped"))), []string{"goods-match-money", "amount-as-shown"}},
		"a gift card, and nothing paid":      {RunOf(At(0, DueOf(Clicks(nok499), 29900)), At(1, Booked("b-ana-1")), At(2, Screen("shipped"))), []string{"goods-match-money", "screen-is-honest"}},
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
	giftCard := At(0, DueOf(Clicks(nok499), 29900))
	judge(t, "amount-as-shown",
		ruled{"a hundredth", RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", 499))), Broken, "b-ana was charged NOK 4.99 instead of NOK 499.00, which the page showed"},
		ruled{"reserved too much", RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", 4990000), Captured("b-ana-1", nok499))), Broken, "asked to reserve NOK 49,900.00 of b-ana instead of NOK 499.00"},
		ruled{"the rest is the gift card's", RunOf(giftCard, At(1, Captured("b-ana-1", nok499))), Broken, "NOK 499.00 instead of NOK 299.00, which was due of the NOK 499.00 on the page"},
		ruled{"no page", RunOf(At(0, Does("opens")), At(1, Captured("b-ana-1", 499))), Broken, "no page had shown an amount"},
	)
}

// A page that says that something went wrong tells her enough where nothing came
// of it.
func TestToldThatSomethingWentWrong(t *testing.T) {
	click := At(0, Clicks(nok499), Screen("waiting"))
	failed := At(5, Screen("error"))
	judge(t, "told-in-time",
		ruled{"nothing came of it", RunOf(click, failed), Kept, ""},
		ruled{"too late", RunOf(click, At(31, Screen("error"))), Broken, "told nothing for 31.0 s"},
		ruled{"she was charged", RunOf(click, At(1, Captured("b-ana-1", nok499)), failed), Broken, "never told anything"},
		ruled{"she is charged later", RunOf(click, failed, At(60, created("b-ana-1", nok499), Captured("b-ana-1", nok499))), Broken, "never told anything"},
		ruled{"money stays reserved", RunOf(click, At(1, Authorized("b-ana-1", nok499)), failed), Broken, "never told anything"},
		ruled{"money was reserved and let go", RunOf(click, At(1, Authorized("b-ana-1", nok499)), failed, At(9, Released("b-ana-1", nok499))), Kept, ""},
		ruled{"she was sent a parcel", RunOf(click, failed, At(9, Booked("b-ana-1"))), Broken, "still said “error”"},
		ruled{"charged, and told after a while", RunOf(click, At(1, Captured("b-ana-1", nok499)), failed, At(20, Screen("shipped"))), Kept, ""},
		ruled{"charged, and told too late", RunOf(click, At(1, Captured("b-ana-1", nok499)), failed, At(40, Screen("shipped"))), Broken, "told nothing for 40.0 s"},
		ruled{"she clicks again, and is told", RunOf(click, failed, At(40, Clicks(nok499)), At(41, created("b-ana-2", nok499), Captured("b-ana-2", nok499)), At(45, Screen("shipped"))), Kept, ""},
		ruled{"checking, and then for ever an error", RunOf(click, At(2, Screen("checking")), At(3, Captured("b-ana-1", nok499)), At(60, Screen("error"))), Broken, "still said “error”"},
	)
	refusedThenError := refusedFirst(At(5, Told("b-ana-1", "error"), Screen("error")))
	refusedThenError.Judge(StandardPromises())
	require.Equal(t, Kept, refusedThenError.Verdict(), "it is no word on the order: %s", refusedThenError.FailureText())
	charged := Happy(At(5, Told("b-ana-1", "error")))
	require.Equal(t, observe.StatusShipped, charged.FinalBook("b-ana").Status)
}

func TestAPageThatNeverLoads(t *testing.T) {
	r := RunOf(At(0, Does("opens")), At(1, Screen("unreachable")), At(60, By("bo", Does("opens"))), At(61, By("bo", Screen("unreachable"))))
	r.Judge(StandardPromises())
	require.Equal(t, Unproven, r.Verdict())
	require.Equal(t, "nobody clicked submit: ana's page did not load, bo's page did not load", r.Ruling("somebody-bought").Because)
	came := RunOf(At(0, Does("opens")), At(1, Screen("unreachable")), At(2, Screen("ready")))
	came.Judge(StandardPromises())
	require.Equal(t, "nobody clicked submit, so nothing was put to the test", came.Ruling("somebody-bought").Because)
	one := Happy(At(60, By("bo", Does("opens"))), At(61, By("bo", Screen("unreachable"))))
	one.Judge(StandardPromises())
	require.Equal(t, Kept, one.Verdict(), "ana bought")
	require.Contains(t, one.Sentence(), "Bo never clicked submit: her page did not load.")
}

// A record of an older suite is judged anew by the promises as they are now.
func TestOldRecordsAreJudgedAnew(t *testing.T) {
	r := refusedFirst(append([]Moment{At(10, Screen("ready"), Clicks(nok499))}, paid(11, "b-ana-1", "b-ana-1-2")...)...)
	r.Rulings = []Ruling{{Promise: "screen-is-honest", Verdict: Broken, Because: "it said “refused”"}, {Promise: "its-own", Verdict: Kept}}
	var text bytes.Buffer
	record.NewWriter(&text).Write(r)
	for _, version := range []string{"1", "2"} {
		old := strings.Replace(text.String(), fmt.Sprintf(`{"v":%d`, record.Version), `{"v":`+version, 1)
		runs, err := record.ReadAll(strings.NewReader(old))
		require.NoError(t, err)
		require.Equal(t, Broken, runs[0].Verdict())
		require.Contains(t, runs[0].Sentence(), "Broken promise")
		runs[0].Rejudge()
		require.Equal(t, Kept, runs[0].Verdict(), runs[0].FailureText())
		require.NotNil(t, runs[0].Ruling("its-own"))
	}
}
