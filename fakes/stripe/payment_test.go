package stripe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// What each way to pay writes into the books, and where the intent ends.
func TestPaymentsAreBooked(t *testing.T) {
	for name, row := range map[string]struct {
		asks   []string
		status status
		books  []string
	}{
		"at once": {pays("pm_card_visa"), succeeded, []string{"created 49900", "authorized 49900", "captured 49900"}},
		"to be captured": {append(pays("pm_card_visa"), "capture_method=manual"), needsCapture,
			[]string{"created 49900", "authorized 49900"}},
		"captured a moment later": {append(pays("pm_card_visa"), "capture_method=automatic_async"), succeeded,
			[]string{"created 49900", "authorized 49900", "captured 49900"}},
		"to be authenticated": {pays("pm_card_authenticationRequired"), needsAction, []string{"created 49900"}},
		"of an unknown fate":  {append(pays("pm_card_visa"), "amount=20100"), processing, []string{"created 20100"}},
		"not yet paid":        {nil, needsMethod, []string{"created 49900"}},
		"not yet confirmed":   {[]string{"payment_method=pm_card_visa"}, needsConfirmation, []string{"created 49900"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			a := s.create(row.asks...)
			require.Equal(t, string(row.status), a.text("status"))
			require.Equal(t, row.books, s.books())
		})
	}
}

func TestDeclinesAreCardErrors(t *testing.T) {
	for card, codes := range map[string][2]string{
		"pm_card_chargeDeclined":                       {"card_declined", "generic_decline"},
		"pm_card_visa_chargeDeclinedInsufficientFunds": {"card_declined", "insufficient_funds"},
		"pm_card_chargeDeclinedExpiredCard":            {"expired_card", "expired_card"},
	} {
		s := open(t, nil)
		a := s.post("/v1/payment_intents", append(pays(card), "amount=1000", "currency=usd")...)
		require.Equal(t, 402, a.Status)
		require.Equal(t, "card_error", a.text("error.type"))
		require.Equal(t, codes, [2]string{a.text("error.code"), a.text("error.decline_code")})
		require.Equal(t, string(needsMethod), a.text("error.payment_intent.status"))
		require.Equal(t, codes[0], a.text("error.payment_intent.last_payment_error.code"))
		require.Equal(t, []string{"created 1000", "declined 1000"}, s.books())

		again := s.post("/v1/payment_intents/"+a.text("error.payment_intent.id")+"/confirm", "payment_method=pm_card_visa")
		require.Equal(t, string(succeeded), again.text("status"), "she has another card")
	}
}

func TestMoneyIsCapturedReleasedAndRefunded(t *testing.T) {
	s := open(t, nil)
	id := s.create(append(pays("pm_card_visa"), "capture_method=manual")...).text("id")
	require.Equal(t, 400, s.post("/v1/payment_intents/"+id+"/capture", "amount_to_capture=50000").Status)
	a := s.post("/v1/payment_intents/"+id+"/capture", "amount_to_capture=40000")
	require.Equal(t, string(succeeded), a.text("status"))
	require.EqualValues(t, 40000, a.field("amount_received"))
	require.Equal(t, []string{"created 49900", "authorized 49900", "captured 40000", "cancelled 9900"}, s.books())

	again := s.post("/v1/payment_intents/" + id + "/capture")
	require.Equal(t, "payment_intent_unexpected_state", again.text("error.code"))
	require.Equal(t, string(succeeded), again.text("error.payment_intent.status"))
	require.Equal(t, "payment_intent_unexpected_state", s.post("/v1/payment_intents/"+id+"/cancel").text("error.code"))

	require.Equal(t, "succeeded", s.post("/v1/refunds", "payment_intent="+id, "amount=15000").text("status"))
	require.Equal(t, 400, s.post("/v1/refunds", "payment_intent="+id, "amount=25001").Status)
	refunded := s.post("/v1/refunds", "payment_intent="+id)
	require.EqualValues(t, 25000, refunded.field("amount"))
	require.Equal(t, refunded.Body, s.get("/v1/refunds/"+refunded.text("id")).Body)
	require.Equal(t, "charge_already_refunded", s.post("/v1/refunds", "payment_intent="+id).text("error.code"))
	require.Equal(t, []string{"refunded 15000", "refunded 25000"}, s.books()[4:])

	other := s.create().text("id")
	require.Equal(t, string(canceled), s.post("/v1/payment_intents/"+other+"/cancel", "cancellation_reason=abandoned").text("status"))
	held := s.create(append(pays("pm_card_visa"), "capture_method=manual")...).text("id")
	s.post("/v1/payment_intents/" + held + "/cancel")
	require.Equal(t, []string{"created 49900", "terminated 49900", "created 49900", "authorized 49900", "cancelled 49900"}, s.books()[6:])
}

