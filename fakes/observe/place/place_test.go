package place_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/observe/place"
)

func TestAtAPlaceOfARequest(t *testing.T) {
	r := httptest.NewRequest("POST", "/graphql?step=submit&empty=", nil)
	r.Header.Set("X-Step", "pay")
	const body = `{"op": "Complete", "list": [{"n": 1.50}], "nothing": null}`
	for name, row := range map[string]struct {
		at   observe.Where
		text string
		has  bool
	}{
		"a text of the body":         {observe.Where{JSON: "/op"}, "Complete", true},
		"a number as it was written": {observe.Where{JSON: "/list/0/n"}, "1.50", true},
		"null":                       {observe.Where{JSON: "/nothing"}, "", false},
		"a field that is not there":  {observe.Where{JSON: "/other"}, "", false},
		"no pointer":                 {observe.Where{JSON: "op"}, "", false},
		"a header":                   {observe.Where{Header: "x-step"}, "pay", true},
		"a header that is not there": {observe.Where{Header: "x-other"}, "", false},
		"of the query":               {observe.Where{Query: "step"}, "submit", true},
		"an empty one":               {observe.Where{Query: "empty"}, "", true},
		"one that is not there":      {observe.Where{Query: "other"}, "", false},
		"nowhere":                    {observe.Where{}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			text, has := place.At(row.at, r, []byte(body))
			require.Equal(t, row.has, has)
			require.Equal(t, row.text, text)
			row.at.Value = row.text
			require.Equal(t, row.has || !row.at.Is(), place.Fits(row.at, r, []byte(body)))
		})
	}
	require.False(t, place.Fits(observe.Where{JSON: "/op", Value: "Cart"}, r, []byte(body)))
	require.False(t, place.Fits(observe.Where{JSON: "/op", Value: "Complete"}, r, []byte("no JSON")))
}
