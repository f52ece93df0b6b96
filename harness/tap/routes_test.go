package tap_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// Operations of one method and path are told apart by a value in them, and the
// callee gets what the caller sent.
func TestOneRouteOfSeveralIsHit(t *testing.T) {
	const path = "/graphql?v=1"
	hit := OnPath(CustomerHop, "POST", "/graphql[operationName=Complete]").Nth(1).Answers(503)
	for name, row := range map[string]struct {
		where     observe.Where
		injection Injection
		path      string
		body      string
		header    http.Header
		status    int
		told      string
	}{
		"the operation": {observe.Where{JSON: "/operationName", Value: "Complete"}, hit, path, `{"operationName":"Complete"}`, nil, 503, "/graphql[operationName=Complete]?v=1"},
		"another one":   {observe.Where{JSON: "/operationName", Value: "Complete"}, hit, path, `{"operationName":"Cart"}`, nil, 200, path},
		"no JSON":       {observe.Where{JSON: "/operationName", Value: "Complete"}, hit, path, `operationName=Complete`, nil, 200, path},
		"no object":     {observe.Where{JSON: "/operationName", Value: "Complete"}, hit, path, `[1]`, nil, 200, path},
		"in a batch":    {observe.Where{JSON: "/0/operationName", Value: "Complete"}, OnPath(CustomerHop, "POST", "/graphql[0.operationName=Complete]").Nth(1).Answers(503), path, `[{"operationName":"Complete"}]`, nil, 503, "/graphql[0.operationName=Complete]?v=1"},
		"a header":      {observe.Where{Header: "X-Op", Value: "buy"}, OnPath(CustomerHop, "POST", "/graphql[X-Op=buy]").Nth(1).Answers(503), path, ``, http.Header{"X-Op": {"buy"}}, 503, "/graphql[X-Op=buy]?v=1"},
		"a parameter":   {observe.Where{Query: "v", Value: "1"}, OnPath(CustomerHop, "POST", "/graphql[v=1]").Nth(1).Answers(503), path, ``, nil, 503, "/graphql[v=1]?v=1"},
		"a pretender":   {observe.Where{JSON: "/operationName", Value: "Complete"}, hit, "/graphql[operationName=Complete]", `{}`, nil, 200, "/graphql%5BoperationName=Complete%5D"},
		"odd letters":   {observe.Where{JSON: "/op", Value: "a b]/:é"}, OnPath(CustomerHop, "POST", "/graphql[op=a%20b%5D%2F%3A%C3%A9]").Nth(1).Answers(503), path, `{"op":"a b]/:é"}`, nil, 503, "/graphql[op=a%20b%5D%2F%3A%C3%A9]?v=1"},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			shop := newLedger(t, func(_ http.ResponseWriter, r *http.Request) { got = r.URL.RequestURI() })
			require.NoError(t, row.injection.Check())
			complete := observe.Route{Operation: Submit, Hop: CustomerHop, Method: "POST", Path: "/graphql", Where: row.where}
			h := newHop(t, shop.address(), tap.Config{Routes: observe.Routes{complete}}, row.injection)
			r, err := http.NewRequestWithContext(within(t, soon), "POST", h.url(row.path), strings.NewReader(row.body))
			require.NoError(t, err)
			for name, values := range row.header {
				r.Header[name] = values
			}
			resp, err := newClient(t).Do(r)
			require.NoError(t, err)
			_, _ = io.Copy(io.Discard, resp.Body)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, row.status, resp.StatusCode)
			if row.status == 200 {
				require.Equal(t, row.path, got, "the wire is untouched")
			}
			for _, e := range h.History() {
				if e.Kind == observe.Arrived {
					require.Equal(t, strings.ReplaceAll(row.told, "?v=1", "?v="+redact.Mask), e.Message.Path)
					require.Equal(t, strings.Contains(row.told, "["), e.Message.Operation == Submit, "it is named")
				}
			}
		})
	}
}

// A field of a packed request is read as the callee reads it, and the callee gets it as
// it was packed.
func TestThePackedRequestIsToldApart(t *testing.T) {
	packs := map[string]string{
		"gzip":     packed(t, complete, gzipped),
		"x-gzip":   packed(t, complete, gzipped),
		"br":       packed(t, complete, brotlied),
		"deflate":  packed(t, complete, zlibbed),
		"br, gzip": packed(t, packed(t, complete, brotlied), gzipped),
		"identity": complete,
	}
	for encoding, body := range packs {
		require.Equal(t, 503, statusOf(t, encoding, body), encoding)
	}
	require.Equal(t, 200, statusOf(t, "gzip", packed(t, `{"operationName":"Cart"}`, gzipped)), "another operation")
	require.Equal(t, 200, statusOf(t, "zstd", "(\xb5/\xfd"), "nobody can read it")
	require.Equal(t, 200, statusOf(t, "gzip", "no gzip"), "it is no gzip")
}

const complete = `{"operationName":"Complete"}`

// statusOf is the answer to a packed request, where the operation Complete is answered
// 503 in the callee's place.
func statusOf(t *testing.T, encoding, body string) int {
	t.Helper()
	shop := newLedger(t, func(http.ResponseWriter, *http.Request) {})
	route := observe.Route{Operation: Submit, Hop: CustomerHop, Method: "POST", Path: "/graphql", Where: observe.Where{JSON: "/operationName", Value: "Complete"}}
	h := newHop(t, shop.address(), tap.Config{Routes: observe.Routes{route}},
		OnPath(CustomerHop, "POST", "/graphql[operationName=Complete]").Nth(1).Answers(503))
	answer, _, err := dial(t, h.address).ask("POST", "/graphql", body, "Content-Type", "application/json", "Content-Encoding", encoding)
	require.NoError(t, err)
	if answer.StatusCode == 200 {
		require.Equal(t, []string{body}, shop.committed, "the wire is untouched")
	}
	return answer.StatusCode
}
