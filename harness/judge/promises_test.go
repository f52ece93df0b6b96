package judge_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
)

// ruled is one history and what one promise must say of it.
type ruled struct {
	name    string
	run     *Run
	want    Verdict
	because string
}

func judge(t *testing.T, promise string, cases ...ruled) {
	t.Helper()
	for _, c := range append(cases, ruled{"the happy path", Happy(), Kept, ""}, ruled{"nobody bought", RunOf(), Kept, ""}) {
		t.Run(c.name, func(t *testing.T) {
			before := slices.Clone(c.run.History)
			ruling := Judged(c.run, promise)
			require.Equal(t, c.want, ruling.Verdict, ruling.Because)
			require.Contains(t, ruling.Because, c.because)
			require.Equal(t, before, c.run.History, "a judge changes nothing")
			if c.want == Broken {
				require.NotEmpty(t, ruling.Evidence, "anyone who accuses shows what happened")
			}
			for _, i := range ruling.Evidence {
				require.Less(t, i, len(c.run.History))
			}
		})
	}
}

const (
	nok499 = 49900
	nok998 = 99800
)

func TestChargedOnce(t *testing.T) {
	judge(t, "charged-once",
		ruled{"charged twice under one reference", Happy(At(5, Captured("b-ana-1", nok499))), Broken, "b-ana was charged twice: NOK 998.00 instead of NOK 499.00"},
		ruled{"charged for two orders", Happy(At(5, Captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"charged three times", Happy(At(5, Captured("b-ana-2", nok499), Captured("b-ana-3", nok499))), Broken, "charged 3 times"},
		ruled{"charged twice, and one paid back", Happy(At(5, Captured("b-ana-2", nok499)), At(6, Refunded("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"charged once and paid back", Happy(At(5, Refunded("b-ana-1", nok499))), Kept, ""},
		ruled{"a second authorization beside a live one", Happy(At(5, Authorized("b-ana-2", nok499)), At(6, Released("b-ana-2", nok499))), Broken, "a second payment of b-ana was authorized"},
		ruled{"a second authorization when the first was released", RunOf(
			At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499)), At(2, Released("b-ana-1", nok499)),
			At(3, Authorized("b-ana-2", nok499)), At(4, Captured("b-ana-2", nok499))), Kept, ""},
		ruled{"a second authorization when the first was paid back", Happy(
			At(5, Refunded("b-ana-1", nok499)), At(6, Authorized("b-ana-2", nok499))), Kept, ""},
		ruled{"refused and not charged", RunOf(At(0, Clicks(nok499)), At(1, Told("b-ana-1", "refused"))), Kept, ""},
		ruled{"refused and charged", Happy(At(5, Told("b-ana-1", "refused"))), Broken, "the shop says that the order was refused"},
		ruled{"cancelled and charged", Happy(At(5, Told("b-ana-1", "cancelled"))), Broken, "cancelled"},
		ruled{"two customers, each charged once", Happy(At(5, By("bo", Clicks(nok499)), Captured("b-bo-1", nok499))), Kept, ""},
		ruled{"two customers, one charged twice", Happy(At(5, By("bo", Clicks(nok499)), Captured("b-bo-1", nok499), Captured("b-bo-2", nok499))), Broken, "b-bo was charged twice"},
		ruled{"a basket whose name begins like another's", Happy(At(5, By("ana-lise", Clicks(nok499)), Captured("b-ana-lise-1", nok499))), Kept, ""},
	)
}

func TestGoodsMatchMoney(t *testing.T) {
	judge(t, "goods-match-money",
		ruled{"paid and nothing sent", RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499))), Broken, "paid NOK 499.00 and was sent nothing"},
		ruled{"paid, and the parcel was cancelled", Happy(At(5, Parcel("cancelled", "b-ana-1"))), Broken, "was sent nothing"},
		ruled{"sent and nothing paid", RunOf(At(0, Clicks(nok499)), At(1, Booked("b-ana-1"))), Broken, "was sent one parcel and paid NOK 0.00, and NOK 499.00 was due"},
		ruled{"sent and paid back", Happy(At(5, Refunded("b-ana-1", nok499))), Broken, "paid NOK 0.00"},
		ruled{"paid back, and the parcel cancelled", Happy(At(5, Refunded("b-ana-1", nok499), Parcel("cancelled", "b-ana-1"))), Kept, ""},
		ruled{"two parcels for one payment", Happy(At(5, Booked("b-ana-1"))), Broken, "was sent 2 parcels and paid NOK 499.00, and NOK 499.00 was due for one wish to buy"},
		ruled{"two parcels, paid twice, one paid back", Happy(At(5, Captured("b-ana-2", nok499), Booked("b-ana-2")), At(6, Refunded("b-ana-2", nok499))), Broken, "was sent 2 parcels and paid NOK 499.00"},
		ruled{"two parcels for two payments", Happy(At(5, Captured("b-ana-2", nok499), Booked("b-ana-2"))), Kept, ""},
		ruled{"two payments for one parcel", Happy(At(5, Captured("b-ana-2", nok499))), Broken, "paid NOK 998.00 and was sent one parcel"},
		ruled{"two payments for one parcel, one paid back", Happy(At(5, Captured("b-ana-2", nok499)), At(6, Refunded("b-ana-2", nok499))), Kept, ""},
		ruled{"a parcel booked again", Happy(At(5, Parcel("cancelled", "b-ana-1")), At(6, Booked("b-ana-1"))), Kept, ""},
		ruled{"more cancelled than booked", RunOf(At(0, Clicks(nok499)), At(1, Parcel("cancelled", "b-ana-1"))), Broken, "cancelled more parcels"},
		ruled{"nothing paid and nothing sent", RunOf(At(0, Clicks(nok499))), Kept, ""},
	)
}

// A shop that sends each item of an order in a parcel of its own is right to do so.
func TestAnOrderOfTwoParcels(t *testing.T) {
	paid := At(1, Captured("b-ana-1", nok499))
	for name, row := range map[string]struct {
		run     *Run
		because string
	}{
		"none":         {RunOf(At(0, Clicks(nok499)), paid), "paid NOK 499.00 and was sent nothing"},
		"one":          {RunOf(At(0, Clicks(nok499)), paid, At(2, Booked("b-ana-1"))), "was sent one parcel, and an order is sent in 2"},
		"two":          {RunOf(At(0, Clicks(nok499)), paid, At(2, Booked("b-ana-1"), Booked("b-ana-1"))), ""},
		"three":        {RunOf(At(0, Clicks(nok499)), paid, At(2, Booked("b-ana-1"), Booked("b-ana-1"), Booked("b-ana-1"))), "was sent 3 parcels, and an order is sent in 2"},
		"four":         {RunOf(At(0, Clicks(nok499)), paid, At(2, Booked("b-ana-1"), Booked("b-ana-1"), Booked("b-ana-1"), Booked("b-ana-1"))), "was sent 4 parcels and paid NOK 499.00, and NOK 499.00 was due for one wish to buy"},
		"a gift":       {RunOf(At(0, DueOf(Clicks(nok499), 0)), At(2, Booked("b-ana-1"), Booked("b-ana-1"))), ""},
		"a gift once":  {RunOf(At(0, DueOf(Clicks(nok499), 0)), At(1, Clicks(nok499)), At(2, Booked("b-ana-1"), Booked("b-ana-1"))), ""},
		"a gift twice": {RunOf(At(0, DueOf(Clicks(nok499), 0)), At(2, Booked("b-ana-1"), Booked("b-ana-1"), Booked("b-ana-1"), Booked("b-ana-1"))), "was sent 4 parcels"},
		"unpaid":       {RunOf(At(0, Clicks(nok499)), At(2, Booked("b-ana-1"), Booked("b-ana-1"))), "was sent 2 parcels and paid NOK 0.00, and NOK 499.00 was due"},
	} {
		row.run.ParcelsEach = 2
		ruling := Judged(row.run, "goods-match-money")
		require.Equal(t, row.because == "", ruling.Verdict == Kept, "%s: %s", name, ruling.Because)
		require.Contains(t, ruling.Because, row.because, name)
	}
}

// Who has closed the lid of her computer does not wait before it.
func TestToldInTimeBeforeAClosedLid(t *testing.T) {
	click := At(0, Clicks(nok499), Screen("waiting"))
	closed, opened := At(5, Does("closes the lid")), At(905, Does("opens the lid"))
	judge(t, "told-in-time",
		ruled{"told at the last moment", RunOf(click, closed, opened, At(930, Screen("checking")), At(940, Screen("shipped"))), Kept, ""},
		ruled{"told too late", RunOf(click, closed, opened, At(930.1, Screen("shipped"))), Broken, "was told nothing for 30.1 s, longer than her patience of 30.0 s"},
		ruled{"closed too late", RunOf(click, At(31, Does("closes the lid")), At(931, Does("opens the lid")), At(932, Screen("shipped"))), Broken, "was told nothing for 32.0 s"},
		ruled{"closed twice", RunOf(click, closed, At(10, Does("closes the lid")), At(905, Does("opens the lid")), At(1005, Does("opens the lid")), At(1030, Screen("shipped"))), Kept, ""},
		ruled{"closed before", RunOf(At(0, Does("closes the lid")), At(10, Does("opens the lid")), At(20, Clicks(nok499), Screen("waiting")), At(50.1, Screen("shipped"))), Broken, "was told nothing for 30.1 s"},
		ruled{"told as she closed it", RunOf(click, closed, At(100, Screen("shipped"))), Kept, ""},
		ruled{"never told", RunOf(click, closed, opened), Broken, "b-ana clicked and was never told anything"},
	)
}

func TestToldInTime(t *testing.T) {
	click := At(0, Clicks(nok499), Screen("waiting"))
	waits := At(1, Does("waits to be told"))
	judge(t, "told-in-time",
		ruled{"never told", RunOf(click), Broken, "b-ana clicked and was never told anything"},
		ruled{"back to the form", RunOf(click, At(5, Screen("ready"))), Broken, "never told anything"},
		ruled{"told at the last moment", RunOf(click, At(30, Screen("checking")), At(40, Screen("shipped"))), Kept, ""},
		ruled{"told too late", RunOf(click, At(30.1, Screen("shipped"))), Broken, "was told nothing for 30.1 s, longer than her patience of 30.0 s"},
		ruled{"what stood there before the click does not count", RunOf(At(0, Screen("checking")), At(1, Clicks(nok499))), Broken, "never told"},
		ruled{"patience begins with the first click", RunOf(click, At(20, Clicks(nok499)), At(40, Screen("shipped"))), Broken, "for 40.0 s"},
		ruled{"an honest “checking”, and the truth when it is known", RunOf(click, waits, At(10, Screen("checking")), At(90, Screen("shipped"))), Kept, ""},
		ruled{"“checking” for ever, and she waits", RunOf(click, waits, At(10, Screen("checking"))), Broken, "the screen still said “checking” when all was over"},
		ruled{"“checking” for ever, and she does not say that she waits", RunOf(click, At(10, Screen("checking"))), Broken, "the screen still said “checking”"},
		ruled{"“checking”, and she leaves", RunOf(click, waits, At(10, Screen("checking")), At(40, Does("leaves"))), Kept, ""},
		ruled{"she leaves before her patience ends", RunOf(click, At(10, Does("leaves"))), Kept, ""},
		ruled{"she leaves one of two tabs, and looks at the other for ever", RunOf(click, At(2, InTab("tab 2", Does("opens"))), At(3, InTab("tab 2", Does("leaves")))), Broken, "never told"},
		ruled{"she leaves both of two tabs", RunOf(click, At(2, InTab("tab 2", Does("opens"))), At(3, InTab("tab 2", Does("leaves")), Does("leaves"))), Kept, ""},
		ruled{"she leaves unhappy", RunOf(click, At(31, Does("leaves"))), Broken, "never told"},
		ruled{"she leaves, comes back later and is told", RunOf(click, At(10, Does("leaves")), At(300, Does("opens")), At(301, Screen("shipped"))), Kept, ""},
		ruled{"she leaves, comes back and is told nothing", RunOf(click, At(10, Does("leaves")), At(300, Does("opens"))), Broken, "never told"},
		ruled{"she leaves, comes back, waits and is never told the outcome", RunOf(click, At(10, Does("leaves")), At(300, Does("opens"), Does("waits to be told")), At(301, Screen("checking"))), Broken, "still said “checking”"},
		ruled{"told in the second of two tabs", RunOf(click, At(2, Does("opens"), Clicks(nok499)), At(3, Screen("shipped"))), Kept, ""},
		ruled{"another's screen does not help", RunOf(click, At(1, By("bo", Clicks(nok499)), By("bo", Screen("shipped")))), Broken, "b-ana clicked"},
	)
	patient := RunOf(click, At(50, Screen("shipped")))
	patient.Patience = time.Minute
	require.Equal(t, Kept, Judged(patient, "told-in-time").Verdict)
}

// A payment that a customer leaves open has no outcome yet, and nobody can tell her one.
func TestAPaymentThatSheLeavesOpenHasNoOutcome(t *testing.T) {
	click := At(0, Clicks(nok499), Screen("waiting"))
	created := At(1, Money(observe.MoneyCreated, "b-ana-1", 49900), Screen("checking"))
	leaves := Injected(0, observe.Fired)
	leaves.Effect.Payment = "b-ana-1"
	decided := At(4, leaves)
	judge(t, "told-in-time",
		ruled{"she leaves it open", RunOf(click, created, decided), Kept, ""},
		ruled{"she does not", RunOf(click, created), Broken, "still said “checking”"},
		ruled{"it ran out", RunOf(click, created, decided, At(600, Money(observe.MoneyExpired, "b-ana-1", 49900))), Broken, "still said “checking”"},
		ruled{"she declined it", RunOf(click, created, At(4, Money(observe.MoneyAborted, "b-ana-1", 49900), leaves)), Broken, "still said “checking”"},
		ruled{"another one was paid", RunOf(click, created, decided, At(9, Money(observe.MoneyCreated, "b-ana-2", 49900), Money(observe.MoneyAuthorized, "b-ana-2", 49900))), Broken, "still said “checking”"},
		ruled{"she was told nothing", RunOf(click, At(1, Money(observe.MoneyCreated, "b-ana-1", 49900)), decided), Broken, "was never told anything"},
	)
}

func TestScreenIsHonest(t *testing.T) {
	click := At(0, Clicks(nok499), Screen("waiting"))
	judge(t, "screen-is-honest",
		ruled{"“shipped” before there is a parcel", RunOf(click, At(1, Captured("b-ana-1", nok499)), At(2, Screen("shipped")), At(3, Booked("b-ana-1"))), Broken, "said “shipped” at 2.0 s, with 1 charges and 0 parcels"},
		ruled{"“shipped” before it was paid", RunOf(click, At(1, Booked("b-ana-1")), At(2, Screen("shipped"))), Broken, "with 0 charges"},
		ruled{"“shipped” in the very instant of the parcel", RunOf(click, At(1, Captured("b-ana-1", nok499)), At(2, Screen("shipped"), Booked("b-ana-1"))), Kept, ""},
		ruled{"“shipped”, and then the parcel was cancelled", Happy(At(5, Parcel("cancelled", "b-ana-1"))), Broken, "no parcel is on its way"},
		ruled{"“refused”, and not charged", RunOf(click, At(1, Screen("refused"))), Kept, ""},
		ruled{"“refused”, and charged later", RunOf(click, At(1, Screen("refused")), At(60, Captured("b-ana-1", nok499))), Broken, "said “refused”, and the provider charged NOK 499.00"},
		ruled{"“paid”, and then all was paid back", Happy(At(5, Screen("paid")), At(6, Refunded("b-ana-1", nok499), Parcel("cancelled", "b-ana-1"))), Broken, "“paid”, and all was paid back"},
		ruled{"“paid” when all had been paid back", Happy(At(5, Refunded("b-ana-1", nok499), Parcel("cancelled", "b-ana-1")), At(6, Screen("paid"))), Broken, "or all was paid back"},
		ruled{"“cancelled”, and charged", RunOf(click, At(1, Captured("b-ana-1", nok499)), At(2, Screen("cancelled"))), Broken, "said “cancelled”"},
		ruled{"“refunded”, and so it is", Happy(At(5, Refunded("b-ana-1", nok499), Parcel("cancelled", "b-ana-1")), At(6, Screen("refunded"))), Kept, ""},
		ruled{"“refunded” too early", Happy(At(5, Screen("refunded")), At(6, Refunded("b-ana-1", nok499))), Broken, "when NOK 0.00 of NOK 499.00 were paid back"},
		ruled{"“refunded” in part", Happy(At(5, Refunded("b-ana-1", 100)), At(6, Screen("refunded"))), Broken, "when NOK 1.00 of"},
		ruled{"“refunded”, and never charged", RunOf(click, At(1, Screen("refunded"))), Broken, "“refunded”"},
		ruled{"“checking” is always true", Happy(At(5, Screen("checking"))), Kept, ""},
		ruled{"offers to buy again when charged", Happy(At(5, Screen("ready"))), Broken, "offered to buy again at 5.0 s"},
		ruled{"offers to buy in the very instant of the charge", RunOf(click, At(1, Captured("b-ana-1", nok499), Screen("ready"))), Kept, ""},
		ruled{"a second tab offers to buy before the charge", RunOf(click, At(1, Screen("ready")), At(2, Captured("b-ana-1", nok499))), Kept, ""},
		ruled{"offers to buy again when paid back", Happy(At(5, Refunded("b-ana-1", nok499), Parcel("cancelled", "b-ana-1")), At(6, Screen("ready"))), Kept, ""},
		ruled{"the truth is late, and true", RunOf(click, At(10, Screen("checking")), At(100, Captured("b-ana-1", nok499), Booked("b-ana-1")), At(200, Screen("shipped"))), Kept, ""},
	)
}

func TestNothingLeftReserved(t *testing.T) {
	judge(t, "nothing-left-reserved",
		ruled{"reserved for ever", RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499))), Broken, "NOK 499.00 of b-ana are still reserved"},
		ruled{"released", RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499)), At(2, Released("b-ana-1", nok499))), Kept, ""},
		ruled{"captured in part", RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499)), At(2, Captured("b-ana-1", 49800))), Broken, "NOK 1.00 of b-ana"},
		ruled{"captured in part and the rest released", RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", nok499)), At(2, Captured("b-ana-1", 49800), Released("b-ana-1", 100))), Kept, ""},
		ruled{"a second hold left behind", Happy(At(5, Authorized("b-ana-2", nok499))), Broken, "NOK 499.00"},
		ruled{"a refund is no reservation", Happy(At(5, Refunded("b-ana-1", nok499))), Kept, ""},
	)
}

