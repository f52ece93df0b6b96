package stripe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const customers, methods = "/v1/customers", "/v1/payment_methods"

func TestACustomerIsKept(t *testing.T) {
	s := open(t, nil)
	ana := s.post(customers, "email=ana@example.com", "name=Ana", "metadata[shop]=7", "payment_method=pm_card_visa", "address[city]=Oslo")
	id := ana.text("id")
	require.Equal(t, []string{"ana@example.com", "Oslo", "7"}, []string{ana.text("email"), ana.text("address.city"), ana.text("metadata.shop")})
	s.post(customers, "email=ben@example.com")
	require.Equal(t, id, s.get(customers, "email=ana@example.com").text("data.0.id"))
	require.Len(t, s.get(customers).field("data"), 2)

	card := s.get(customers + "/" + id + "/payment_methods").text("data.0.id")
	a := s.post(customers+"/"+id, "name=Anna", "metadata[shop]=", "metadata[x]=1", "invoice_settings[default_payment_method]="+card)
	require.Equal(t, []any{"Anna", nil, "1", card}, []any{a.text("name"), a.field("metadata.shop"), a.text("metadata.x"), a.text("invoice_settings.default_payment_method")})
	require.Equal(t, 400, s.post(customers+"/"+id, "invoice_settings[default_payment_method]=pm_1other").Status)

	require.Equal(t, true, s.send("DELETE", customers+"/"+id, "").field("deleted"))
	require.Equal(t, true, s.get(customers+"/"+id).field("deleted"))
	require.Len(t, s.get(customers).field("data"), 1)
	require.Equal(t, 404, s.post(customers+"/"+id, "name=x").Status)
	require.Equal(t, "resource_missing", s.post(intents, "amount=1000", "currency=usd", "customer="+id).text("error.code"))
}

// A session is her customer's, and so is the payment that she makes on its page.
func TestASessionBelongsToItsCustomer(t *testing.T) {
	s := open(t, nil)
	ana := s.post(customers, "email=ana@example.com").text("id")
	made := s.post(sessions, append(sessionOf("1000", "b-ana-1"), "customer="+ana)...)
	require.Equal(t, ana, made.text("customer"))
	require.Equal(t, ana, s.get(sessions+"/"+made.text("id"), "expand[]=customer").text("customer.id"))
	require.Equal(t, "resource_missing", s.post(sessions, append(sessionOf("1000", "b-ana-1"), "customer=cus_other")...).text("error.code"))
	require.Contains(t, s.post(sessions, append(sessionOf("1000", "b-ana-1"), "customer="+ana, "customer_email=a@example.com")...).text("error.message"), "only specify one")
}

// A method that is attached pays for its customer, and for nobody else.
func TestAMethodBelongsToItsCustomer(t *testing.T) {
	s := open(t, nil)
	ana, ben := s.post(customers, "name=Ana").text("id"), s.post(customers, "name=Ben").text("id")
	card := s.post(methods, "type=card", "card[number]=4242424242424242", "billing_details[name]=Ana").text("id")
	pay := func(more ...string) reply {
		return s.post(intents, append(pays(card), append(more, "amount=1000", "currency=usd", "capture_method=automatic")...)...)
	}
	require.Equal(t, 200, s.post(methods+"/"+card+"/attach", "customer="+ana).Status)
	require.Equal(t, 200, s.post(methods+"/"+card+"/attach", "customer="+ana).Status, "again is the same")
	require.Equal(t, 400, s.post(methods+"/"+card+"/attach", "customer="+ben).Status)
	require.Equal(t, 400, pay().Status)
	require.Equal(t, 400, pay("customer="+ben).Status)
	require.Empty(t, s.books(), "a refusal leaves nothing")
	paid := pay("customer=" + ana)
	require.Equal(t, []string{"succeeded", ana}, []string{paid.text("status"), paid.text("customer")})
	require.Equal(t, ana, s.get(intents+"/"+paid.text("id"), "expand[]=customer").text("customer.id"))
	require.Equal(t, card, s.get(methods, "customer="+ana).text("data.0.id"))
	require.Len(t, s.get(methods, "customer="+ben).field("data"), 0)

	require.Nil(t, s.post(methods+"/"+card+"/detach").field("customer"))
	require.Equal(t, 400, s.post(methods+"/"+card+"/detach").Status)
	require.Equal(t, 400, pay("customer="+ana).Status)
	require.Equal(t, 400, s.post(methods+"/"+card+"/attach", "customer="+ana).Status)
	require.Equal(t, 402, s.post(methods+"/pm_card_chargeDeclined/attach", "customer="+ana).Status)
	require.Equal(t, 200, s.post(methods+"/pm_card_chargeCustomerFail/attach", "customer="+ana).Status)
}

func TestAPaymentKeepsItsMethodForLater(t *testing.T) {
	s := open(t, nil)
	ana := s.post(customers).text("id")
	s.create(append(pays("pm_card_visa"), "customer="+ana)...)
	require.Len(t, s.get(methods, "customer="+ana).field("data"), 0)
	s.create(append(pays("pm_card_visa"), "customer="+ana, "setup_future_usage=off_session")...)
	card := s.get(methods, "customer="+ana).text("data.0.id")
	require.Equal(t, 200, s.create(append(pays(card), "customer="+ana, "off_session=true")...).Status)
}

