package checkout

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const jsonType, formType = "application/json", "application/x-www-form-urlencoded"

func TestABadRequestIsExplainedAndLeavesNoTrace(t *testing.T) {
	const good = `{"basket":"b1","amount":49900,"currency":"NOK"}`
	inBubble(t, func(t *testing.T, s *shop) {
		id := s.look("b1")
		put := "PUT /orders/" + id
		tests := []struct {
			request, contentType, body string
			status                     int
			detail                     string
		}{
			{put, jsonType, ``, 400, "not the JSON document"},
			{put, jsonType, `{`, 400, "not the JSON document"},
			{put, jsonType, `[]`, 400, "not the JSON document"},
			{put, jsonType, `null`, 400, "basket's id"},
			{put, jsonType, good + `{}`, 400, "follows"},
			{put, jsonType, `{"basket":"b1","amount":49900,"currency":"NOK","status":"shipped"}`, 400, `unknown field "status"`},
			{put, jsonType, `{"basket":"b1","amount":"49900","currency":"NOK"}`, 400, "not the JSON document"},
			{put, jsonType, `{"basket":"b1","amount":499.5,"currency":"NOK"}`, 400, "not the JSON document"},
			{put, jsonType, `{"basket":"B1","amount":49900,"currency":"NOK"}`, 400, "basket's id"},
			{put, jsonType, `{"basket":"b1","amount":0,"currency":"NOK"}`, 422, "An amount is"},
			{put, jsonType, `{"basket":"b1","amount":-1,"currency":"NOK"}`, 422, "An amount is"},
			{put, jsonType, `{"basket":"b1","amount":65000001,"currency":"NOK"}`, 422, "An amount is"},
			{put, jsonType, `{"basket":"b1","amount":99999999999999999999,"currency":"NOK"}`, 400, "not the JSON document"},
			{put, jsonType, `{"basket":"b1","amount":49900,"currency":"kr"}`, 422, "currency"},
			{put, jsonType, `{"basket":"b1","amount":49900,"currency":"DKK"}`, 409, "look at it again"},
			{put, jsonType, `{"basket":"b1","amount":49901,"currency":"NOK"}`, 409, "look at it again"},
			{put, jsonType, `{"basket":"b2","amount":49900,"currency":"NOK"}`, 409, "no basket"},
			{put, "text/plain", good, 415, "application/json"},
			{put, "", good, 415, "application/json"},
			{put, jsonType, `{"basket":"` + strings.Repeat("b", maxBody) + `"}`, 413, "65536 bytes"},
			{"PUT /orders/b1", jsonType, good, 400, "order's id"},
			{"PUT /orders/b1-UPPERCAS", jsonType, good, 400, "order's id"},
			{"PUT /orders/b1-aaaaaaaa", jsonType, good, 409, "not the one of the basket"},
			{"GET /orders/b1-aaaaaaaa", "", "", 404, "No order was submitted"},
			{"GET /orders/..%2fb1", "", "", 400, "order's id"},
			{"DELETE /orders/" + id, "", "", 405, "GET, PUT only"},
			{"POST /orders/" + id, jsonType, good, 405, "GET, PUT only"},
			{"GET /checkout/B1", "", "", 400, "basket's id"},
			{"GET /checkout/" + strings.Repeat("b", 25), "", "", 400, "basket's id"},
			{"POST /checkout/b1", jsonType, good, 415, formType},
			{"POST /checkout/b1", formType, "order=%zz", 400, "form"},
			{"POST /checkout/b1", formType, "order=" + id + "&amount=x&currency=NOK", 400, "whole number"},
			{"POST /checkout/b1", formType, "order=x&amount=49900&currency=NOK", 400, "order's id"},
			{"POST /checkout/b1", formType, "order=" + id + "&amount=49901&currency=NOK", 409, "look at it again"},
			{"PUT /baskets/b1", jsonType, `{"quantity":0}`, 422, "1 to 99"},
			{"PUT /baskets/b1", jsonType, `{"quantity":100}`, 422, "1 to 99"},
			{"PUT /baskets/b1", jsonType, `{"number":1}`, 400, `unknown field "number"`},
			{"PUT /baskets/b_1", jsonType, `{"quantity":1}`, 400, "basket's id"},
			{"GET /baskets/b1", "", "", 405, "PUT only"},
			{"POST /webhooks/vipps", jsonType, `{}`, 401, "x-ms-date"},
			{"POST /webhooks/vipps", "text/plain", `{}`, 415, "application/json"},
			{"GET /webhooks/vipps", "", "", 405, "POST only"},
			{"GET /", "", "", 404, "nothing at this address"},
			{"GET /favicon.ico", "", "", 404, "nothing at this address"},
		}
		for _, test := range tests {
			method, path, _ := strings.Cut(test.request, " ")
			r := httptest.NewRequest(method, path, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.contentType)
			w := httptest.NewRecorder()
			s.service.Handler().ServeHTTP(w, r)

			about := test.request + " " + test.body[:min(len(test.body), 80)]
			require.Equal(t, test.status, w.Code, about)
			require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"), about)
			var p struct {
				Status int
				Detail string
			}
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p), about)
			require.Equal(t, test.status, p.Status, about)
			require.Contains(t, p.Detail, test.detail, about)
			require.Regexp(t, `^[A-Z].*\.$`, p.Detail, about)
		}
		for table, n := range map[string]int{"baskets": 1, "orders": 0, "effects": 0, "inbox": 0} {
			require.Equal(t, n, s.rows(table), table)
		}
		s.settle()
		require.Empty(t, s.world.calls)
	})
}

