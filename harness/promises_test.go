package harness_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
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
	for _, c := range append(cases, ruled{"the happy path", happy(), Kept, ""}, ruled{"nobody bought", run(), Kept, ""}) {
		t.Run(c.name, func(t *testing.T) {
			before := slices.Clone(c.run.History)
			ruling := judged(c.run, promise)
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
		ruled{"charged twice under one reference", happy(at(5, captured("b-ana-1", nok499))), Broken, "b-ana was charged twice: NOK 998.00 instead of NOK 499.00"},
		ruled{"charged for two orders", happy(at(5, captured("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"charged three times", happy(at(5, captured("b-ana-2", nok499), captured("b-ana-3", nok499))), Broken, "charged 3 times"},
		ruled{"charged twice, and one paid back", happy(at(5, captured("b-ana-2", nok499)), at(6, refunded("b-ana-2", nok499))), Broken, "charged twice"},
		ruled{"charged once and paid back", happy(at(5, refunded("b-ana-1", nok499))), Kept, ""},
		ruled{"a second authorization beside a live one", happy(at(5, authorized("b-ana-2", nok499)), at(6, released("b-ana-2", nok499))), Broken, "a second payment of b-ana was authorized"},
		ruled{"a second authorization when the first was released", run(
			at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499)), at(2, released("b-ana-1", nok499)),
			at(3, authorized("b-ana-2", nok499)), at(4, captured("b-ana-2", nok499))), Kept, ""},
		ruled{"a second authorization when the first was paid back", happy(
			at(5, refunded("b-ana-1", nok499)), at(6, authorized("b-ana-2", nok499))), Kept, ""},
		ruled{"refused and not charged", run(at(0, clicks(nok499)), at(1, told("b-ana-1", "refused"))), Kept, ""},
		ruled{"refused and charged", happy(at(5, told("b-ana-1", "refused"))), Broken, "the shop says that the order was refused"},
		ruled{"cancelled and charged", happy(at(5, told("b-ana-1", "cancelled"))), Broken, "cancelled"},
		ruled{"two customers, each charged once", happy(at(5, by("bo", clicks(nok499)), captured("b-bo-1", nok499))), Kept, ""},
		ruled{"two customers, one charged twice", happy(at(5, by("bo", clicks(nok499)), captured("b-bo-1", nok499), captured("b-bo-2", nok499))), Broken, "b-bo was charged twice"},
		ruled{"a basket whose name begins like another's", happy(at(5, by("ana-lise", clicks(nok499)), captured("b-ana-lise-1", nok499))), Kept, ""},
	)
}

func TestGoodsMatchMoney(t *testing.T) {
	judge(t, "goods-match-money",
		ruled{"paid and nothing sent", run(at(0, clicks(nok499)), at(1, captured("b-ana-1", nok499))), Broken, "paid NOK 499.00 and was sent nothing"},
		ruled{"paid, and the parcel was cancelled", happy(at(5, parcel("cancelled", "b-ana-1"))), Broken, "was sent nothing"},
		ruled{"sent and nothing paid", run(at(0, clicks(nok499)), at(1, booked("b-ana-1"))), Broken, "was sent one parcel and paid NOK 0.00, and NOK 499.00 was due"},
		ruled{"sent and paid back", happy(at(5, refunded("b-ana-1", nok499))), Broken, "paid NOK 0.00"},
		ruled{"paid back, and the parcel cancelled", happy(at(5, refunded("b-ana-1", nok499), parcel("cancelled", "b-ana-1"))), Kept, ""},
		ruled{"two parcels for one payment", happy(at(5, booked("b-ana-1"))), Broken, "was sent 2 parcels and paid NOK 499.00, and NOK 998.00 was due"},
		ruled{"two parcels, paid twice, one paid back", happy(at(5, captured("b-ana-2", nok499), booked("b-ana-2")), at(6, refunded("b-ana-2", nok499))), Broken, "was sent 2 parcels and paid NOK 499.00"},
		ruled{"two parcels for two payments", happy(at(5, captured("b-ana-2", nok499), booked("b-ana-2"))), Kept, ""},
		ruled{"two payments for one parcel", happy(at(5, captured("b-ana-2", nok499))), Broken, "paid NOK 998.00 and was sent one parcel"},
		ruled{"two payments for one parcel, one paid back", happy(at(5, captured("b-ana-2", nok499)), at(6, refunded("b-ana-2", nok499))), Kept, ""},
		ruled{"a parcel booked again", happy(at(5, parcel("cancelled", "b-ana-1")), at(6, booked("b-ana-1"))), Kept, ""},
		ruled{"more cancelled than booked", run(at(0, clicks(nok499)), at(1, parcel("cancelled", "b-ana-1"))), Broken, "cancelled more parcels"},
		ruled{"nothing paid and nothing sent", run(at(0, clicks(nok499))), Kept, ""},
	)
}

func TestToldInTime(t *testing.T) {
	click := at(0, clicks(nok499), screen("waiting"))
	waits := at(1, does("waits to be told"))
	judge(t, "told-in-time",
		ruled{"never told", run(click), Broken, "b-ana clicked and was never told anything"},
		ruled{"back to the form", run(click, at(5, screen("ready"))), Broken, "never told anything"},
		ruled{"told at the last moment", run(click, at(30, screen("checking")), at(40, screen("shipped"))), Kept, ""},
		ruled{"told too late", run(click, at(30.1, screen("shipped"))), Broken, "was told nothing for 30.1 s, longer than her patience of 30.0 s"},
		ruled{"what stood there before the click does not count", run(at(0, screen("checking")), at(1, clicks(nok499))), Broken, "never told"},
		ruled{"patience begins with the first click", run(click, at(20, clicks(nok499)), at(40, screen("shipped"))), Broken, "for 40.0 s"},
		ruled{"an honest “checking”, and the truth when it is known", run(click, waits, at(10, screen("checking")), at(90, screen("shipped"))), Kept, ""},
		ruled{"“checking” for ever, and she waits", run(click, waits, at(10, screen("checking"))), Broken, "the screen still said “checking” when all was over"},
		ruled{"“checking” for ever, and she does not say that she waits", run(click, at(10, screen("checking"))), Broken, "the screen still said “checking”"},
		ruled{"“checking”, and she leaves", run(click, waits, at(10, screen("checking")), at(40, does("leaves"))), Kept, ""},
		ruled{"she leaves before her patience ends", run(click, at(10, does("leaves"))), Kept, ""},
		ruled{"she leaves one of two tabs, and looks at the other for ever", run(click, at(2, inTab("tab 2", does("opens"))), at(3, inTab("tab 2", does("leaves")))), Broken, "never told"},
		ruled{"she leaves both of two tabs", run(click, at(2, inTab("tab 2", does("opens"))), at(3, inTab("tab 2", does("leaves")), does("leaves"))), Kept, ""},
		ruled{"she leaves unhappy", run(click, at(31, does("leaves"))), Broken, "never told"},
		ruled{"she leaves, comes back later and is told", run(click, at(10, does("leaves")), at(300, does("opens")), at(301, screen("shipped"))), Kept, ""},
		ruled{"she leaves, comes back and is told nothing", run(click, at(10, does("leaves")), at(300, does("opens"))), Broken, "never told"},
		ruled{"she leaves, comes back, waits and is never told the outcome", run(click, at(10, does("leaves")), at(300, does("opens"), does("waits to be told")), at(301, screen("checking"))), Broken, "still said “checking”"},
		ruled{"told in the second of two tabs", run(click, at(2, does("opens"), clicks(nok499)), at(3, screen("shipped"))), Kept, ""},
		ruled{"another's screen does not help", run(click, at(1, by("bo", clicks(nok499)), by("bo", screen("shipped")))), Broken, "b-ana clicked"},
	)
	patient := run(click, at(50, screen("shipped")))
	patient.Patience = time.Minute
	require.Equal(t, Kept, judged(patient, "told-in-time").Verdict)
}

func TestScreenIsHonest(t *testing.T) {
	click := at(0, clicks(nok499), screen("waiting"))
	judge(t, "screen-is-honest",
		ruled{"“shipped” before there is a parcel", run(click, at(1, captured("b-ana-1", nok499)), at(2, screen("shipped")), at(3, booked("b-ana-1"))), Broken, "said “shipped” at 2.0 s, with 1 charges and 0 parcels"},
		ruled{"“shipped” before it was paid", run(click, at(1, booked("b-ana-1")), at(2, screen("shipped"))), Broken, "with 0 charges"},
		ruled{"“shipped” in the very instant of the parcel", run(click, at(1, captured("b-ana-1", nok499)), at(2, screen("shipped"), booked("b-ana-1"))), Kept, ""},
		ruled{"“shipped”, and then the parcel was cancelled", happy(at(5, parcel("cancelled", "b-ana-1"))), Broken, "no parcel is on its way"},
		ruled{"“refused”, and not charged", run(click, at(1, screen("refused"))), Kept, ""},
		ruled{"“refused”, and charged later", run(click, at(1, screen("refused")), at(60, captured("b-ana-1", nok499))), Broken, "said “refused”, and the provider charged NOK 499.00"},
		ruled{"“paid”, and then all was paid back", happy(at(5, screen("paid")), at(6, refunded("b-ana-1", nok499), parcel("cancelled", "b-ana-1"))), Broken, "“paid”, and all was paid back"},
		ruled{"“paid” when all had been paid back", happy(at(5, refunded("b-ana-1", nok499), parcel("cancelled", "b-ana-1")), at(6, screen("paid"))), Broken, "or all was paid back"},
		ruled{"“cancelled”, and charged", run(click, at(1, captured("b-ana-1", nok499)), at(2, screen("cancelled"))), Broken, "said “cancelled”"},
		ruled{"“refunded”, and so it is", happy(at(5, refunded("b-ana-1", nok499), parcel("cancelled", "b-ana-1")), at(6, screen("refunded"))), Kept, ""},
		ruled{"“refunded” too early", happy(at(5, screen("refunded")), at(6, refunded("b-ana-1", nok499))), Broken, "when NOK 0.00 of NOK 499.00 were paid back"},
		ruled{"“refunded” in part", happy(at(5, refunded("b-ana-1", 100)), at(6, screen("refunded"))), Broken, "when NOK 1.00 of"},
		ruled{"“refunded”, and never charged", run(click, at(1, screen("refunded"))), Broken, "“refunded”"},
		ruled{"“checking” is always true", happy(at(5, screen("checking"))), Kept, ""},
		ruled{"offers to buy again when charged", happy(at(5, screen("ready"))), Broken, "offered to buy again at 5.0 s"},
		ruled{"offers to buy in the very instant of the charge", run(click, at(1, captured("b-ana-1", nok499), screen("ready"))), Kept, ""},
		ruled{"a second tab offers to buy before the charge", run(click, at(1, screen("ready")), at(2, captured("b-ana-1", nok499))), Kept, ""},
		ruled{"offers to buy again when paid back", happy(at(5, refunded("b-ana-1", nok499), parcel("cancelled", "b-ana-1")), at(6, screen("ready"))), Kept, ""},
		ruled{"the truth is late, and true", run(click, at(10, screen("checking")), at(100, captured("b-ana-1", nok499), booked("b-ana-1")), at(200, screen("shipped"))), Kept, ""},
	)
}

func TestNothingLeftReserved(t *testing.T) {
	judge(t, "nothing-left-reserved",
		ruled{"reserved for ever", run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499))), Broken, "NOK 499.00 of b-ana are still reserved"},
		ruled{"released", run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499)), at(2, released("b-ana-1", nok499))), Kept, ""},
		ruled{"captured in part", run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499)), at(2, captured("b-ana-1", 49800))), Broken, "NOK 1.00 of b-ana"},
		ruled{"captured in part and the rest released", run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", nok499)), at(2, captured("b-ana-1", 49800), released("b-ana-1", 100))), Kept, ""},
		ruled{"a second hold left behind", happy(at(5, authorized("b-ana-2", nok499))), Broken, "NOK 499.00"},
		ruled{"a refund is no reservation", happy(at(5, refunded("b-ana-1", nok499))), Kept, ""},
	)
}