func TestAmountAsShown(t *testing.T) {
	inEuros := Captured("b-ana-1", nok499)
	inEuros.Entry.Currency = "EUR"
	judge(t, "amount-as-shown",
		ruled{"off by one minor unit", RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499+1))), Broken, "b-ana was charged NOK 499.01 instead of NOK 499.00, which the page showed"},
		ruled{"off by a factor of a hundred", RunOf(At(0, Clicks(80)), At(1, Captured("b-ana-1", 8000))), Broken, "NOK 80.00"},
		ruled{"in another currency", RunOf(At(0, Clicks(nok499)), At(1, inEuros)), Broken, "EUR 499.00"},
		ruled{"of two pages, either may be the one", RunOf(At(0, Clicks(nok499)), At(1, Clicks(99900)), At(2, Captured("b-ana-1", nok499))), Kept, ""},
		ruled{"a page that came later", RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", 99900)), At(2, Clicks(99900))), Broken, "b-ana was charged NOK 999.00 instead of NOK 499.00, which the page showed"},
		ruled{"an authorization of another amount charges nothing", RunOf(At(0, Clicks(nok499)), At(1, Authorized("b-ana-1", 1))), Kept, ""},
	)
}

func TestNoStorm(t *testing.T) {
	calls := func(n int, every float64) *Run {
		moments := []Moment{At(0, Clicks(nok499))}
		for i := range n {
			moments = append(moments, At(float64(i)*every, Message(observe.Sent, "checkout>provider", observe.ProviderHop, "")))
		}
		return RunOf(moments...)
	}
	tooMany := Message(observe.Answered, "checkout>provider", observe.ProviderHop, "")
	tooMany.Message.Status = 429
	elsewhere := Message(observe.Answered, "checkout>shipping", observe.ShippingHop, "")
	elsewhere.Message.Status = 429
	judge(t, "no-storm",
		ruled{"ninety calls in a minute", calls(90, 0.1), Kept, ""},
		ruled{"one more", calls(91, 0.1), Broken, "the shop called the provider 91 times in one minute for b-ana"},
		ruled{"as many over an hour", calls(1800, 2), Kept, ""},
		ruled{"the provider says 429", Happy(At(5, tooMany)), Broken, "calls too often (429)"},
		ruled{"somebody else says 429", Happy(At(5, elsewhere)), Kept, ""},
	)
}

