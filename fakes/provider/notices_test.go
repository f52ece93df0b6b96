package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

func TestCheckOfWebhooksSaysWhatIsWrong(t *testing.T) {
	good := func() provider.Webhooks {
		return provider.Webhooks{
			Purchases: []provider.Purchase{{Name: "paid", Is: "she pays", Effects: []string{provider.Paid}, Notices: told("taken")}},
			Sign:      func(_ *http.Request, body []byte, _ time.Time, _ ...string) []byte { return body },
			IDs:       func(provider.Wish) map[string]string { return nil },
			Secret:    "long enough",
		}
	}
	require.NoError(t, good().Check())
	for name, row := range map[string]struct {
		change func(*provider.Webhooks)
		says   string
	}{
		"nothing signs":     {func(w *provider.Webhooks) { w.Sign = nil }, "webhooks lack Sign"},
		"a short secret":    {func(w *provider.Webhooks) { w.Secret = "x" }, "a Secret of 8 characters"},
		"nobody pays":       {func(w *provider.Webhooks) { w.Purchases[0].Name = "other" }, "no purchase is paid"},
		"a purchase twice":  {func(w *provider.Webhooks) { w.Purchases = append(w.Purchases, w.Purchases[0]) }, `the purchase "paid" lacks a name of its own`},
		"an unknown effect": {func(w *provider.Webhooks) { w.Purchases[0].Effects = []string{"sent"} }, `the effect "sent": want paid, refunded, disputed`},
		"no money back":     {func(w *provider.Webhooks) { w.Purchases[0].Effects = []string{provider.Refunded} }, `the purchase "paid" does not say how much comes back`},
		"a notice twice":    {func(w *provider.Webhooks) { w.Purchases[0].Notices = told("a", "a") }, `the notice "a" of "paid"`},
		"two words":         {func(w *provider.Webhooks) { w.Purchases[0].Notices = told("a b") }, `the notice "a b" of "paid"`},
		"no notices":        {func(w *provider.Webhooks) { w.Purchases[0].Notices = told() }, `"paid" has no notices`},
		"an empty forgery": {func(w *provider.Webhooks) {
			w.Forgeries = map[string]provider.Forgery{"x": {}}
		}, `the forgery "x" lacks`},
	} {
		t.Run(name, func(t *testing.T) {
			w := good()
			row.change(&w)
			require.ErrorContains(t, w.Check(), row.says)
			require.ErrorContains(t, provider.Kind{Webhooks: &w}.Check(), row.says)
		})
	}
}

func told(names ...string) func(provider.Wish) []provider.Notice {
	return func(provider.Wish) (list []provider.Notice) {
		for _, name := range names {
			list = append(list, provider.Notice{Name: name, Body: []byte("{}")})
		}
		return list
	}
}

func TestAPurchaseIsFoundByName(t *testing.T) {
	w := provider.Webhooks{Purchases: []provider.Purchase{{Name: "paid"}, {Name: "refused"}}}
	found, err := w.Find("refused")
	require.NoError(t, err)
	require.Equal(t, "refused", found.Name)
	_, err = w.Find("x")
	require.EqualError(t, err, `unknown purchase "x": want paid or refused`)
}