func TestAmountAsShown(t *testing.T) {
	inEuros := captured("b-ana-1", nok499)
	inEuros.Entry.Currency = "EUR"
	judge(t, "amount-as-shown",
		ruled{"off by one minor unit", run(at(0, clicks(nok499)), at(1, captured("b-ana-1", nok499+1))), Broken, "b-ana was charged NOK 499.01 instead of NOK 499.00, which the page showed"},
		ruled{"off by a factor of a hundred", run(at(0, clicks(80)), at(1, captured("b-ana-1", 8000))), Broken, "NOK 80.00"},
		ruled{"in another currency", run(at(0, clicks(nok499)), at(1, inEuros)), Broken, "EUR 499.00"},
		ruled{"of two pages, either may be the one", run(at(0, clicks(nok499)), at(1, clicks(99900)), at(2, captured("b-ana-1", nok499))), Kept, ""},
		ruled{"a page that came later", run(at(0, clicks(nok499)), at(1, captured("b-ana-1", 99900)), at(2, clicks(99900))), Broken, "b-ana was charged NOK 999.00 instead of NOK 499.00, which the page showed"},
		ruled{"an authorization of another amount charges nothing", run(at(0, clicks(nok499)), at(1, authorized("b-ana-1", 1))), Kept, ""},
	)
}