func TestASetupIntentMovesNoMoney(t *testing.T) {
	const setups = "/v1/setup_intents"
	sets := func(card string) []string { return append(pays(card), "usage=off_session") }
	t.Run("a card", func(t *testing.T) {
		s := open(t, nil)
		ana := s.post(customers).text("id")
		a := s.post(setups, append(sets("pm_card_visa"), "customer="+ana)...)
		require.Equal(t, "succeeded", a.text("status"))
		require.Equal(t, a.text("payment_method"), s.get(methods, "customer="+ana).text("data.0.id"))
		require.Empty(t, s.books())
		require.Equal(t, "setup_intent_unexpected_state", s.post(setups+"/"+a.text("id")+"/confirm").text("error.code"))
		require.Len(t, s.get(setups, "customer="+ana).field("data"), 1)
	})
	t.Run("in two steps", func(t *testing.T) {
		s := open(t, nil)
		a := s.post(setups, "payment_method_types[0]=card")
		require.Equal(t, "requires_payment_method", a.text("status"))
		at := setups + "/" + a.text("id")
		require.Equal(t, 400, s.post(at+"/confirm").Status, "no method")
		require.Equal(t, "requires_confirmation", s.post(at, "payment_method=pm_card_visa").text("status"))
		s.asks.Set("Authorization", "Bearer "+publishableKey)
		require.Equal(t, 400, s.post(at+"/confirm").Status, "no client_secret")
		require.Equal(t, "succeeded", s.post(at+"/confirm", "client_secret="+a.text("client_secret")).text("status"))
	})
	t.Run("a decline", func(t *testing.T) {
		s := open(t, nil)
		a := s.post(setups, sets("pm_card_chargeDeclined")...)
		require.Equal(t, []any{402, "card_declined", "requires_payment_method"}, []any{a.Status, a.text("error.code"), a.text("error.setup_intent.status")})
		at := setups + "/" + a.text("error.setup_intent.id")
		require.Equal(t, "canceled", s.post(at+"/cancel", "cancellation_reason=abandoned").text("status"))
		require.Equal(t, 400, s.post(at+"/cancel").Status)
	})
	t.Run("her bank asks", inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter = time.Minute })
		a := s.post(setups, sets("pm_card_authenticationRequired")...)
		require.Equal(t, "requires_action", a.text("status"))
		pass(time.Minute)
		require.Equal(t, "succeeded", s.get(setups+"/"+a.text("id")).text("status"))
	}))
}

func TestACustomerDisputesAPayment(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		in := &inbox{}
		s := open(t, func(c *Config) { c.Transport = receiver(in.take) })
		_, _, err := s.provider.RegisterWebhook("http://127.0.0.1:9/hook", "charge.dispute.created", "charge.dispute.funds_withdrawn")
		require.NoError(t, err)
		id := s.create(append(pays("pm_card_createDispute"), "capture_method=automatic")...).text("id")
		pass(disputeTime + time.Second)
		require.ElementsMatch(t, []string{"charge.dispute.created", "charge.dispute.funds_withdrawn"}, in.kinds)
		d := s.get("/v1/disputes", "payment_intent="+id)
		require.Equal(t, []any{"needs_response", id}, []any{d.text("data.0.status"), d.text("data.0.payment_intent")})
		require.Equal(t, true, s.get(intents+"/"+id, "expand[]=latest_charge").field("latest_charge.disputed"))
		require.Equal(t, []string{"created 49900", "authorized 49900", "captured 49900"}, s.books())
	})(t)
}

// Amounts are in the minor units that a currency has: none, or three.
func TestMoneyOfOtherDecimals(t *testing.T) {
	s := open(t, nil)
	yen := s.post(intents, append(pays("pm_card_visa"), "amount=1999", "currency=JPY", "capture_method=manual")...)
	require.Equal(t, []any{"jpy", 1999.0}, []any{yen.text("currency"), yen.field("amount_capturable")})
	require.Equal(t, 200, s.post(intents+"/"+yen.text("id")+"/capture", "amount_to_capture=1500").Status)
	dinar := s.post(intents, append(pays("pm_card_visa"), "amount=12340", "currency=kwd", "capture_method=automatic")...)
	require.Equal(t, "succeeded", dinar.text("status"))
	require.Equal(t, 200, s.post("/v1/refunds", "payment_intent="+dinar.text("id"), "amount=340").Status)
	a := s.post("/v1/refunds", "payment_intent="+dinar.text("id"), "amount=12340")
	require.Contains(t, a.text("error.message"), "(12.340 kwd) is greater than unrefunded amount on charge (12.000 kwd)")
	for _, wrong := range []string{"amount=12345&currency=kwd", "amount=49&currency=jpy", "amount=499&currency=kwd"} {
		require.Equal(t, 400, s.send("POST", intents, wrong).Status, wrong)
	}
	require.Equal(t, "created 1999, authorized 1999, captured 1500, cancelled 499, created 12340, authorized 12340, captured 12340, refunded 340", joined(s.books()))
	for _, e := range s.provider.Ledger() {
		require.Contains(t, []string{"JPY", "KWD"}, e.Currency)
	}
}