func TestOutcomesStand(t *testing.T) {
	judge(t, "outcomes-stand",
		ruled{"shipped, told again", Happy(At(5, Told("b-ana-1", "shipped"))), Kept, ""},
		ruled{"shipped, then pending", Happy(At(5, Told("b-ana-1", "pending"))), Broken, "order b-ana-1 was shipped, and later that it is pending"},
		ruled{"cancelled, then shipped", RunOf(At(0, Clicks(nok499)), At(1, Told("b-ana-1", "cancelled")), At(2, Told("b-ana-1", "shipped"))), Broken, "was cancelled"},
		ruled{"pending, checking, refused", RunOf(At(0, Clicks(nok499)), At(1, Told("b-ana-1", "pending")), At(2, Told("b-ana-1", "checking")), At(3, Told("b-ana-1", "refused"))), Kept, ""},
		ruled{"one order refused, the next one shipped", RunOf(At(0, Clicks(nok499)), At(1, Told("b-ana-1", "refused")), At(2, Told("b-ana-2", "shipped"))), Kept, ""},
	)
}

func TestCallerSaw(t *testing.T) {
	sees := func(class observe.Class, events ...observe.Event) Ruling {
		r := Happy(At(5, events...))
		r.Routes = observe.Routes{{Operation: observe.Submit, Hop: observe.CustomerHop, Method: "PUT", Path: "/orders/{id}"}}
		return CallerSaw(observe.Submit, class).Judge(r)
	}
	byTap := Failed("c", observe.Reset)
	byTap.Actor = string(observe.CustomerHop)
	require.Equal(t, Kept, sees(observe.Reset, Failed("c", observe.Ended), Failed("c", observe.Reset)).Verdict)
	require.Equal(t, Unproven, sees(observe.Reset, byTap).Verdict, "the tap is not the caller")
	wrong := sees(observe.Reset, Failed("c", observe.Ended))
	require.Equal(t, Unproven, wrong.Verdict)
	require.Contains(t, wrong.Because, `["eof"]`)
}

