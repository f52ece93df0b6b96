package judge_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/record"
)

// in is an entry of a ledger in another currency.
func in(currency string, e observe.Event) observe.Event {
	e.Entry.Currency = currency
	return e
}

func TestAmountsAreComparedPerCurrency(t *testing.T) {
	a := Amounts{"NOK": nok499, "EUR": 1200}
	require.Equal(t, "NOK 499.00 and EUR 12.00", a.Price("NOK"))
	require.Equal(t, "EUR 12.00 and NOK 499.00", a.Price(""))
	require.Equal(t, "JPY 499, EUR 12.00 and KWD 4.990", Amounts{"EUR": 1200, "KWD": 4990, "JPY": 499, "NOK": 0}.Price("JPY"))
	require.Equal(t, "NOK 0.00", Amounts(nil).Price("NOK"))
	require.Equal(t, Amounts{"EUR": 1200}, a.Over(Amounts{"NOK": nok499 + 1}))
	require.True(t, a.Exceeds(Amounts{"NOK": 1 << 40}))
	require.False(t, a.Exceeds(a))
	require.False(t, Amounts{"NOK": 0}.IsSome())
}

// What one currency has too much makes good nothing that another one lacks.
func TestTheBooksKeepCurrenciesApart(t *testing.T) {
	click := At(0, Clicks(nok499))
	euros := At(2, in("EUR", Captured("b-ana-2", nok499)))
	shipped := At(3, Booked("b-ana-1"), Screen("shipped"))
	for name, c := range map[string]struct {
		run    *Run
		breaks []string
		says   string
		rules  string // of the first promise that broke
	}{
		"charged in both": {RunOf(click, At(1, Captured("b-ana-1", nok499)), euros, shipped), []string{"charged-once", "goods-match-money", "amount-as-shown"},
			"charged TWICE (NOK 499.00 and EUR 499.00 instead of NOK 499.00, EUR 499.00 too much)", "charged twice: NOK 499.00 and EUR 499.00 instead of NOK 499.00"},
		"charged in another one": {RunOf(click, At(1, in("EUR", Authorized("b-ana-1", nok499)), in("EUR", Captured("b-ana-1", nok499))), shipped), []string{"goods-match-money", "amount-as-shown"},
			"charged once (EUR 499.00 instead of NOK 499.00)", "b-ana paid EUR 499.00 and was sent one parcel, and NOK 499.00 was due"},
		"charged less in another one": {RunOf(click, At(1, in("EUR", Captured("b-ana-1", 39900))), shipped), []string{"goods-match-money", "amount-as-shown"},
			"charged once (EUR 399.00 instead of NOK 499.00)", "b-ana paid EUR 399.00 and was sent one parcel, and NOK 499.00 was due"},
		"of the click before": {refusedFirst(At(3, created("b-ana-1", nok499)), At(10, Clicks(nok499)), At(12, in("EUR", Captured("b-ana-1", nok499))), shippedAt(13)), []string{"charged-once", "goods-match-money", "screen-is-honest", "amount-as-shown"},
			"charged once (EUR 499.00 instead of NOK 499.00)", "the shop says that the order was refused"},
		"paid back in another one": {RunOf(click, At(1, Captured("b-ana-1", nok499)), At(2, in("EUR", Refunded("b-ana-1", nok499))), At(3, Screen("refunded"))), []string{"goods-match-money", "screen-is-honest"},
			"charged once (NOK 499.00), paid back EUR 499.00", "was charged NOK 499.00 and paid back EUR 499.00"},
		"reserved in one, taken in another": {RunOf(click, At(1, Authorized("b-ana-1", nok499)), At(2, in("EUR", Captured("b-ana-1", nok499))), shipped), []string{"goods-match-money", "nothing-left-reserved", "amount-as-shown"},
			"and NOK 499.00 stays reserved", "b-ana paid EUR 499.00 and was sent one parcel, and NOK 499.00 was due"},
		"reserved in both": {RunOf(click, At(1, Authorized("b-ana-1", nok499)), At(2, in("EUR", Authorized("b-ana-2", 1200)))), []string{"charged-once", "told-in-time", "nothing-left-reserved"},
			"and NOK 499.00 and EUR 12.00 stay reserved", "a second payment of b-ana was authorized"},
		"cancelled in another one": {RunOf(click, At(1, Authorized("b-ana-1", nok499)), At(2, in("EUR", Released("b-ana-1", nok499)), Screen("refused"))), []string{"nothing-left-reserved"},
			"and NOK 499.00 stays reserved", "NOK 499.00 of b-ana are still reserved"},
		"refused, and charged in both": {RunOf(click, At(1, Captured("b-ana-1", nok499)), euros, At(4, Screen("refused"))), []string{"charged-once", "goods-match-money", "screen-is-honest", "amount-as-shown"},
			"EUR 499.00 too much", "charged twice"},
		"a page of each": {RunOf(click, At(1, onPageIn("EUR", Clicks(1200))), At(2, in("EUR", Captured("b-ana-1", 1200))), shipped), nil, "charged once (EUR 12.00)", ""},
	} {
		c.run.Judge(StandardPromises())
		require.Equal(t, c.breaks, breaks(c.run), "%s:\n%s", name, c.run.FailureText())
		require.Contains(t, c.run.Sentence(), c.says, name)
		if c.rules != "" {
			require.Contains(t, c.run.Ruling(c.breaks[0]).Because, c.rules, name)
		}
	}
}

