package vipps

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestTheDocumentIsValidAndSpeaksOfEveryOperation(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(Document)
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))

	documented := make(map[string]string)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			documented[op.OperationID] = method + " " + path
		}
	}
	served := make(map[string]string)
	for _, op := range operations {
		served[op.id] = op.method + " " + op.path
	}
	require.Equal(t, documented, served)
}

// The alarm rings: an answer that breaks the document does not go out.
func TestAnAnswerThatBreaksTheContractIsALoud500(t *testing.T) {
	wrong := map[string]answer{
		"an undeclared status":     {Status: 204},
		"another media type":       {Status: 200, MediaType: "text/plain", Body: []byte(`{}`)},
		"a field too few":          {Status: 200, MediaType: contract.PlainJSON, Body: []byte(`{"reference":"order-0001"}`)},
		"no JSON":                  {Status: 200, MediaType: contract.PlainJSON, Body: []byte(`{`)},
		"a problem without a type": {Status: 404, MediaType: contract.ProblemJSON, Body: []byte(`{"title":"x","status":404,"traceId":"x"}`)},
	}
	for name, a := range wrong {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			held := s.provider.contract
			w := httptest.NewRecorder()
			held.Hold(contract.Server{
				Actor: "provider", Hop: "checkout>provider", See: s.provider.cfg.See, Broken: s.provider.broken,
				Answer: func(*http.Request, []byte) (string, answer) { return "getPayment", a },
			}).ServeHTTP(w, httptest.NewRequest("GET", "/epayment/v1/payments/"+order, nil))
			require.Equal(t, 500, w.Code)
			require.NoError(t, held.Check("getPayment", answer{
				Status: w.Code, MediaType: w.Header().Get("Content-Type"), Body: w.Body.Bytes(),
			}))
			require.Len(t, s.seen.of(observe.Note), 1)
		})
	}
}

// The provider publishes its own documents. Where a copy lies in a folder
// shared/contracts beside this module, every call of every test in this package
// is checked against them; this test says whether it was so, and makes sure
// that the check takes effect.
func TestAnswersSatisfyThePublishedContracts(t *testing.T) {
	pub := published()
	if pub.missing != "" {
		t.Skip(pub.missing)
	}
	require.NoError(t, pub.err)
	s := open(t, func(c *Config) { c.ApproveAfter = 0 })
	s.create(order, 1000)
	require.Equal(t, 200, s.modify(order, "capture", 1000).Status)

	r, err := http.NewRequest("GET", "https://provider.test/epayment/v1/payments/"+order, nil)
	require.NoError(t, err)
	r.Header = s.header.Clone()
	require.NoError(t, pub.check(r, "", s.get(order)))
	require.Error(t, pub.check(r, "", reply{Status: 200, Body: `{}`, Header: http.Header{"Content-Type": {contract.PlainJSON}}}))
}

func checkPublished(t testing.TB, r *http.Request, body string, a reply) {
	t.Helper()
	if pub := published(); pub.missing == "" && pub.err == nil {
		require.NoError(t, pub.check(r, body, a), "%s %s → %d %s", r.Method, r.URL, a.Status, a.Body)
	}
}

type publishedContracts struct {
	missing string // why there are none
	err     error
	router  []routers.Router
}

var published = sync.OnceValue(func() (pub publishedContracts) {
	folder := filepath.Join(moduleRoot(), "..", "shared", "contracts")
	payments, err := os.ReadFile(filepath.Join(folder, "vipps-epayment.v1.yml"))
	webhooks, err2 := os.ReadFile(filepath.Join(folder, "vipps-webhooks.v1.yaml"))
	if err != nil || err2 != nil {
		pub.missing = "the published contracts are not part of this repository, and no folder shared/contracts lies beside it"
		return pub
	}
	// One schema lives in another document, on the network. No test here sends a receipt.
	external := regexp.MustCompile(`\$ref: 'https?://[^']*Receipt'`)
	payments = external.ReplaceAll(payments, []byte("type: object"))
	// The published paths of webhooks start below the server's own /webhooks.
	webhooks = bytes.ReplaceAll(webhooks, []byte("/v1/webhooks"), []byte("/webhooks/v1/webhooks"))

	for _, text := range [][]byte{payments, webhooks} {
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			pub.err = err
			return pub
		}
		doc.Servers = openapi3.Servers{{URL: "/"}}
		if adjust := doc.Components.Responses["AdjustResponse"]; adjust != nil {
			// The published media type of a successful capture is that of errors.
			// The fake sends application/json, which is what clients expect.
			content := adjust.Value.Content
			content[contract.PlainJSON] = content[contract.ProblemJSON]
		}
		router, err := gorillamux.NewRouter(doc)
		if err != nil {
			pub.err = err
			return pub
		}
		pub.router = append(pub.router, router)
	}
	return pub
})

// check compares one answer, and the request where it was accepted. What is not
// published (tokens, unknown paths, some statuses) passes.
func (pub publishedContracts) check(r *http.Request, body string, a reply) error {
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true}
	for _, router := range pub.router {
		route, vars, err := router.FindRoute(r)
		if err != nil {
			continue
		}
		r = r.Clone(context.Background())
		r.Body = io.NopCloser(strings.NewReader(body))
		in := &openapi3filter.RequestValidationInput{Request: r, PathParams: vars, Route: route, Options: options}
		// A customer's phone number fits all three alternatives of the
		// published oneOf, which allows exactly one.
		if a.Status < 300 && !strings.Contains(body, `"customer"`) {
			if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
				return err
			}
		}
		return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: in, Status: a.Status, Header: a.Header,
			Body: io.NopCloser(strings.NewReader(a.Body)), Options: options,
		})
	}
	return nil
}

// moduleRoot is the folder of go.mod above this one.
func moduleRoot() string {
	for at, err := filepath.Abs("."); err == nil; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return "."
}