func TestNoStorm(t *testing.T) {
	calls := func(n int, every float64) *Run {
		moments := []moment{at(0, clicks(nok499))}
		for i := range n {
			moments = append(moments, at(float64(i)*every, message(observe.Sent, "checkout>provider", ProviderHop, "")))
		}
		return run(moments...)
	}
	tooMany := message(observe.Answered, "checkout>provider", ProviderHop, "")
	tooMany.Message.Status = 429
	elsewhere := message(observe.Answered, "checkout>shipping", ShippingHop, "")
	elsewhere.Message.Status = 429
	judge(t, "no-storm",
		ruled{"ninety calls in a minute", calls(90, 0.1), Kept, ""},
		ruled{"one more", calls(91, 0.1), Broken, "the shop called the provider 91 times in one minute for b-ana"},
		ruled{"as many over an hour", calls(1800, 2), Kept, ""},
		ruled{"the provider says 429", happy(at(5, tooMany)), Broken, "calls too often (429)"},
		ruled{"somebody else says 429", happy(at(5, elsewhere)), Kept, ""},
	)
}

func TestOutcomesStand(t *testing.T) {
	judge(t, "outcomes-stand",
		ruled{"shipped, told again", happy(at(5, told("b-ana-1", "shipped"))), Kept, ""},
		ruled{"shipped, then pending", happy(at(5, told("b-ana-1", "pending"))), Broken, "order b-ana-1 was shipped, and later that it is pending"},
		ruled{"cancelled, then shipped", run(at(0, clicks(nok499)), at(1, told("b-ana-1", "cancelled")), at(2, told("b-ana-1", "shipped"))), Broken, "was cancelled"},
		ruled{"pending, checking, refused", run(at(0, clicks(nok499)), at(1, told("b-ana-1", "pending")), at(2, told("b-ana-1", "checking")), at(3, told("b-ana-1", "refused"))), Kept, ""},
		ruled{"one order refused, the next one shipped", run(at(0, clicks(nok499)), at(1, told("b-ana-1", "refused")), at(2, told("b-ana-2", "shipped"))), Kept, ""},
	)
}

