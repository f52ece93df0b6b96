package stripe

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const intents = "/v1/payment_intents"

func TestAKeyActsOnce(t *testing.T) {
	s := open(t, nil)
	body := form("amount=1000", "currency=usd")
	first := s.send("POST", intents, body, "Idempotency-Key", "k")
	again := s.send("POST", intents, form("currency=usd", "amount=1000"), "Idempotency-Key", "k")
	require.Equal(t, first.Body, again.Body)
	require.Empty(t, first.Header.Get("Idempotent-Replayed"))
	require.Equal(t, "true", again.Header.Get("Idempotent-Replayed"))
	require.Equal(t, first.Header.Get("Request-Id"), again.Header.Get("Original-Request"))
	require.Equal(t, []string{"created 1000"}, s.books())

	for _, other := range []string{form("amount=1001", "currency=usd"), form("amount=1000", "currency=eur"), form("amount=1000", "currency=usd", "description=x")} {
		a := s.send("POST", intents, other, "Idempotency-Key", "k")
		require.Equal(t, 400, a.Status)
		require.Equal(t, "idempotency_error", a.text("error.type"))
	}
	require.Equal(t, "idempotency_error", s.send("POST", "/v1/refunds", "payment_intent=pi_1", "Idempotency-Key", "k").text("error.type"))
	require.Equal(t, 400, s.send("POST", intents, body, "Idempotency-Key", strings.Repeat("k", 256)).Status)
	require.Equal(t, 200, s.send("POST", intents, body).Status, "without a key it is another payment")
}

// What a key is bound to, and what leaves it free.
func TestWhatAKeyKeeps(t *testing.T) {
	good := form("amount=1000", "currency=usd")
	for name, row := range map[string]struct {
		break_ bool
		body   string
		status int
		kept   bool
	}{
		"a 500":             {true, good, 500, true},
		"a decline":         {false, form(append(pays("pm_card_chargeDeclined"), "amount=1000", "currency=usd")...), 402, true},
		"a wrong parameter": {false, "amount=x&currency=usd", 400, false},
		"a missing one":     {false, "amount=1000", 400, false},
		"what is unplayed":  {false, good + "&on_behalf_of=acct_1", 501, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			if row.break_ {
				s.provider.Fail(1, Broken)
			}
			require.Equal(t, row.status, s.send("POST", intents, row.body, "Idempotency-Key", "k").Status)
			a := s.send("POST", intents, row.body, "Idempotency-Key", "k")
			require.Equal(t, row.status, a.Status)
			require.Equal(t, row.kept, a.Header.Get("Idempotent-Replayed") == "true")
			other := s.send("POST", intents, good+"&description=other", "Idempotency-Key", "k")
			require.Equal(t, row.kept, other.Status == 400)
		})
	}
}

func TestKeysAreForgottenAfterADay(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) { c.Speed = 24 })
		body := form("amount=1000", "currency=usd")
		s.send("POST", intents, body, "Idempotency-Key", "k")
		pass(time.Hour - time.Second)
		s.send("POST", intents, body, "Idempotency-Key", "k")
		require.Len(t, s.books(), 1)
		pass(time.Second)
		s.send("POST", intents, body, "Idempotency-Key", "k")
		require.Len(t, s.books(), 2, "a retry after the key is gone pays twice")
	})(t)
}

// While a request is under way its key is in use, and what comes meanwhile is not kept.
func TestAKeyInUse(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, func(c *Config) {
			see := c.See
			c.See = func(e observe.Event) {
				see(e)
				if e.Kind == observe.Money {
					time.Sleep(time.Second) // a fault is put in place
				}
			}
		})
		body := form("amount=1000", "currency=usd")
		done := make(chan reply)
		go func() { done <- s.send("POST", intents, body, "Idempotency-Key", "k") }()
		time.Sleep(time.Millisecond)
		a := s.send("POST", intents, body, "Idempotency-Key", "k")
		require.Equal(t, 409, a.Status)
		require.Equal(t, "idempotency_key_in_use", a.text("error.code"))
		require.Equal(t, "true", a.Header.Get("Stripe-Should-Retry"))
		first := <-done
		require.Equal(t, first.Body, s.send("POST", intents, body, "Idempotency-Key", "k").Body)
		require.Len(t, s.books(), 1)
	})(t)
}