func TestTheFormWorksWithoutJavaScript(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		id := s.look("b1")
		form := "order=" + id + "&amount=49900&currency=NOK"
		w := s.ask("POST", "/checkout/b1", form, "Content-Type", formType)
		require.Equal(t, 303, w.Code)
		require.Equal(t, "/checkout/b1", w.Header().Get("Location"))
		s.settle()
		require.Contains(t, s.ask("GET", "/checkout/b1", "").Body.String(), `data-status="shipped"`)
		code, _ := s.submit(id, "b1")
		require.Equal(t, 200, code, "the script's submit of the same order is the same order")
		require.Equal(t, bought, s.world.books())
	})
}

func TestThePageIsLockedDown(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		h := s.ask("GET", "/checkout/b1", "").Header()
		require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'")
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", h.Get("Cache-Control"))
	})
}

func TestADeadDatabaseIsAnHonestAnswer(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		s.crash()
		require.Equal(t, 503, s.ask("GET", "/healthz", "").Code)
		w := s.ask("PUT", "/orders/b1-aaaaaaaa", `{"basket":"b1","amount":49900,"currency":"NOK"}`)
		require.Equal(t, 503, w.Code)
		require.NotContains(t, w.Body.String(), "sql")
	})
}

func FuzzSubmissionsAreTakenWholeOrNotAtAll(f *testing.F) {
	f.Add([]byte(`{"basket":"b1","amount":49900,"currency":"NOK"}`))
	f.Add([]byte(`{"basket":"b1","amount":49900,"currency":"NOK"} x`))
	f.Add([]byte(`{"Basket":"b1","amount":1e3,"currency":"N\u004fK","basket":"b2"}`))
	f.Add([]byte(`{"amount":-9223372036854775808}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		w, err := decodeSubmission("b1-aaaaaaaa", body)
		if err != nil {
			var p *problem
			require.ErrorAs(t, err, &p)
			require.Contains(t, []int{400, 422}, p.status)
			return
		}
		require.True(t, json.Valid(body))
		require.Regexp(t, basketShape, w.basket)
		require.Positive(t, w.price.Value)
		require.LessOrEqual(t, w.price.Value, int64(maxAmount))
		require.Len(t, w.hash(), 64)
	})
}

func FuzzANoticeHasAnIdentityOrIsRefused(f *testing.F) {
	f.Add([]byte(`{"msn":"123456","reference":"b1-aaaaaaaa-1","pspReference":"p","name":"AUTHORIZED","success":true}`))
	f.Add([]byte(`{"reference":"a","pspReference":"b","name":"\u0000"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := (&vippsAPI{}).notice(body)
		if err != nil {
			return
		}
		require.NotContains(t, n.event(), "\x00", "PostgreSQL takes no NUL")
		require.LessOrEqual(t, len(n.event()), 300)
		require.NotEmpty(t, n.Reference)
	})
}

func FuzzAPreferenceIsATimeOrNone(f *testing.F) {
	for _, header := range []string{"wait=10", `respond-async, WAIT = "0.5"; x`, "wait=1e309", "wait=-1", "wait=NaN", "waiting"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		wait, preferred := preferredWait([]string{header})
		require.GreaterOrEqual(t, int64(wait), int64(0))
		require.LessOrEqual(t, wait.Hours(), 300.0)
		require.False(t, wait > 0 && !preferred)
	})
}
