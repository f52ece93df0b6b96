package stripe

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFormsWithBrackets(t *testing.T) {
	for text, want := range map[string]string{
		"":                            `{}`,
		"a=1&b=x%20y":                 `{"a":"1","b":"x y"}`,
		"a=1&a=2":                     `{"a":"2"}`,
		"metadata[order_id]=7":        `{"metadata":{"order_id":"7"}}`,
		"a%5Bb%5D%5Bc%5D=1&a[b][d]=2": `{"a":{"b":{"c":"1","d":"2"}}}`,
		"expand[]=x&expand[]=y":       `{"expand":{"0":"x","1":"y"}}`,
		"expand[0]=x&expand[1]=y":     `{"expand":{"0":"x","1":"y"}}`,
		"l[0][a]=1&l[1][a]=2":         `{"l":{"0":{"a":"1"},"1":{"a":"2"}}}`,
		"a=&b":                        `{"a":"","b":""}`,
		"&&a=1&":                      `{"a":"1"}`,
	} {
		form, err := decodeForm(text)
		require.NoError(t, err, text)
		got, err := json.Marshal(form)
		require.NoError(t, err)
		require.Equal(t, want, string(got), text)
	}
	for text, why := range map[string]error{
		"a[=1": errMalformed, "a[b]c=1": errMalformed, "a[[b]]=1": errMalformed, "[a]=1": errMalformed, "=1": errMalformed,
		"a=%zz": errMalformed, "a=1&a[b]=2": errTwoKinds, "a[b]=2&a=1": errTwoKinds,
		"a" + strings.Repeat("[b]", 20) + "=1": errTooMany, strings.Repeat("a=1&", 3000): errTooMany,
	} {
		_, err := decodeForm(text)
		require.ErrorIs(t, err, why, text)
	}
}

// Whatever comes, decoding ends, and what was decoded reads the same once it is written
// as a form again.
func FuzzForms(f *testing.F) {
	for _, text := range []string{"a=1", "a[b][]=1&a[b][]=2", "a[0][c]=%F0%9F%92%B8", "a=1&a[b]=2", "a[b", "[]=", "a[]=1&a[x]=2", "%5B=1", "a%00=\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		form, err := decodeForm(text)
		if err != nil {
			return
		}
		again, err := decodeForm(encodeForm(form))
		require.NoError(t, err)
		require.Equal(t, form, again)
	})
}

// FuzzRequests sends anything to the fake: it answers what the document allows, and
// nothing of a refused request is in the books.
func FuzzRequests(f *testing.F) {
	for _, text := range []string{
		"amount=1000&currency=usd", "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa&return_url=https://shop.example/",
		"amount=-1&currency=usd", "amount=1e3&currency=usd", "amount=99999999999999999999&currency=usd", "currency=usd&amount[x]=1",
		"amount=1000&currency=usd&metadata=", "amount=1000&currency=usd&metadata[a]=", "amount=1000&currency=usd&shipping[name]=x",
		"amount=1000&currency=usd&expand[]=latest_charge&expand[]=customer", "amount=1000&currency=xyz&payment_method_data[type]=card&payment_method_data[card][number]=4242",
		"amount=1000&currency=USD&off_session=true&confirm=true", "amount=1000&currency=usd&payment_method_types[]=card&payment_method_types[]=sofort",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := open(t, nil)
		a := s.send("POST", intents, text)
		if a.Status != 200 && a.Status != 402 {
			require.Empty(t, s.books(), a.Body)
		}
	})
}