func TestWhoMayAsk(t *testing.T) {
	s := open(t, nil)
	a := s.create()
	id, secret := a.text("id"), a.text("client_secret")
	for name, row := range map[string]struct {
		key, method, path, form string
		status                  int
	}{
		"the secret key":            {"Bearer " + secretKey, "GET", intents + "/" + id, "", 200},
		"as a user":                 {"Basic c2tfdGVzdF9jYW5hcnkwc2VjcmV0MGtleTo=", "GET", intents + "/" + id, "", 200},
		"no key":                    {"", "GET", intents + "/" + id, "", 401},
		"another key":               {"Bearer sk_test_other0key0of0nobody", "GET", intents + "/" + id, "", 401},
		"a live key":                {"Bearer sk_live_" + "0123456789", "GET", intents + "/" + id, "", 401},
		"a live restricted key":     {"Bearer rk_live_" + "0123456789", "GET", intents + "/" + id, "", 401},
		"a live key in the form":    {"", "POST", intents, "amount=1000&currency=usd&key=pk_live_" + "0123456789", 401},
		"a browser, by the secret":  {"Bearer " + publishableKey, "GET", intents + "/" + id, form("client_secret=" + secret), 200},
		"a browser, by its form":    {"", "GET", intents + "/" + id, form("key="+publishableKey, "client_secret="+secret), 200},
		"a browser without one":     {"Bearer " + publishableKey, "GET", intents + "/" + id, "", 400},
		"a browser, another secret": {"Bearer " + publishableKey, "GET", intents + "/" + id, form("client_secret=" + id + "_secret_x"), 400},
		"a browser creates":         {"Bearer " + publishableKey, "POST", intents, "amount=1000&currency=usd", 403},
		"nobody's intent":           {"Bearer " + secretKey, "GET", intents + "/pi_nobody", "", 404},
		"no such path":              {"Bearer " + secretKey, "GET", "/v1/nothing", "", 404},
		"an unplayed path":          {"Bearer " + secretKey, "GET", "/v1/topups", "", 501},
		"an unplayed parameter":     {"Bearer " + secretKey, "POST", intents, "amount=1000&currency=usd&hooks[inputs][tax][calculation]=x", 501},
		"an unknown parameter":      {"Bearer " + secretKey, "POST", intents, "amount=1000&currency=usd&colour=red", 400},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.send(row.method, row.path, row.form, "Authorization", row.key)
			require.Equal(t, row.status, a.Status, a.Body)
			require.Equal(t, row.status == 501 || strings.Contains(name, "live"), a.Header.Get(provider.UnplayedHeader) != "")
			require.NotContains(t, a.Body, "0123456789")
		})
	}
	unplayed := 0
	for _, e := range s.seen.of(observe.Answered) {
		if e.Message.Unplayed != "" {
			unplayed++
		}
	}
	require.Equal(t, 5, unplayed)
}

func TestLiveKeysAreNoKeys(t *testing.T) {
	var live *LiveKeyError
	for _, key := range []string{"sk_live_", "rk_live_", "pk_live_"} {
		key += "0123456789abcdef"
		require.ErrorAs(t, CheckNoLiveKey("STRIPE="+key), &live)
		require.Equal(t, key[:8], live.Prefix)
		require.NotContains(t, live.Error(), "0123456789")
		require.ErrorAs(t, CheckSecretKey(key), &live)
		require.ErrorAs(t, Kind().CheckFact("publishable_key", key), &live)
		_, err := New(Config{SecretKey: key, PublishableKey: publishableKey})
		require.ErrorAs(t, err, &live)
	}
	require.NoError(t, CheckNoLiveKey("task_live_0123456789"))
	require.Error(t, CheckSecretKey("whatever0key"))
	require.NoError(t, CheckSecretKey(secretKey))
}

// An id that names nothing is refused with 404 where it is in the path, and with 400 where it is
// a parameter.
func TestAnIdThatNamesNothing(t *testing.T) {
	s := open(t, nil)
	ana := s.post(customers, "email=ana@example.com").text("id")
	for name, row := range map[string]struct {
		method, path, form string
		status             int
		param              string
	}{
		"a payment intent":          {"GET", intents + "/pi_none", "", 404, "intent"},
		"a customer":                {"POST", customers + "/cus_none", "name=x", 404, "id"},
		"a payment method":          {"GET", "/v1/payment_methods/pm_none", "", 404, "payment_method"},
		"a refund":                  {"GET", "/v1/refunds/re_none", "", 404, "refund"},
		"a payment's customer":      {"POST", intents, form("amount=1000", "currency=usd", "customer=cus_none"), 400, "customer"},
		"a payment's method":        {"POST", intents, form("amount=1000", "currency=usd", "payment_method=pm_none"), 400, "payment_method"},
		"a session's price":         {"POST", sessions, form("mode=payment", "success_url=https://shop.example/", "line_items[0][price]=price_none"), 400, "line_items[0][price]"},
		"a refund's charge":         {"POST", "/v1/refunds", "charge=ch_none", 400, "charge"},
		"a refund's payment intent": {"POST", "/v1/refunds", "payment_intent=pi_none", 400, "payment_intent"},
		"where a list goes on":      {"GET", intents, "starting_after=pi_none", 400, "starting_after"},
		"a customer's usual method": {"POST", customers + "/" + ana, form("invoice_settings[default_payment_method]=pm_none"), 400, "invoice_settings[default_payment_method]"},
		"attach, for a customer":    {"POST", "/v1/payment_methods/pm_card_visa/attach", "customer=cus_none", 400, "customer"},
		"attach, of a method":       {"POST", "/v1/payment_methods/pm_none/attach", "customer=" + ana, 404, "payment_method"},
		"a setup's customer":        {"POST", "/v1/setup_intents", "customer=cus_none", 400, "customer"},
		"a session's customer":      {"POST", sessions, form(append(sessionOf("1000", "b-ana-1"), "customer=cus_none")...), 400, "customer"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.send(row.method, row.path, row.form, "Authorization", "Bearer "+secretKey)
			require.Equal(t, row.status, a.Status, a.Body)
			require.Equal(t, []string{"resource_missing", row.param}, []string{a.text("error.code"), a.text("error.param")})
		})
	}
}
