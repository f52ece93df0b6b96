package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// A lost order is told by a status, or by what the answer has.
func TestALostOrderIsToldByTheAnswer(t *testing.T) {
	with := func(lost string) (described.FrontEnd, error) {
		shop, err := parse([]byte(strings.Replace(smallest, "  screens:", "  lost: "+lost+"\n  screens:", 1)))
		if err != nil {
			return described.FrontEnd{}, err
		}
		return shop.FrontEnd(1), nil
	}
	for text, fits := range map[string]described.Fits{
		"404": {Status: 404},
		"{status: 200, json: {/error: not_found}}": {Status: 200, JSON: map[string]any{"/error": "not_found"}},
		"{text: no such order}":                    {Text: "no such order"},
	} {
		f, err := with(text)
		require.NoError(t, err)
		require.Equal(t, fits, f.Lost)
	}
	for text, says := range map[string]string{
		"200":                   "customer.lost: say a status from 400 to 499, or what the answer has: {status: 200, json: {/error: not_found}}",
		"{}":                    "customer.lost: say a status from 400 to 499",
		"{json: {error: gone}}": "customer.lost: say a status from 400 to 499",
		"gone":                  "customer.lost: say a status from 400 to 499",
	} {
		_, err := with(text)
		require.ErrorContains(t, err, says)
	}
}
