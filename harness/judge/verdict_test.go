package judge_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/units"
)

func TestBrokenBeatsUnfinishedBeatsUnprovenBeatsKept(t *testing.T) {
	order := []Verdict{Kept, Unproven, Unfinished, Broken}
	for i, a := range order {
		for j, b := range order {
			require.Equal(t, order[max(i, j)], Worse(a, b))
		}
		require.Equal(t, Worse(Unfinished, a), Worse("", a), "what is no verdict counts as Unfinished")
		require.Equal(t, Worse(Unfinished, a), Worse(a, "FINE"))
	}
}

// rules is a promise that always comes to v.
func rules(v Verdict) Promise {
	return Promise{Name: "p", Judge: func(*Run) Ruling { return Ruling{Verdict: v} }}
}

func TestARunIsAsGoodAsItsWorstRuling(t *testing.T) {
	for _, c := range []struct {
		promises []Promise
		change   func(*Run)
		want     Verdict
		ruling   string // the name of the one that decided
	}{
		{[]Promise{rules(Kept)}, nil, Kept, ""},
		{nil, nil, Unfinished, ""}, // nobody judged
		{[]Promise{rules(Kept), rules(Unproven)}, nil, Unproven, ""},
		{[]Promise{rules(Unproven), rules(Unfinished)}, nil, Unfinished, ""},
		{[]Promise{rules(Broken), rules(Unfinished)}, nil, Broken, ""},
		{[]Promise{rules("")}, nil, Unfinished, "p"},
		{[]Promise{{Name: "p", Judge: func(*Run) Ruling { panic("oh dear") }}}, nil, Unfinished, "p"},
		{[]Promise{rules(Kept)}, func(r *Run) { r.Failure = "no world" }, Unfinished, "staged"},
		{[]Promise{rules(Broken)}, func(r *Run) { r.Failure = "no world" }, Broken, "staged"},
		{[]Promise{rules(Kept)}, func(r *Run) { r.Unsettled = "a worker runs" }, Unproven, "came-to-rest"},
		{[]Promise{rules(Kept)}, func(r *Run) { r.History = nil }, Unproven, "somebody-bought"},
	} {
		r := Happy()
		if c.change != nil {
			c.change(r)
		}
		r.Judge(c.promises)
		require.Equal(t, c.want, r.Verdict())
		require.Equal(t, c.want == Kept, r.Good(), "only Kept is green")
		if c.ruling != "" {
			require.NotNil(t, r.Ruling(c.ruling))
			require.NotEqual(t, Kept, r.Ruling(c.ruling).Verdict)
		}
		before := r.Rulings
		r.Judge(c.promises)
		require.Equal(t, before, r.Rulings, "judged again it comes to the same")
	}
}

func TestAPanickingJudgeIsNamed(t *testing.T) {
	r := Happy()
	r.Judge([]Promise{{Name: "p", Judge: func(*Run) Ruling { panic("oh dear") }}, rules(Kept)})
	require.Contains(t, r.Ruling("p").Because, "oh dear")
	require.Len(t, r.Rulings, 2, "the others judge all the same")
}

func TestAComplaintIsGoodWhenItComesTrueAndIsProven(t *testing.T) {
	for _, c := range []struct {
		name     string
		promises []Promise
		mismatch string
		good     bool
	}{
		{"broken to the letter", []Promise{rules(Broken)}, "", true},
		{"nothing broke", []Promise{rules(Kept)}, "", false},
		{"broken otherwise", []Promise{rules(Broken)}, "charges: want 2, got 1", false},
		{"broken, and an injection had no effect", []Promise{rules(Broken), rules(Unproven)}, "", false},
		{"broken, and not finished", []Promise{rules(Broken), rules(Unfinished)}, "", false},
		{"broken, and a judge said nothing", []Promise{rules(Broken), rules("")}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Happy()
			r.Expects = "complaint"
			r.Judge(c.promises)
			r.Mismatch = c.mismatch
			require.Equal(t, c.good, r.Good())
		})
	}
}

