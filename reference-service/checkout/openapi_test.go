package checkout

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/reference-service/page"
)

// A driven session: every request that is said to be good and every answer is
// held against the published document.
func TestTheServiceKeepsToItsPublishedDocument(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(openAPI)
	require.NoError(t, err)
	require.NoError(t, document.Validate(t.Context()))
	router, err := legacy.NewRouter(document)
	require.NoError(t, err)

	inBubble(t, func(t *testing.T, s *shop) {
		exercised := map[string]bool{}
		ask := func(good bool, method, path, contentType, body string, headers ...string) *recorded {
			r := httptest.NewRequest(method, path, bytes.NewReader([]byte(body)))
			if contentType != "" {
				r.Header.Set("Content-Type", contentType)
			}
			for i := 0; i+1 < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			route, parameters, err := router.FindRoute(r)
			require.NoError(t, err)
			exercised[route.Operation.OperationID] = true
			input := &openapi3filter.RequestValidationInput{
				Request: r, PathParams: parameters, Route: route,
			}
			if good {
				require.NoError(t, openapi3filter.ValidateRequest(t.Context(), input))
				r.Body = io.NopCloser(bytes.NewReader([]byte(body)))
			}
			w := httptest.NewRecorder()
			s.service.Handler().ServeHTTP(w, r)
			require.Equal(t, good, w.Code < 400, "%s %s: %v", method, path, w.Body)
			plain := w.Header().Get("Content-Type") == "text/html; charset=utf-8"
			require.NoError(t, openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
				RequestValidationInput: input, Status: w.Code, Header: w.Header(),
				Body:    io.NopCloser(bytes.NewReader(w.Body.Bytes())),
				Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: plain},
			}), "%s %s: %v", method, path, w.Body)
			return w
		}

		ask(true, "PUT", "/baskets/b1", jsonType, `{"quantity":2}`)
		ask(true, "GET", "/checkout/b1", "", "")
		id := s.look("b1")
		ask(false, "GET", "/orders/"+id, "", "")
		order := `{"basket":"b1","amount":99800,"currency":"NOK"}`
		ask(true, "PUT", "/orders/"+id, jsonType, order)
		ask(false, "PUT", "/orders/"+id, jsonType, `{"basket":"b1","amount":1,"currency":"NOK"}`)
		ask(false, "PUT", "/baskets/b1", jsonType, `{"quantity":3}`)
		notice := fmt.Sprintf(`{"msn":"123456","reference":"%s-1","pspReference":"p","name":"CREATED","success":true}`, id)
		ask(true, "POST", "/webhooks/vipps", jsonType, notice,
			signed(s.cfg.WebhookSecret, "/webhooks/vipps", "example.com", notice)...)
		ask(true, "PUT", "/orders/"+id, jsonType, order, "Prefer", "wait=10")
		ask(true, "GET", "/orders/"+id, "", "")

		ask(true, "GET", "/checkout/b2", "", "")
		ask(true, "POST", "/checkout/b2", formType, "order="+s.look("b2")+"&amount=49900&currency=NOK")
		s.notify("somebody-else-1", "AUTHORIZED")
		s.world.approveAfter = -1
		ask(true, "GET", "/checkout/b3", "", "")
		s.submit(s.look("b3"), "b3")
		time.Sleep(6 * time.Minute)
		ask(true, "GET", "/reconciliation", "", "")
		ask(true, "GET", "/healthz", "", "")
		ask(true, "GET", "/openapi.yaml", "", "")

		for path, item := range document.Paths.Map() {
			for method, operation := range item.Operations() {
				require.True(t, exercised[operation.OperationID], "%s %s was not exercised", method, path)
			}
		}
	})
}

func TestThePublishedDocumentOffersWhatThePageReads(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(openAPI)
	require.NoError(t, err)
	for call, fields := range page.Reads() {
		var method, path string
		_, err := fmt.Sscan(call, &method, &path)
		require.NoError(t, err)
		operation := document.Paths.Value(path).GetOperation(method)
		for _, status := range []int{http.StatusOK, http.StatusAccepted} {
			response := operation.Responses.Status(status)
			if response == nil {
				continue
			}
			schema := response.Value.Content.Get("application/json").Schema.Value
			for _, field := range fields {
				require.Contains(t, schema.Required, field, "%s answers %d", call, status)
			}
		}
	}
}

func TestThePageHasWordsForEveryStatus(t *testing.T) {
	for _, state := range []State{Authorizing, Stuck, Completed, Declined, Cancelled, Refunded} {
		require.Contains(t, page.Words(), state.Status())
	}
}
