package stripe

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

const tokens = "/v1/test_helpers/confirmation_tokens"

// token is the id of a new one, of a card that her page describes.
func (s *shop) token(fields ...string) string {
	s.t.Helper()
	a := s.post(tokens, append([]string{"payment_method_data[type]=card", "payment_method_data[card][number]=4242424242424242"}, fields...)...)
	require.Equal(s.t, 200, a.Status, a.Body)
	return a.text("id")
}

func confirmedBy(token string) []string {
	return []string{"amount=49900", "currency=nok", "confirm=true", "confirmation_token=" + token, "return_url=https://shop.example/done"}
}

// The shop's server pays with what her page collected.
func TestATokenConfirmsAnIntent(t *testing.T) {
	s := open(t, nil)
	token := s.token("return_url=https://shop.example/back", "shipping[name]=Ana", "shipping[address][line1]=Street 1", "setup_future_usage=off_session")
	told := s.get("/v1/confirmation_tokens/" + token)
	require.Equal(t, "4242", told.text("payment_method_preview.card.last4"))
	require.Empty(t, told.text("payment_intent"))

	paid := s.post(intents, "amount=49900", "currency=nok", "confirm=true", "confirmation_token="+token)
	require.Equal(t, "succeeded", paid.text("status"), paid.Body)
	require.Equal(t, "Ana", paid.text("shipping.name"))
	require.Equal(t, "off_session", paid.text("setup_future_usage"))
	require.Equal(t, []string{"created 49900", "authorized 49900", "captured 49900"}, s.books())
	told = s.get("/v1/confirmation_tokens/" + token)
	require.Equal(t, paid.text("id"), told.text("payment_intent"))
	require.Empty(t, told.text("expires_at"))
}

func TestWhatATokenIsRefusedFor(t *testing.T) {
	s := open(t, nil)
	used := s.token()
	require.Equal(t, 200, s.post(intents, confirmedBy(used)...).Status)
	require.Equal(t, 400, s.post(intents, confirmedBy("ctoken_1nobodys")...).Status)
	for name, row := range map[string]struct {
		asks        []string
		says, param string
	}{
		"it was used":            {confirmedBy(used), "can be used once", "confirmation_token"},
		"nothing is confirmed":   {[]string{"amount=49900", "currency=nok", "confirmation_token=" + s.token()}, "unless you also set `confirm`", "confirmation_token"},
		"nowhere to send her to": {[]string{"amount=49900", "currency=nok", "confirm=true", "confirmation_token=" + s.token()}, "you must provide a `return_url`", "return_url"},
	} {
		before := s.books()
		a := s.post(intents, row.asks...)
		require.Equal(t, 400, a.Status, name)
		require.Contains(t, a.text("error.message"), row.says, name)
		require.Equal(t, row.param, a.text("error.param"), name)
		require.Equal(t, before, s.books(), name)
	}
}

// A token whose confirmation was refused can be used for another intent.
func TestARefusedConfirmationUsesNoToken(t *testing.T) {
	s := open(t, nil)
	token := s.token()
	at := intents + "/" + s.create().text("id") + "/confirm"
	require.Equal(t, "return_url", s.post(at, "confirmation_token="+token).text("error.param"))
	require.Equal(t, "succeeded", s.post(at, "payment_method=pm_card_visa", "return_url=https://shop.example/done").text("status"))
	require.Empty(t, s.get("/v1/confirmation_tokens/"+token).text("payment_intent"))
	require.Equal(t, 200, s.post(intents, confirmedBy(token)...).Status)
}

func TestATokenExpires(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, nil)
		token, other := s.token(), s.token("return_url=https://shop.example/b")
		pass(tokenLife - time.Second)
		require.Equal(t, 200, s.post(intents, confirmedBy(token)...).Status)
		pass(time.Second)
		require.Contains(t, s.post(intents, confirmedBy(other)...).text("error.message"), "has expired")
	})(t)
}

// Where her card is declined she tries another one, with a token of its own.
func TestATokenOfADeclinedCard(t *testing.T) {
	s := open(t, nil)
	declined := s.post(tokens, "payment_method_data[type]=card", "payment_method_data[card][number]=4000000000000002").text("id")
	a := s.post(intents, confirmedBy(declined)...)
	require.Equal(t, 402, a.Status, a.Body)
	again := s.post(intents+"/"+a.text("error.payment_intent.id")+"/confirm", "confirmation_token="+s.token())
	require.Equal(t, "succeeded", again.text("status"), again.Body)
	require.Equal(t, []string{"created 49900", "declined 49900", "authorized 49900", "captured 49900"}, s.books())
}

// A customer who declines does so with the card that her page described, though it is the
// shop's server that confirms.
func TestADecisionIsOfTheCardThatHerPageDescribed(t *testing.T) {
	for _, with := range []string{"confirmation_token", "payment_method"} {
		s := open(t, func(c *Config) {
			c.Decides = func(string) provider.Decision { return provider.Decision{Declines: true} }
		})
		s.asks.Set("Authorization", "Bearer "+publishableKey)
		id := ""
		if with == "payment_method" {
			id = s.post("/v1/payment_methods", "type=card", "card[number]=4242424242424242").text("id")
		} else {
			id = s.token()
		}
		s.asks.Set("Authorization", "Bearer "+secretKey)
		a := s.post(intents, "amount=49900", "currency=nok", "confirm=true", "return_url=https://shop.example/done", fmt.Sprint(with, "=", id))
		require.Equal(t, 402, a.Status, a.Body)
		require.Equal(t, []string{"created 49900", "declined 49900"}, s.books())
	}
}