func shippedAt(second float64) Moment { return At(second, Booked("b-ana-1"), Screen("shipped")) }

// onPageIn is a click on a page in another currency.
func onPageIn(currency string, e observe.Event) observe.Event {
	e.Act.Money = currency
	return e
}

// A gift card of the shop's own, or a voucher, pays all: goods are sent for nothing, and
// no charge is right.
func TestWhereNothingIsDue(t *testing.T) {
	free := At(0, Screen("ready"), DueOf(Clicks(nok499), 0), Screen("waiting"))
	sent := At(2, Booked("b-ana-1"), Screen("shipped"))
	charge := At(1, Authorized("b-ana-1", nok499), Captured("b-ana-1", nok499))
	for name, c := range map[string]struct {
		run    *Run
		breaks []string
		says   string
	}{
		"sent":              {RunOf(free, sent), nil, "not charged (nothing was due) and sent one parcel"},
		"the page shows 0":  {RunOf(At(0, DueOf(Clicks(0), 0)), sent), nil, "not charged (nothing was due)"},
		"no carrier":        {NoCarrier(RunOf(free, At(2, Screen("paid")))), nil, "not charged (nothing was due). "},
		"refused":           {RunOf(free, At(2, Screen("refused"))), nil, "sent nothing"},
		"given back":        {RunOf(free, At(2, Screen("refunded"))), nil, ""},
		"reserved, let go":  {RunOf(free, At(1, Authorized("b-ana-1", nok499), Released("b-ana-1", nok499)), sent), nil, ""},
		"charged":           {RunOf(free, charge, sent), []string{"goods-match-money", "amount-as-shown"}, "NOK 499.00 instead of NOK 0.00"},
		"charged a little":  {RunOf(free, At(1, Captured("b-ana-1", 1)), sent), []string{"goods-match-money", "amount-as-shown"}, "NOK 0.01 instead of NOK 0.00"},
		"charged, no goods": {NoCarrier(RunOf(free, charge, At(2, Screen("paid")))), []string{"amount-as-shown"}, ""},
		"charged, paid back, no goods": {RunOf(free, charge, At(2, Refunded("b-ana-1", nok499)), At(3, Screen("refunded"))),
			[]string{"amount-as-shown"}, "paid back NOK 499.00"},
		"reserved for ever":      {RunOf(free, At(1, Authorized("b-ana-1", nok499)), sent), []string{"nothing-left-reserved"}, "NOK 499.00 stays reserved"},
		"sent twice":             {RunOf(free, At(2, Booked("b-ana-1"), Booked("b-ana-2"), Screen("shipped"))), []string{"goods-match-money"}, "sent 2 parcels"},
		"shipped, and nothing":   {RunOf(free, At(2, Screen("shipped"))), []string{"screen-is-honest"}, ""},
		"refused, and sent":      {RunOf(free, At(2, Booked("b-ana-1"), Screen("refused"))), []string{"screen-is-honest"}, ""},
		"never told":             {RunOf(free, At(2, Booked("b-ana-1"))), []string{"told-in-time"}, ""},
		"due at the other click": {RunOf(At(0, Clicks(nok499)), free, sent), nil, ""},
		"due later":              {RunOf(free, sent, At(5, Clicks(nok499)), At(6, Screen("shipped"))), nil, ""},
		"paid on one page, sent twice": {RunOf(At(0, Clicks(nok499)), free, charge, At(2, Booked("b-ana-1"), Booked("b-ana-2"), Screen("shipped"))),
			[]string{"goods-match-money"}, ""},
		"something was due": {RunOf(At(0, Clicks(nok499)), sent), []string{"goods-match-money", "screen-is-honest"}, "not charged and"},
	} {
		c.run.Judge(StandardPromises())
		require.Equal(t, c.breaks, breaks(c.run), "%s:\n%s", name, c.run.FailureText())
		require.Contains(t, c.run.Sentence(), c.says, name)
	}
	charged := RunOf(free, charge, sent)
	require.Contains(t, Judged(charged, "goods-match-money").Because, "b-ana paid NOK 499.00 and was sent one parcel, and nothing was due")
}

