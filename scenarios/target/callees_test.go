package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
)

// callees is a description with these callees.
func callees(text string) string {
	return strings.Replace(smallest, "money:", "callees:\n  "+strings.ReplaceAll(text, "\n", "\n  ")+"\nmoney:", 1)
}

func TestACalleesRequestIsAnOperation(t *testing.T) {
	shop, err := parse([]byte(callees(`tax-office: {answers: [{post: /v1/rates, json: {}}]}
stock:
  answers:
    - {post: /graphql, where: {json: {/operationName: reserveAll}}, json: {}}
    - {get: "/items/{id}", json: {left: 3}}
    - {get: /items, json: []}
    - {delete: "/reservations/{id}", operation: Release, status: 204}
    - {post: /reservations, where: {json: {/sku: gone}}, operation: Reserve, status: 409}
    - {post: /reservations, operation: Reserve, json: {id: r-1}}`)))
	require.NoError(t, err)
	var names []string
	for _, r := range shop.Routes() {
		if name := r.Hop.Callee(); name == "stock" || name == "tax-office" {
			names = append(names, string(r.Operation)+" "+r.Method+" "+r.Spelling())
		}
	}
	require.Equal(t, []string{
		"StockPostGraphqlReserveAll POST /graphql[operationName=reserveAll]", "StockGetItemsById GET /items/{id}", "StockGetItems GET /items",
		"Release DELETE /reservations/{id}", "Reserve POST /reservations[sku=gone]", "Reserve POST /reservations",
		"TaxOfficePostV1Rates POST /v1/rates",
	}, names)
	own, why := shop.Story(Story{ID: "x", Injections: Schedule{On("Reserve").Nth(1).Answered().Closes()}})
	require.Empty(t, why)
	require.Equal(t, "Reserve #1 answered: close", own.Injections[0].String())
	require.Equal(t, "callees.tax-office.url", shop.URLFact("checkout>tax-office"))
	require.Equal(t, "shipping.url", shop.URLFact("checkout>shipping"))
}

func TestAWrongCalleeIsToldWithItsLine(t *testing.T) {
	const stock = "stock: {answers: [{post: /r, json: {}}]}"
	for text, want := range map[string]string{
		"Stock: {answers: [{post: /r}]}":                                                           `callees.Stock: "Stock" is no name here: the name of a callee has up to 20 small letters, digits and hyphens, such as stock`,
		"stock: {}":                                                                                "callees.stock: it lacks answers",
		"stock: {answers: []}":                                                                     "callees.stock.answers: minItems",
		"stock: {answers: [{json: {}}]}":                                                           "an answer is to exactly one of get, post, put, patch or delete",
		"stock: {answers: [{get: /r, json: {}, text: x}]}":                                         "has at most one body: json, text or html",
		"stock: {answers: [{get: r}]}":                                                             "a path begins with a slash and has no query; {id} stands for any one segment",
		"stock: {answers: [{get: \"/r?x=1\"}]}":                                                    "a path begins with a slash and has no query",
		"stock: {answers: [{get: /r, status: 99}]}":                                                "shop.yaml:6:39: callees.stock.answers.0.status: ",
		"stock: {answers: [{get: /r}], otherwise: {}}":                                             "callees.stock.otherwise: ",
		"shipping: {answers: [{get: /r}]}":                                                         "callees.shipping: shipping is a name of the harness's own: call it my-shipping, say",
		"stock: {answers: [{get: /r, operation: reserve}]}":                                        `invalid operation "reserve": want letters and digits, the first a capital, such as ReserveStock`,
		"stock: {answers: [{get: /r, operation: Capture}]}":                                        "Capture is an operation of checkout>provider already: give this one a name of its own",
		"stock: {answers: [{get: /r, operation: BookParcel}]}":                                     "BookParcel is an operation of every shop already",
		"stock: {answers: [{get: /r}, {get: /r, status: 404}]}":                                    "callees.stock.answers.1: GET /r is answered above already: say where it is another request",
		`stock: {answers: [{get: "/r/{a}"}, {get: "/r/{b}"}]}`:                                     "GET /r/{b} is answered above already",
		"stock: {answers: [{get: /r-x}, {get: /rX}]}":                                              "StockGetRX is the name of two requests: say operation: with another name",
		stock + "\ntax: {answers: [{post: /t, operation: StockPostR}]}":                            "StockPostR is an operation of checkout>stock already",
		"stock: {answers: [{get: /r}, {get: /q, operation: StockGetR}]}":                           "StockGetR is the name of two requests",
		"stock: {answers: [{get: /r, where: {json: {/a: x}}}, {get: /r, where: {json: {/a: x}}}]}": "is answered above already",
	} {
		_, err := parse([]byte(callees(text)))
		require.ErrorContains(t, err, want, text)
	}
	_, err := parse([]byte(strings.Replace(callees(stock), "[go, version]", "[go, \"${callees.tax.url}\"]", 1)))
	require.ErrorContains(t, err, "nothing is known as ${callees.tax.url}; there are ")
	require.ErrorContains(t, err, ", callees.stock.url, ")
	_, err = parse([]byte(strings.Replace(callees(stock), "  command: [go, version]", "  url: http://127.0.0.1:3000", 1)))
	require.ErrorContains(t, err, "callees.stock: a service that runs already must know where stock is: say port: 8083, and point it there")
	shop, err := parse([]byte(callees("stock: {port: 8083, answers: [{post: /r}]}")))
	require.NoError(t, err)
	require.Equal(t, []int{8083}, shop.FixedPorts())
}