// Customers pay by themselves what waits for them.
func TestCustomersPayAfterAWhile(t *testing.T) {
	t.Run("by a card", inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter, c.Speed = 30*time.Second, 10 })
		id := s.create("metadata[order]=b-ana-1").text("id")
		due, any := s.provider.NextDue()
		require.True(t, any)
		require.Equal(t, 3*time.Second, time.Until(due))
		pass(3 * time.Second)
		require.Equal(t, string(succeeded), s.get("/v1/payment_intents/"+id).text("status"))
		require.Equal(t, []string{"b-ana-1"}, s.provider.Ledger()[0].Names)
	}))
	t.Run("with her bank's leave", inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter = time.Second })
		id := s.create(pays("pm_card_authenticationRequired")...).text("id")
		pass(time.Second)
		require.Equal(t, string(succeeded), s.get("/v1/payment_intents/"+id).text("status"))
	}))
	t.Run("not at first", inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.ApproveAfter, c.Declines = time.Second, 1 })
		first, second := s.create("description=a").text("id"), s.create("description=b").text("id")
		pass(time.Second)
		require.Equal(t, string(needsMethod), s.get("/v1/payment_intents/"+first).text("status"))
		require.Equal(t, "card_declined", s.get("/v1/payment_intents/"+first).text("last_payment_error.code"))
		require.Equal(t, string(succeeded), s.get("/v1/payment_intents/"+second).text("status"))
	}))
	t.Run("driven from outside", func(t *testing.T) {
		s := open(t, nil)
		paid, declined, other, strong := s.create("description=a").text("id"), s.create("description=b").text("id"), s.create("description=c").text("id"), s.create(pays("pm_card_authenticationRequired")...).text("id")
		require.NoError(t, s.provider.Approve(paid))
		require.Error(t, s.provider.Approve(paid), "it waits for nobody")
		require.NoError(t, s.provider.Refuse(declined))
		require.NoError(t, s.provider.Pay(other, "pm_card_chargeDeclined"))
		require.NoError(t, s.provider.Pay(other, "pm_card_visa"))
		require.Error(t, s.provider.Pay(other, "pm_card_nobody"))
		require.NoError(t, s.provider.Refuse(strong))
		require.Error(t, s.provider.Approve("pi_nobody"))
		require.Equal(t, "payment_intent_authentication_failure", s.get("/v1/payment_intents/"+strong).text("last_payment_error.code"))
		require.Equal(t, string(needsMethod), s.get("/v1/payment_intents/"+declined).text("status"))
		require.Equal(t, string(succeeded), s.get("/v1/payment_intents/"+other).text("status"))
	})
	t.Run("her bank is silent", inStoryTime(func(t *testing.T) {
		s := open(t, nil)
		id := s.create(append(pays("pm_card_visa"), "amount=20100")...).text("id")
		pass(59 * time.Minute)
		require.Equal(t, string(processing), s.get("/v1/payment_intents/"+id).text("status"))
		pass(time.Minute)
		require.Equal(t, string(succeeded), s.get("/v1/payment_intents/"+id).text("status"))
	}))
}

// An authorization lapses after a week, for which nobody waits.
func TestAuthorizationsLapse(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, nil)
		id := s.create(append(pays("pm_card_visa"), "capture_method=manual")...).text("id")
		_, any := s.provider.NextDue()
		require.False(t, any)
		pass(7*24*time.Hour - time.Second)
		require.Equal(t, string(needsCapture), s.get("/v1/payment_intents/"+id).text("status"))
		pass(time.Second)
		a := s.get("/v1/payment_intents/" + id)
		require.Equal(t, string(canceled), a.text("status"))
		require.Equal(t, "automatic", a.text("cancellation_reason"))
		require.Equal(t, 400, s.post("/v1/payment_intents/"+id+"/capture").Status)
		require.Equal(t, []string{"created 49900", "authorized 49900", "cancelled 49900"}, s.books())
	})(t)
}

