package target

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestWhichMessagesOfAPageAreLooks(t *testing.T) {
	plain := &Target{Customer: Customer{Submit: request{Post: "/orders"}, Look: &request{Get: "/orders/${order}"}}}
	posts := &Target{Customer: Customer{Submit: request{Post: "/buy"}, Look: &request{Post: "/status"}}}
	gets := &Target{Customer: Customer{Submit: request{Get: "/buy/${basket}"}}}
	operation := func(name string) request {
		return request{Post: "/graphql", Where: &where{JSON: map[string]string{"/operationName": name}}}
	}
	order := operation("Order")
	graphql := &Target{Customer: Customer{Submit: operation("Complete"), Look: &order}}
	for name, row := range map[string]struct {
		shop         *Target
		method, path string
		n            int
		want         bool
	}{
		"a look":                         {plain, "GET", "/orders/1", 1, true},
		"any other GET":                  {plain, "GET", "/app.css", 1, true},
		"a submit":                       {plain, "POST", "/orders", 1, false},
		"a POST that looks":              {posts, "POST", "/status", 1, true},
		"a POST that buys":               {posts, "POST", "/buy", 1, false},
		"a GET that buys":                {gets, "GET", "/buy/1", 1, false},
		"a POST of a page without looks": {gets, "POST", "/x", 1, false},
		"an operation that looks":        {graphql, "POST", "/graphql[operationName=Order]", 3, true},
		"an operation that buys":         {graphql, "POST", "/graphql[operationName=Complete]", 2, false},
		"an operation by its customer":   {graphql, "POST", "/graphql", 0, true},
		"an operation of nobody's":       {graphql, "POST", "/graphql", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.want, row.shop.IsLook(observe.Message{Method: row.method, Path: row.path, N: row.n}))
		})
	}
}
