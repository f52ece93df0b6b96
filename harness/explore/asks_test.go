package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// The sums and currencies of a request are found in JSON and in forms, where it writes.
func TestWhatARequestAsksFor(t *testing.T) {
	const form = "application/x-www-form-urlencoded; charset=utf-8"
	for name, row := range map[string]struct {
		message observe.Message
		kind    string
		want    []ask
	}{
		"nested": {observe.Message{Method: "POST", Body: `{"b":1,"amount":{"value":49900,"currency":"NOK"},"a/~":[{"total":"5.00"}]}`}, "application/json",
			[]ask{{"/a~1~0/0/total", "5.00"}, {"/amount/currency", "NOK"}, {"/amount/value", "49900"}}},
		"GraphQL":           {observe.Message{Method: "POST", Body: `{"query":"mutation","variables":{"amount":1}}`}, "application/json", []ask{{"/variables/amount", "1"}}},
		"a form":            {observe.Message{Method: "POST", Body: "currency=NOK&amount=499.00&id=7"}, form, []ask{{"amount", "499.00"}, {"currency", "NOK"}}},
		"a quantity":        {observe.Message{Method: "POST", Operation: observe.Submit, Body: `{"quantity":1}`}, "application/json", []ask{{"/quantity", "1"}}},
		"not of a submit":   {observe.Message{Method: "POST", Body: `{"quantity":1}`}, "application/json", nil},
		"a callback":        {observe.Message{Hop: observe.WebhookHop, Method: "POST", Body: `{"amount":1}`}, "application/json", []ask{{"/amount", "1"}}},
		"of the shop":       {observe.Message{Hop: observe.ProviderHop, Method: "POST", Body: `{"amount":1}`}, "application/json", nil},
		"a read":            {observe.Message{Method: "GET", Body: `{"amount":1}`}, "application/json", nil},
		"a POST that reads": {observe.Message{Method: "POST", Operation: observe.Authenticate, Body: `{"amount":1}`}, "application/json", nil},
		"cut short":         {observe.Message{Method: "POST", Body: `{"amount":1,"x`}, "application/json", nil},
		"nothing":           {observe.Message{Method: "POST"}, "", nil},
	} {
		if row.message.Hop == "" {
			row.message.Hop = observe.CustomerHop
		}
		row.message.Header = map[string]string{"Content-Type": row.kind}
		require.Equal(t, row.want, asksOf(&row.message), name)
	}
}