// What the customer decides about a payment takes the place of her paying it.
func TestTheCustomerDecides(t *testing.T) {
	for name, row := range map[string]struct {
		decides provider.Decision
		asks    []string
		books   []string
	}{
		"declines":           {provider.Decision{Declines: true}, nil, []string{"created 49900", "declined 49900"}},
		"never pays":         {provider.Decision{Never: true}, nil, []string{"created 49900"}},
		"pays late":          {provider.Decision{Late: time.Minute}, nil, []string{"created 49900", "authorized 49900", "captured 49900"}},
		"at her bank":        {provider.Decision{Declines: true}, pays("pm_card_authenticationRequired"), []string{"created 49900", "declined 49900"}},
		"not hers to pay":    {provider.Decision{Declines: true}, []string{"payment_method=pm_card_visa"}, []string{"created 49900"}},
		"it is paid already": {provider.Decision{Declines: true}, pays("pm_card_visa"), []string{"created 49900", "authorized 49900", "captured 49900"}},
	} {
		t.Run(name, inStoryTime(func(t *testing.T) {
			took := 0
			row.decides.Took = func() { took++ }
			s := open(t, func(c *Config) {
				c.ApproveAfter = 3 * time.Second
				c.Decides = func(string) provider.Decision { return row.decides }
			})
			s.create(row.asks...)
			pass(62 * time.Second)
			if row.decides.Late > 0 {
				require.Len(t, s.books(), 1)
			}
			pass(time.Hour)
			require.Equal(t, row.books, s.books())
			require.Equal(t, name != "not hers to pay" && name != "it is paid already", took == 1)
			_, any := s.provider.NextDue()
			require.False(t, any)
		}))
	}
}

// A shop that does not know a payment's id looks for it among all, page by page.
func TestIntentsAreListedTheNewestFirst(t *testing.T) {
	s := open(t, nil)
	var ids []string
	for range 5 {
		ids = append(ids, s.create().text("id"))
	}
	page := func(query ...string) (got []string, more any) {
		a := s.get("/v1/payment_intents", query...)
		require.Equal(t, 200, a.Status)
		for _, one := range a.field("data").([]any) {
			got = append(got, one.(object)["id"].(string))
		}
		return got, a.field("has_more")
	}
	got, more := page("limit=2")
	require.Equal(t, []any{[]string{ids[4], ids[3]}, any(true)}, []any{got, more})
	got, more = page("limit=3", "starting_after="+ids[3])
	require.Equal(t, []any{[]string{ids[2], ids[1], ids[0]}, any(false)}, []any{got, more})
	got, more = page()
	require.Equal(t, []any{5, any(false)}, []any{len(got), more})
	require.Equal(t, 400, s.get("/v1/payment_intents", "limit=101").Status)
	require.Equal(t, "resource_missing", s.get("/v1/payment_intents", "starting_after=pi_none").text("error.code"))
}

// Her browser sends her card with the key that the page has, and so may a shop.
func TestACardIsTypedIn(t *testing.T) {
	typed := func(number string) []string {
		return []string{
			"payment_method_data[type]=card", "payment_method_data[card][number]=" + number, "payment_method_data[card][cvc]=314",
			"payment_method_data[card][exp_month]=7", "payment_method_data[card][exp_year]=2034",
		}
	}
	for number, want := range map[string]string{"4242424242424242": "succeeded", "4000000000000002": "card_declined"} {
		t.Run(want, func(t *testing.T) {
			s := open(t, nil)
			made := s.create()
			a := s.post("/v1/payment_intents/"+made.text("id")+"/confirm", append(typed(number), "return_url=https://shop.example/")...)
			require.Contains(t, []string{a.text("status"), a.text("error.code")}, want, a.Body)
			a = s.post("/v1/payment_intents", append(typed(number), "amount=1000", "currency=nok", "confirm=true",
				"automatic_payment_methods[enabled]=true", "automatic_payment_methods[allow_redirects]=never")...)
			require.Contains(t, []string{a.text("status"), a.text("error.code")}, want, a.Body)
		})
	}
}