func TestAComplaintSaysHowItsFiguresDiffer(t *testing.T) {
	c := Without("order-identity").Orders(2).Charges(2).Parcels(1).Screen("shipped").Breaking("charged-once")
	require.True(t, c.Is())
	require.False(t, Complaint{}.Is())
	require.Equal(t, []string{"charged-once"}, c.Breaks)
	require.Empty(t, c.Mismatch(Figures{Orders: 2, Charges: 2, Parcels: 1, Screen: "shipped"}))
	require.Equal(t, "orders: want 2, got 1; charges: want 2, got 0; parcels: want 1, got 3; screen: want shipped, got ",
		c.Mismatch(Figures{Orders: 1, Parcels: 3}))
	require.Equal(t, observe.StatusWaiting, Without("x").SaysNothing().Want.Screen)
}

func TestTheBooksAreReadFromTheLedgers(t *testing.T) {
	r := Happy(At(5, Refunded("b-ana-1", 100)), At(6, Does("leaves")), At(7, Screen("refunded")))
	require.Equal(t, Book{
		Basket: "b-ana", Orders: []string{"b-ana-1"}, Status: "shipped", Screen: "shipped",
		Charges: 1, Charged: Amounts{"NOK": nok499}, Refunded: Amounts{"NOK": 100}, LiveHolds: 1, Parcels: 1, Shown: nok499, Due: nok499, Currency: "NOK",
		Clicks: 1, Left: true,
	}, r.FinalBook("b-ana"))
	require.Equal(t, Figures{Orders: 1, Charges: 1, Parcels: 1, Screen: "shipped"}, r.FinalBook("b-ana").Figures())
	require.Equal(t, 0, r.Book("b-ana", 3).Charges, "as it stood then")
	require.Equal(t, []Book{r.FinalBook("b-ana")}, r.Books())
	require.Empty(t, RunOf().Books())
}

func TestReferencesBelongToTheLongestBasketTheyBeginWith(t *testing.T) {
	r := RunOf(At(0, Clicks(1)), At(1, By("ana-lise", Clicks(1)), By("bo", Clicks(1))), At(2, Clicks(1)))
	require.Equal(t, []string{"b-ana", "b-ana-lise", "b-bo"}, r.Baskets())
	for reference, basket := range map[string]string{
		"b-ana-1": "b-ana", "b-ana-lise-1": "b-ana-lise", "b-ana-lisa-1": "b-ana", "b-bo-": "b-bo",
		"b-ana": "", "b-anatol-1": "", "x-b-ana-1": "", "": "", "-": "",
	} {
		require.Equal(t, basket, r.Index().BasketOf(reference), reference)
	}
}

