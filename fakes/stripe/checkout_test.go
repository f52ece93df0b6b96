package stripe

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

const sessions = "/v1/checkout/sessions"

// visit is a customer's browser at the provider's page: what it gets, and where it is
// sent.
func (s *shop) visit(page string, answer provider.Answer) (status int, to string) {
	method, body := "GET", ""
	if answer != "" {
		method, body = "POST", url.Values{provider.AnswerField: {string(answer)}}.Encode()
	}
	r := httptest.NewRequest(method, page, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.provider.Pages().ServeHTTP(w, r)
	return w.Code, w.Header().Get("Location")
}

func TestASessionIsPaidOnItsPage(t *testing.T) {
	s := open(t, nil)
	made := s.post(sessions, sessionOf("49900", "b-ana-1")...)
	require.Equal(t, 200, made.Status, made.Body)
	require.Equal(t, []any{"open", "unpaid", nil}, []any{made.field("status"), made.field("payment_status"), made.field("payment_intent")})
	page, id := made.text("url"), made.text("id")
	status, _ := s.visit(page, "")
	require.Equal(t, 200, status)
	_, to := s.visit(page, provider.Declines)
	require.Equal(t, "https://shop.example/cart", to)
	_, to = s.visit(page, provider.Approves)
	require.Equal(t, "https://shop.example/done?id="+id, to, "she has another card")
	_, to = s.visit(page, "")
	require.Equal(t, "https://shop.example/done?id="+id, to, "she is sent back again")
	require.Equal(t, []string{"created 49900", "declined 49900", "authorized 49900", "captured 49900"}, s.books())
	require.Equal(t, []string{"b-ana-1"}, s.provider.Ledger()[0].Names)

	paid := s.get(sessions + "/" + id)
	require.Equal(t, []any{"complete", "paid", nil}, []any{paid.field("status"), paid.field("payment_status"), paid.field("url")})
	require.Equal(t, string(succeeded), s.get(intents+"/"+paid.text("payment_intent")).text("status"))
	require.Equal(t, 400, s.post(sessions+"/"+id+"/expire").Status)
	require.Equal(t, "checkout.session.completed", s.get("/v1/events", "limit=1").text("data.0.type"))
	status, _ = s.visit("https://checkout.stripe.com/c/pay/cs_nobody", "")
	require.Equal(t, 404, status)
	require.NotEmpty(t, s.seen.of(observe.Arrived))
}

// Where her bank wants her to authenticate, she does so on the page, and the intent says so.
func TestASessionIsPaidWithThreeDSecureOnItsPage(t *testing.T) {
	s := open(t, func(c *Config) { c.Authenticates, c.ApproveAfter = true, -1 })
	made := s.post(sessions, sessionOf("49900", "b-ana-1")...)
	_, to := s.visit(made.text("url"), provider.Approves)
	require.Equal(t, "https://shop.example/done?id="+made.text("id"), to)
	require.Equal(t, []string{"created 49900", "authorized 49900", "captured 49900"}, s.books())
	var types []string
	events := s.get("/v1/events") // once: others come meanwhile, and what is first is second then
	for i := range events.field("data").([]any) {
		types = append(types, events.text(fmt.Sprintf("data.%d.type", i)))
	}
	require.Contains(t, types, "payment_intent.requires_action")
}

// A payment on the shop's page waits for her twice: for her card, and for her bank.
func TestAPaymentWithThreeDSecureWaitsForHerTwice(t *testing.T) {
	s := open(t, func(c *Config) { c.Authenticates, c.ApproveAfter = true, -1 })
	id := s.create().text("id")
	require.NoError(t, s.provider.Approve(id))
	require.Equal(t, string(needsAction), s.get(intents+"/"+id).text("status"))
	require.NoError(t, s.provider.Approve(id))
	require.Equal(t, string(succeeded), s.get(intents+"/"+id).text("status"))
}

// The script types a card that the fake knows.
func TestTheScriptHasHerCard(t *testing.T) {
	for authenticates, number := range map[bool]string{false: "4242424242424242", true: "4000000000003220"} {
		s := open(t, func(c *Config) { c.Authenticates = authenticates })
		for _, path := range []string{"/v3/", "/basil/stripe.js"} {
			w := httptest.NewRecorder()
			s.provider.Pages().ServeHTTP(w, httptest.NewRequest("GET", "https://js.stripe.com"+path, nil))
			require.Equal(t, []string{number}, regexp.MustCompile(`[0-9]{12,}`).FindAllString(w.Body.String(), -1))
		}
	}
}

func TestSessionsExpire(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		s := open(t, nil)
		late := s.post(sessions, sessionOf("49900", "b-ana-1")...)
		ended := s.post(sessions, sessionOf("49900", "b-bo-1")...)
		require.Equal(t, "expired", s.post(sessions+"/"+ended.text("id")+"/expire").text("status"))
		_, any := s.provider.NextDue()
		require.False(t, any, "nobody waits a day")
		pass(24 * time.Hour)
		require.Equal(t, "expired", s.get(sessions+"/"+late.text("id")).text("status"))
		_, to := s.visit(late.text("url"), provider.Approves)
		require.Equal(t, "https://shop.example/cart", to)
		require.Equal(t, []string{"created 49900", "created 49900", "terminated 49900", "terminated 49900"}, s.books())
	})(t)
}

func TestABankAsksOnItsPage(t *testing.T) {
	for answer, says := range map[provider.Answer]string{provider.Approves: "succeeded", provider.Declines: "failed"} {
		s := open(t, nil)
		a := s.create("confirm=true", "payment_method=pm_card_authenticationRequired", "return_url=https://shop.example/back?order=7")
		page := a.text("next_action.redirect_to_url.url")
		status, to := s.visit(page, "")
		require.Equal(t, []any{http.StatusOK, ""}, []any{status, to})
		_, to = s.visit(page, answer)
		at, err := url.Parse(to)
		require.NoError(t, err)
		require.Equal(t, url.Values{
			"order": {"7"}, "payment_intent": {a.text("id")}, "payment_intent_client_secret": {a.text("client_secret")}, "redirect_status": {says},
		}, at.Query())
	}
}

func TestSessionsCostWhatTheirThingsCost(t *testing.T) {
	s := open(t, nil)
	things := append(sessionOf("1000", "x"), "line_items[1][quantity]=3", "line_items[1][price_data][currency]=NOK",
		"line_items[1][price_data][unit_amount]=500", "line_items[1][price_data][product_data][name]=Ribbon")
	require.EqualValues(t, 2500, s.post(sessions, things...).field("amount_total"))
	for name, more := range map[string]string{
		"another currency": "line_items[1][price_data][currency]=usd", "too much": "line_items[1][quantity]=99999999999",
		"less than nothing": "line_items[1][price_data][unit_amount]=-1", "over soon": "expires_at=42",
	} {
		require.Equal(t, 400, s.post(sessions, append(things, more)...).Status, name)
	}
	require.Equal(t, "resource_missing", s.post(sessions, "mode=payment", "success_url=https://shop.example/", "line_items[0][price]=price_1").text("error.code"))
	require.Equal(t, 501, s.post(sessions, "mode=subscription", "success_url=https://shop.example/").Status)
}