// A price that nobody could read is not a price of nothing: the shop is not accused of
// another one, and nothing is proven.
func TestAPriceThatCannotBeRead(t *testing.T) {
	unread := Clicks(0)
	bought := RunOf(At(0, unread), At(1, Captured("b-ana-1", nok499)), At(2, Booked("b-ana-1")), At(3, Screen("shipped")))
	bought.Judge(StandardPromises())
	require.Equal(t, Unproven, bought.Verdict(), bought.FailureText())
	require.Contains(t, bought.Ruling("amount-as-shown").Because, "b-ana was charged NOK 499.00, and its page showed no amount that could be read")
	unpaid := RunOf(At(0, unread), At(2, Booked("b-ana-1")), At(3, Screen("shipped")))
	unpaid.Judge(StandardPromises())
	require.Equal(t, []string{"screen-is-honest"}, breaks(unpaid))
	twice := RunOf(At(0, unread), At(1, Captured("b-ana-1", nok499), Captured("b-ana-2", nok499)), At(3, Screen("shipped")))
	twice.Judge(StandardPromises())
	require.Contains(t, breaks(twice), "charged-once")
	other := RunOf(At(0, unread), At(0.5, Clicks(nok499)), At(1, Captured("b-ana-1", nok499)), At(2, Booked("b-ana-1")), At(3, Screen("shipped")))
	other.Judge(StandardPromises())
	require.Equal(t, Kept, other.Ruling("amount-as-shown").Verdict, "the other page showed it")
}

// That nothing was due is written down, and read as what it was.
func TestNothingDueIsRecorded(t *testing.T) {
	var text bytes.Buffer
	r := RunOf(At(0, DueOf(Clicks(nok499), 0)), At(1, By("bo", Clicks(nok499))))
	record.NewWriter(&text).Write(r)
	require.Equal(t, 1, strings.Count(text.String(), `"due":0`))
	runs, err := record.ReadAll(&text)
	require.NoError(t, err)
	require.True(t, runs[0].FinalBook("b-ana").Free)
	require.False(t, runs[0].FinalBook("b-bo").Free)
}