func TestTheSentenceSaysWhatBecameOfTheCustomer(t *testing.T) {
	åse := func(e observe.Event) observe.Event { return By("åse", e) }
	for _, c := range []struct {
		run  *Run
		says string
	}{
		{Happy(), "Ana was charged once (NOK 499.00) and sent one parcel. The screen said “shipped” after 4.0 s."},
		{Happy(At(5, Captured("b-ana-2", nok499), Booked("b-ana-2"))),
			"Ana was charged TWICE (NOK 998.00 instead of NOK 499.00, NOK 499.00 too much) and sent 2 parcels. The screen said “shipped” after 4.0 s."},
		{Happy(At(5, Refunded("b-ana-1", nok499), Parcel("cancelled", "b-ana-1")), At(6, Screen("refunded")), At(7, Screen("refunded"))),
			"Ana was charged once (NOK 499.00), paid back NOK 499.00 and sent nothing. The screen said “shipped” after 4.0 s, then “refunded” after 6.0 s."},
		{RunOf(At(1, Clicks(1))), "Ana was not charged and sent nothing. After her click the screen never told her anything."},
		{RunOf(At(1, åse(Clicks(1)))), "Åse was not charged and sent nothing. After her click the screen never told her anything."},
		{RunOf(At(1, Clicks(1), By("bo", Clicks(1))), At(2, Screen("refused"))),
			"Ana was not charged and sent nothing. The screen said “refused” after 1.0 s. Bo was not charged and sent nothing. After her click the screen never told her anything."},
		{Happy(At(5, Money("authorized", "b-ana-2", 129900))),
			"Ana was charged once (NOK 499.00) and sent one parcel, and NOK 1,299.00 stays reserved. The screen said “shipped” after 4.0 s."},
		{RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", 499)), At(2, Booked("b-ana-1"), Screen("shipped"))),
			"Ana was charged once (NOK 4.99 instead of NOK 499.00) and sent one parcel. The screen said “shipped” after 2.0 s."},
		{RunOf(At(0, Clicks(nok998)), At(1, Authorized("b-ana-1", nok998)), At(2, Captured("b-ana-1", nok499), Released("b-ana-1", nok499)), At(3, Booked("b-ana-1"), Screen("shipped"))),
			"Ana was charged once (NOK 499.00 of NOK 998.00) and sent one parcel. The screen said “shipped” after 3.0 s."},
		{RunOf(At(0, Clicks(nok998)), At(1, Authorized("b-ana-1", nok998)), At(2, Captured("b-ana-1", nok499), Captured("b-ana-1", nok499)), At(3, Booked("b-ana-1"), Screen("shipped"))),
			"Ana was charged once (NOK 998.00) and sent one parcel. The screen said “shipped” after 3.0 s."},
		{RunOf(At(0, DueOf(Clicks(nok499), 29900)), At(1, Captured("b-ana-1", 29900)), At(3, Booked("b-ana-1"), Screen("shipped"))),
			"Ana was charged once (NOK 299.00, what was due of NOK 499.00 on the page) and sent one parcel. The screen said “shipped” after 3.0 s."},
		{RunOf(At(0, DueOf(Clicks(nok499), 29900)), At(1, Captured("b-ana-1", nok499)), At(3, Booked("b-ana-1"), Screen("shipped"))),
			"Ana was charged once (NOK 499.00 instead of NOK 299.00, with NOK 299.00 due of NOK 499.00 on the page) and sent one parcel. The screen said “shipped” after 3.0 s."},
		{Happy(At(5, Refunded("b-ana-1", nok499), Parcel("cancelled", "b-ana-1")), At(6, Screen("refunded")), At(7, Clicks(nok499)), At(8, Captured("b-ana-2", nok499), Booked("b-ana-2")), At(9, Screen("shipped"))),
			"Ana was charged twice (NOK 998.00), paid back NOK 499.00 and sent one parcel. The screen said “shipped” after 4.0 s, then “refunded” after 6.0 s, then “shipped” after 9.0 s."},
		{NoCarrier(RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499)), At(2, Screen("paid")))),
			"Ana was charged once (NOK 499.00). The screen said “paid” after 2.0 s."},
		{NoCarrier(RunOf(At(0, Clicks(nok499)), At(2, Screen("refused")))), "Ana was not charged. The screen said “refused” after 2.0 s."},
		{RunOf(At(0, Clicks(nok499)), At(2, Screen("error"))), "Ana was not charged and sent nothing. The screen said “error” after 2.0 s."},
		{RunOf(At(0, Does("opens")), At(1, Screen("unreachable"))), "Ana never clicked submit: her page did not load."},
		{RunOf(At(0, Does("opens")), At(1, Screen("ready"))), "Ana never clicked submit."},
		{RunOf(At(0, Does("opens")), At(1, Screen("ready"), Captured("b-ana-1", nok499))), "Ana never clicked submit, and was charged once (NOK 499.00)."},
		{RunOf(), "Nobody clicked submit."},
		{&Run{Failure: "no world"}, "The harness could not finish this story: no world."},
		{&Run{Failure: NotStarted + ": web ended"}, "The shop could not be started: web ended."},
	} {
		require.Equal(t, c.says, c.run.Sentence())
	}
}

func TestTheSentenceHasTheBrokenPromise(t *testing.T) {
	for _, c := range []struct {
		run  *Run
		says string
	}{
		{Happy(), "after 4.0 s."},
		{Happy(At(5, Authorized("b-ana-2", 129900))), "NOK 1,299.00 stays reserved. The screen said “shipped” after 4.0 s. " +
			"Broken promises: “A customer pays once for one wish to buy”, and one more."},
		{RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499)), At(2, Screen("refused"))),
			"NOK 499.00 stays reserved. The screen said “refused” after 2.0 s. Broken promise: “No money stays reserved when all is over”."},
	} {
		c.run.Judge(StandardPromises())
		require.True(t, strings.HasSuffix(c.run.Sentence(), c.says), c.run.Sentence())
	}
	own := Happy()
	own.Judge([]Promise{rules(Broken)})
	require.Contains(t, own.Sentence(), "Broken promise: p, since")
}

