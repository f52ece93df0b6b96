package described_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

func TestWhatAPageShowsIsMoney(t *testing.T) {
	for _, row := range []struct {
		amount, units, currency string
		minor                   int64
		want                    string
	}{
		{`499.00`, "major", `"NOK"`, 49900, ""},
		{`"499.00"`, "major", `"NOK"`, 49900, ""},
		{`499`, "major", `"nok"`, 49900, ""},
		{`4990`, "major", `"JPY"`, 4990, ""},
		{`"4990.5"`, "major", `"JPY"`, 4991, ""},
		{`12.345`, "major", `"KWD"`, 12345, ""},
		{`498.996425`, "major", `"NOK"`, 49900, ""},
		{`34.116425`, "major", `"NOK"`, 3412, ""},
		{`0.005`, "major", `"NOK"`, 1, ""},
		{`0.00499999999999999999`, "major", `"NOK"`, 0, ""},
		{`99999999999999.9999`, "major", `"CLF"`, 999999999999999999, ""},
		{`100000000000000`, "major", `"NOK"`, 0, "want a plain decimal"},
		{`49900`, "", `"NOK"`, 49900, ""},
		{`"49900"`, "minor", `"NOK"`, 49900, ""},
		{`"1 299,00"`, "major", `"NOK"`, 0, `its amount is "1 299,00": want a plain decimal of major units with a point, such as 499.00`},
		{`"1,299.00"`, "major", `"NOK"`, 0, "want a plain decimal"},
		{`-1`, "major", `"NOK"`, 0, "want a plain decimal"},
		{`1e3`, "major", `"NOK"`, 0, "want a plain decimal"},
		{`-1`, "", `"NOK"`, 0, "want a whole number"},
		{`true`, "major", `"NOK"`, 0, "its amount is true: want a number"},
		{`499`, "", `["NOK"]`, 0, `its currency is ["NOK"]: want three letters, such as NOK`},
		{`499`, "", `"kr"`, 0, `its currency is "kr"`},
		{`499`, "", `null`, 0, `its currency is null`},
	} {
		t.Run(row.amount+" "+row.units+" of "+row.currency, func(t *testing.T) {
			s := newStreet(t, serves(`{"order":"1","total":`+row.amount+`,"due":`+row.amount+`,"currency":`+row.currency+`}`))
			if row.want != "" {
				s.patience = 200 * time.Millisecond
			}
			f := page()
			f.Open[0].Capture = map[string]described.Source{
				"order": {JSON: "/order"}, "token": {Header: "X-Token"}, "currency": {JSON: "/currency"},
				"amount": {JSON: "/total", Units: row.units}, "due": {JSON: "/due", Units: row.units},
			}
			tab := s.tab(f)
			err := tab.Open(t.Context(), "b-ana")
			if row.want != "" {
				require.ErrorContains(t, err, row.want)
				return
			}
			require.NoError(t, err)
			require.NoError(t, tab.Click(t.Context(), 1))
			s.until(func() bool { return len(s.acts()) == 1 })
			require.Equal(t, row.minor, s.acts()[0].Amount)
			require.Equal(t, &row.minor, s.acts()[0].Due)
			require.Equal(t, strings.ToUpper(strings.Trim(row.currency, `"`)), s.acts()[0].Money)
		})
	}
}

// What is due is said of every page, or told by each; 0 is said as well, and a page that
// shows 0 says it.
func TestWhatIsDue(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	for name, row := range map[string]struct {
		answer string
		said   *int64
		reads  bool // the page tells what is due
		want   *int64
	}{
		"nothing is said":    {`{"order":"1","total":49900}`, nil, false, nil},
		"a part":             {`{"order":"1","total":49900}`, number(29900), false, number(29900)},
		"nothing is due":     {`{"order":"1","total":49900}`, number(0), false, number(0)},
		"the page tells it":  {`{"order":"1","total":49900,"due":0}`, nil, true, number(0)},
		"the page knows it":  {`{"order":"1","total":49900,"due":100}`, number(0), true, number(100)},
		"the page shows 0":   {`{"order":"1","total":0}`, nil, false, number(0)},
		"it shows 0 of what": {`{"order":"1","total":0}`, number(100), false, number(100)},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t, serves(row.answer))
			f := page()
			f.Currency, f.Due = "NOK", row.said
			f.Open[0].Capture = map[string]described.Source{"order": {JSON: "/order"}, "amount": {JSON: "/total"}}
			if row.reads {
				f.Open[0].Capture["due"] = described.Source{JSON: "/due"}
			}
			f.Submit.Headers = nil
			tab := s.tab(f)
			require.NoError(t, tab.Open(t.Context(), "b-ana"))
			require.NoError(t, tab.Click(t.Context(), 1))
			s.until(func() bool { return len(s.acts()) == 1 })
			require.Equal(t, row.want, s.acts()[0].Due)
		})
	}
}