func TestEveryStandardPromiseIsNamedAndSaysWhatItPromises(t *testing.T) {
	names := map[string]bool{}
	for _, p := range StandardPromises() {
		require.Regexp(t, `^[a-z]+(-[a-z]+)*$`, p.Name)
		require.Regexp(t, `^[A-Z].*\.$`, p.Says)
		require.False(t, names[p.Name], "%s twice", p.Name)
		names[p.Name] = true
	}
}

// What a run that did not come to rest says all the same: her patience is over.
func TestToldNothingIsBrokenEvenWhereSomethingStillMoves(t *testing.T) {
	click := At(0, Clicks(nok499), Screen("waiting"))
	for name, c := range map[string]struct {
		run  *Run
		want Verdict
	}{
		"her patience is over":                 {RunOf(click, At(31, By("", Screen("waiting")))), Broken},
		"her patience lasts":                   {RunOf(click, At(29, By("", Screen("waiting")))), Unproven},
		"she was told something":               {RunOf(click, At(10, Screen("checking")), At(50, Screen("checking"))), Unproven},
		"she was told something, but too late": {RunOf(click, At(40, Screen("checking")), At(50, Screen("checking"))), Broken},
		"she was told all":                     {RunOf(click, At(10, Screen("shipped")), At(50, Screen("shipped"))), Unproven},
		"she left":                             {RunOf(click, At(10, Does("leaves")), At(300, Does("opens")), At(400, Screen("waiting"))), Unproven},
	} {
		c.run.Unsettled = "something still moved"
		require.Equal(t, c.want, Judged(c.run, "told-in-time").Verdict, name)
	}
}

// Where nobody is told of the goods, the money alone is judged.
func TestGoodsMatchMoneyWithoutACarrier(t *testing.T) {
	paid := RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499)))
	paid.NoCarrier = true
	require.Equal(t, Kept, Judged(paid, "goods-match-money").Verdict)
	paidBackTwice := RunOf(At(0, Clicks(nok499)), At(1, Captured("b-ana-1", nok499)), At(2, Refunded("b-ana-1", 2*nok499)))
	paidBackTwice.NoCarrier = true
	require.Equal(t, Broken, Judged(paidBackTwice, "goods-match-money").Verdict)
}
