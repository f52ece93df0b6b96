package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/scenarios/target"
)

const filled = "  basket:\n    - {post: /login, capture: {user: {json: /user}}}\n    - {post: \"/goods/${user}\", capture: {cart: {json: /cart}}}\n"

// What filling the basket captures is known to every later step.
func TestABasketIsDescribedApart(t *testing.T) {
	with := func(text string) (*target.Target, error) {
		return parse([]byte(strings.NewReplacer("  open:\n", text+"  open:\n", "/buy/${order}", "/buy/${cart}").Replace(smallest)))
	}
	shop, err := with(filled)
	require.NoError(t, err)
	require.Len(t, shop.FrontEnd(1).Basket, 2)
	require.Empty(t, shop.NoEpilogue(), "a cart identifies the purchase")
	var named []string
	for _, r := range shop.Routes().Of(target.BasketStep) {
		named = append(named, r.Method+" "+r.Path)
	}
	require.Equal(t, []string{"POST /login", "POST /goods/{id}"}, named)
	for wrong, says := range map[string]string{
		"  basket:\n    - {post: \"/goods/${load}\", capture: {cart: {json: /cart}}}\n":                       "customer.basket.0: nothing is known as ${load} here; known are amount, basket, currency, customer, run",
		"  basket:\n    - {post: /goods, capture: {cart: {json: /cart}, amount: {json: /a, units: major}}}\n": "a basket step is made once: capture amount in an open step",
		"  basket:\n    - {post: /goods, when: {captured: user}, capture: {cart: {json: /cart}}}\n":           `customer.basket.0.when: no earlier step captures "user"`,
		"  basket:\n    - {post: \"/buy/${customer}\", capture: {cart: {json: /cart}}}\n":                     "cannot be told from the basket step",
		"  basket: []\n": "customer.basket: ",
		"  login: [{post: /login, capture: {amount: {json: /a}}}]\n": "a login step is made once: capture amount in an open step",
	} {
		_, err := with(wrong)
		require.ErrorContains(t, err, says, wrong)
	}
	shop, err = with("  login:\n    - {post: \"/login/${customer}\", capture: {user: {json: /user}}}\n" + filled)
	require.NoError(t, err)
	require.Len(t, shop.FrontEnd(1).Login, 1)
	require.Len(t, shop.Routes().Of(target.LoginStep), 1)
	_, err = with("  login: [{post: \"/login/${basket}\"}]\n")
	require.ErrorContains(t, err, "customer.login.0: nothing is known as ${basket} here; known are customer, run")
	_, err = parse([]byte(strings.Replace(smallest, "  screens:", "  basket: [{post: /login}]\n  browser: {open: /, submit: b, says: {selector: s}, sends: POST /buy}\n  screens:", 1)))
	require.ErrorContains(t, err, "say either open, submit and screens, which are the page's requests, or browser, which is the page itself")
}