func TestAFailureSaysWhatBrokeAndHowToSeeItAgain(t *testing.T) {
	r := RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499), Captured("b-ana-1", nok499)))
	r.Story, r.Replay = "customer-2", "UNHAPPY_REPLAY=customer-2 go test"
	r.Judge(StandardPromises()[:2])
	require.Equal(t, `BROKE — customer-2: Ana was charged TWICE (NOK 998.00 instead of NOK 499.00, NOK 499.00 too much) and sent nothing. After her click the screen never told her anything. Broken promises: “A customer pays once for one wish to buy”, and one more.
  BROKE      charged-once: b-ana was charged twice: NOK 998.00 instead of NOK 499.00
  BROKE      goods-match-money: b-ana paid NOK 998.00 and was sent nothing
Replay: UNHAPPY_REPLAY=customer-2 go test`, r.FailureText())

	r = Happy()
	r.Expects, r.Without, r.Mismatch, r.Story = "complaint", []string{"one-payment"}, "charges: want 2, got 1", "customer-3"
	r.Judge(StandardPromises()[:1])
	require.Equal(t, `The complaint did not come true to the letter (without one-payment).
  charges: want 2, got 1
KEPT — customer-3: Ana was charged once (NOK 499.00) and sent one parcel. The screen said “shipped” after 4.0 s.`, r.FailureText())
}

func TestMoneyAndTimeAreWrittenAsACustomerReadsThem(t *testing.T) {
	for want, got := range map[string]string{
		"NOK 499.00": units.Price(49900, "NOK"), "NOK 0.05": units.Price(5, "NOK"), "NOK 0.00": units.Price(0, "NOK"),
		"NOK -1.05": units.Price(-105, "NOK"), "? 1.00": units.Price(100, ""), "NOK 1,499.00": units.Price(149900, "NOK"), "NOK 1,234,567.89": units.Price(123456789, "NOK"),
		"NOK -92,233,720,368,547,758.08": units.Price(math.MinInt64, "NOK"),
		"JPY 499":                        units.Price(499, "JPY"), "JPY 0": units.Price(0, "JPY"), "JPY 1,000": units.Price(1000, "JPY"), "JPY -5": units.Price(-5, "JPY"),
		"KWD 0.005": units.Price(5, "KWD"), "KWD 4.990": units.Price(4990, "KWD"), "kroner 4.99": units.Price(499, "kroner"),
		`"\x1b[31m" 4.99`: units.Price(499, "\x1b[31m"),
		"0.0 s":           units.FormatDuration(0), "47.2 s": units.FormatDuration(47_249 * time.Millisecond), "10 min 17 s": units.FormatDuration(617_500 * time.Millisecond), "27 h 5 min": units.FormatDuration(27*time.Hour + 5*time.Minute),
	} {
		require.Equal(t, want, got)
	}
}

// A run in which nobody could buy breaks no promise, also when it is judged again.
func TestWithoutASaleNothingIsBroken(t *testing.T) {
	sale := Promise{Name: SomebodyCanBuy, Judge: func(*Run) Ruling { return Ruling{Verdict: Unproven, Because: "nobody could buy"} }}
	broke := Promise{Name: "broke", Judge: func(*Run) Ruling { return Ruling{Verdict: Broken, Because: "it broke"} }}
	r := &Run{}
	r.Judge([]Promise{broke})
	require.Equal(t, Broken, r.Verdict())
	r.Judge([]Promise{broke, sale})
	require.Equal(t, Unproven, r.Verdict())
	r.Rulings = append(r.Rulings, Ruling{Promise: "broke", Verdict: Broken})
	r.Rejudge()
	require.Equal(t, Unproven, r.Verdict())
}
