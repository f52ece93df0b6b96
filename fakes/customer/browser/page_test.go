package browser

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func thePage(change func(*Page)) Page {
	p := Page{Path: "/buy/{basket}", Submit: "button", Says: Reading{Selector: "#state"}}
	change(&p)
	return p
}

func TestAPageThatCannotBeUsedIsRefusedInOneSentence(t *testing.T) {
	require.NoError(t, thePage(func(p *Page) { p.Words = map[string]observe.Status{"Thank you": "shipped"} }).Check())
	for want, change := range map[string]func(*Page){
		`the page's path "buy" does not begin with /`:                           func(p *Page) { p.Path = "buy" },
		`the basket's path "http://x/" does not begin with /`:                   func(p *Page) { p.Basket = "http://x/" },
		`the page has no selector of what submits the order`:                    func(p *Page) { p.Submit = "" },
		`the page has no selector of where it says how things stand`:            func(p *Page) { p.Says = Reading{} },
		`the page's words say "shipped" of an empty text`:                       func(p *Page) { p.Words = map[string]observe.Status{" ": "shipped"} },
		`the page's "Thanks" is to mean "delivered"; valid are ready, waiting,`: func(p *Page) { p.Words = map[string]observe.Status{"Thanks": "delivered"} },
	} {
		require.ErrorContains(t, thePage(change).Check(), want)
	}
}

func TestWhatThePageSaysIsReadAsItWasMeant(t *testing.T) {
	words := map[string]observe.Status{"Thank you": "shipped", "Thank you for waiting": "checking", "ready": "ready"}
	for _, row := range []struct {
		attribute, read string
		means           observe.Status
	}{
		{"", "Thank you", "shipped"},
		{"", "  THANK\n you, Ana! ", "shipped"},
		{"", "Thank you for waiting a little", "checking"},
		{"", "not ready yet", "ready"},
		{"", "Sorry", "other"},
		{"", "", "other"},
		{"data-state", "ready", "ready"},
		{"data-state", "not ready", "other"},
	} {
		p := thePage(func(p *Page) { p.Words, p.Says.Attribute = words, row.attribute })
		require.Equal(t, row.means, p.word(row.read), "%q of %q", row.read, row.attribute)
	}
	require.Equal(t, observe.StatusShipped, thePage(func(*Page) {}).word(" shipped "), "without words it is one of them")
}

func TestPricesAreReadAsPeopleWriteThem(t *testing.T) {
	for _, row := range []struct {
		amount, currency, money string
		minor                   int64
	}{
		{"NOK 499.00", "", "NOK", 49900},
		{"NOK 1,499.50", "", "NOK", 149950},
		{"1 499,50 kr", "", "NOK", 149950},
		{"1\u202f499,50 kr", "", "NOK", 149950},
		{"1.499 kr", "", "NOK", 149900},
		{"kr 499,-", "", "NOK", 49900},
		{"Total: € 12", "EUR", "EUR", 1200},
		{"CHF 1’250.05", "", "CHF", 125005},
		{"JPY 80", "", "JPY", 80},
		{"¥8,000.00", "JPY", "JPY", 8000},
		{"0", "", "NOK", 0},
		{"KWD 1.500", "", "KWD", 1500},
		{"KWD 1,250.750", "", "KWD", 1250750},
		{"1.250,750 BHD", "", "BHD", 1250750},
		{"KWD 1,500,000", "", "KWD", 1500000000},
		{"KWD 12", "", "KWD", 12000},
		{"PKR 1,499.50", "", "PKR", 149950},
		{"UGX 80,000", "", "UGX", 80000},
	} {
		minor, money, err := thePage(func(p *Page) { p.Money = "NOK" }).price(row.amount, row.currency)
		require.NoError(t, err, row.amount)
		require.Equal(t, row.money, money, row.amount)
		require.Equal(t, row.minor, minor, row.amount)
	}
	minor, money, err := thePage(func(p *Page) { p.Minor = true }).price(" 49900 ", "NOK")
	require.NoError(t, err)
	require.Equal(t, "NOK", money)
	require.EqualValues(t, 49900, minor)
}

// A page that names no price shows what its description says.
func TestAPriceMayBeSaid(t *testing.T) {
	said := func(p *Page) { p.Amount, p.Shows, p.Money = Reading{}, 49900, "NOK" }
	minor, money, err := thePage(said).price("", "")
	require.NoError(t, err)
	require.EqualValues(t, 49900, minor)
	require.Equal(t, "NOK", money)
	_, _, err = thePage(func(p *Page) { said(p); p.Amount.Selector = ".total" }).price("", "")
	require.Error(t, err, "a price that is gone from the page is not what it shows")
	_, _, err = thePage(func(p *Page) { said(p); p.Shows = 0 }).price("", "")
	require.Error(t, err)
}

func TestAPriceThatIsNoneIsAnError(t *testing.T) {
	for _, text := range []string{"", "free", "99999999999999999999", "JPY 80.50", "KWD 1,500"} {
		_, _, err := thePage(func(*Page) {}).price(text, "")
		require.ErrorContains(t, err, "the page's amount", text)
	}
	for _, text := range []string{"-1", "49900.5", "x"} {
		_, _, err := thePage(func(p *Page) { p.Minor = true }).price(text, "NOK")
		require.ErrorContains(t, err, "the page's amount", text)
	}
}

func TestChromiumsFailuresAreOfTheClassesOfEveryClient(t *testing.T) {
	for failure, class := range map[string]observe.Class{
		"net::ERR_ABORTED": observe.Cancelled, "net::ERR_TIMED_OUT": observe.TimedOut,
		"net::ERR_CONNECTION_RESET": observe.Reset, "net::ERR_CONNECTION_REFUSED": observe.Refused,
		"net::ERR_EMPTY_RESPONSE": observe.Ended, "net::ERR_CONTENT_LENGTH_MISMATCH": observe.Ended,
		"net::ERR_INVALID_HTTP_RESPONSE": observe.Garbled, "net::ERR_UNHEARD_OF": observe.Other, "": observe.Other,
	} {
		require.Equal(t, class, classify(failure), failure)
	}
}

// What a page shows comes from outside.
func FuzzPrice(f *testing.F) {
	for _, text := range []string{"NOK 1,499.50", "kr 499,-", "1 499,50 kr", "٣", "5'", "¥8,000.00"} {
		f.Add(text, "JPY", true)
	}
	f.Fuzz(func(t *testing.T, amount, currency string, minor bool) {
		value, _, err := thePage(func(p *Page) { p.Minor = minor }).price(amount, currency)
		require.True(t, err != nil || value >= 0)
	})
}