func TestCallerSaw(t *testing.T) {
	sees := func(class observe.Class, events ...Event) Ruling {
		r := happy(at(5, events...))
		r.Routes = observe.Routes{{Operation: Submit, Hop: CustomerHop, Method: "PUT", Path: "/orders/{id}"}}
		return CallerSaw(Submit, class).Judge(r)
	}
	byTap := failed("c", observe.Reset)
	byTap.Actor = string(CustomerHop)
	require.Equal(t, Kept, sees(observe.Reset, failed("c", observe.Ended), failed("c", observe.Reset)).Verdict)
	require.Equal(t, Unproven, sees(observe.Reset, byTap).Verdict, "the tap is not the caller")
	wrong := sees(observe.Reset, failed("c", observe.Ended))
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
	click := at(0, clicks(nok499), screen("waiting"))
	for name, c := range map[string]struct {
		run  *Run
		want Verdict
	}{
		"her patience is over":                 {run(click, at(31, by("", screen("waiting")))), Broken},
		"her patience lasts":                   {run(click, at(29, by("", screen("waiting")))), Unproven},
		"she was told something":               {run(click, at(10, screen("checking")), at(50, screen("checking"))), Unproven},
		"she was told something, but too late": {run(click, at(40, screen("checking")), at(50, screen("checking"))), Broken},
		"she was told all":                     {run(click, at(10, screen("shipped")), at(50, screen("shipped"))), Unproven},
		"she left":                             {run(click, at(10, does("leaves")), at(300, does("opens")), at(400, screen("waiting"))), Unproven},
	} {
		c.run.Unsettled = "something still moved"
		require.Equal(t, c.want, judged(c.run, "told-in-time").Verdict, name)
	}
}

// Where nobody is told of the goods, the money alone is judged.
func TestGoodsMatchMoneyWithoutACarrier(t *testing.T) {
	paid := run(at(0, clicks(nok499)), at(1, captured("b-ana-1", nok499)))
	paid.NoCarrier = true
	require.Equal(t, Kept, judged(paid, "goods-match-money").Verdict)
	paidBackTwice := run(at(0, clicks(nok499)), at(1, captured("b-ana-1", nok499)), at(2, refunded("b-ana-1", 2*nok499)))
	paidBackTwice.NoCarrier = true
	require.Equal(t, Broken, judged(paidBackTwice, "goods-match-money").Verdict)
}
