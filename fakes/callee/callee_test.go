package callee_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/callee"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/observe/packed"
)

const stockHop observe.Hop = "checkout>stock"

func to(method, path string, where observe.Where) observe.Route {
	return observe.Route{Hop: stockHop, Method: method, Path: path, Where: where}
}

func says(route observe.Route, status int, body string) callee.Answer {
	return callee.Answer{Route: route, Status: status, Header: map[string]string{"Content-Type": "application/json", "X-Stock": "yes"}, Body: []byte(body)}
}

var stock = []callee.Answer{
	says(to("POST", "/reservations", observe.Where{}), 201, `{"id":"r-1"}`),
	says(to("POST", "/reservations", observe.Where{JSON: "/item/sku", Value: "gone"}), 409, `{"error":"sold out"}`),
	says(to("POST", "/reservations", observe.Where{Header: "X-Mode", Value: "dry"}), 202, ""),
	says(to("GET", "/items/{id}", observe.Where{}), 200, `{"left":3}`),
	says(to("GET", "/items/{id}", observe.Where{Query: "at", Value: "oslo"}), 200, `{"left":0}`),
	says(to("POST", "/numbers", observe.Where{JSON: "/n", Value: "7"}), 200, "seven"),
}

// ask asks the service and gives its answer, and what was told of it.
func ask(t *testing.T, s http.Handler, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

// A packed request is told apart by what is in it, and its work has its key and its owner.
func TestAPackedRequestIsRead(t *testing.T) {
	var booked []observe.Entry
	send := to("POST", "/reservations", observe.Where{JSON: "/item/sku", Value: "here"})
	s := callee.New(callee.Config{Name: "stock", Hop: stockHop, Answers: stock, Work: &callee.Work{
		Route: send, Key: observe.Where{JSON: "/id"},
		Owner: func(texts []string) (string, string) {
			return texts[slices.Index(texts, "b-ana")], "b-ana"
		},
	}, See: func(e observe.Event) {
		if e.Entry != nil {
			booked = append(booked, *e.Entry)
		}
	}})
	for _, coding := range []string{"gzip", "br", "deflate"} {
		h := http.Header{"Content-Encoding": {coding}}
		for body, status := range map[string]int{`{"item":{"sku":"gone"}}`: 409, `{"item":{"sku":"here"},"id":"` + coding + `","of":"b-ana"}`: 201} {
			text, err := packed.Again(h, []byte(body))
			require.NoError(t, err)
			for range 2 { // the second has the same key
				require.Equal(t, status, ask(t, s, "POST", "/reservations", string(text), "Content-Encoding", coding).StatusCode)
			}
		}
	}
	require.Len(t, booked, 3)
	require.Equal(t, observe.Entry{Op: observe.ParcelBooked, Reference: "b-ana", Key: "gzip", Owner: "b-ana"}, booked[0])
}

func TestAnAnswerIsTheFirstThatFits(t *testing.T) {
	s := callee.New(callee.Config{Name: "stock", Hop: stockHop, Answers: stock, See: observe.Nobody})
	for name, row := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
	}{
		"any":                     {"POST", "/reservations", `{"item":{"sku":"here"}}`, nil, 201},
		"no JSON":                 {"POST", "/reservations", `sku`, nil, 201},
		"no body":                 {"POST", "/reservations", ``, nil, 201},
		"a value in the body":     {"POST", "/reservations", `{"item":{"sku":"gone"}}`, nil, 409},
		"a header":                {"POST", "/reservations", `{}`, []string{"X-Mode", "dry"}, 202},
		"any segment":             {"GET", "/items/77", "", nil, 200},
		"a query":                 {"GET", "/items/77?at=oslo", "", nil, 200},
		"a number":                {"POST", "/numbers", `{"n":7}`, nil, 200},
		"another number":          {"POST", "/numbers", `{"n":8}`, nil, 404},
		"another method":          {"PUT", "/reservations", "", nil, 404},
		"another path":            {"GET", "/items", "", nil, 404},
		"a pointer into a string": {"POST", "/reservations", `{"item":"sku"}`, nil, 201},
	} {
		resp := ask(t, s, row.method, row.path, row.body, row.headers...)
		require.Equal(t, row.status, resp.StatusCode, name)
		require.Equal(t, map[bool]string{true: "yes"}[row.status != 404], resp.Header.Get("X-Stock"), name)
	}
}

// What nobody described is told, unless the description says what comes otherwise.
func TestWhatIsNotDescribedIsTold(t *testing.T) {
	var seen []observe.Event
	c := callee.Config{Name: "stock", Hop: stockHop, Answers: stock, See: func(e observe.Event) { seen = append(seen, e) }}
	unanswered := func() bool {
		return slices.ContainsFunc(seen, func(e observe.Event) bool { return e.Kind == observe.Answered && e.Message.Unanswered })
	}
	ask(t, callee.New(c), "GET", "/items/1", "")
	require.False(t, unanswered())
	require.Equal(t, http.StatusNotFound, ask(t, callee.New(c), "DELETE", "/reservations/1", "").StatusCode)
	require.True(t, unanswered())
	require.Contains(t, seen[len(seen)-1].Message.Body, "no answer to DELETE /reservations/1 is described for stock")

	seen = nil
	c.Otherwise = &callee.Answer{Status: 204}
	require.Equal(t, http.StatusNoContent, ask(t, callee.New(c), "DELETE", "/reservations/1", "").StatusCode)
	require.False(t, unanswered())
}

// One key is one work, however often it comes; a refusal is none.
func TestWorkIsCountedByItsKey(t *testing.T) {
	for name, row := range map[string]struct {
		key  observe.Where
		want int
	}{
		"no key":   {observe.Where{}, 4},
		"a header": {observe.Where{Header: "Idempotency-Key"}, 3}, // one call has none
		"a field":  {observe.Where{JSON: "/id"}, 2},
	} {
		works := 0
		s := callee.New(callee.Config{
			Name: "stock", Hop: stockHop, Answers: stock,
			Work: &callee.Work{Route: to("POST", "/reservations", observe.Where{}), Key: row.key, Owner: func(texts []string) (string, string) {
				require.Contains(t, texts, "order-1")
				return "order-1", "b-ana"
			}},
			See: func(e observe.Event) {
				if e.Kind == observe.Parcel {
					require.Equal(t, "order-1", e.Entry.Reference)
					require.Equal(t, "b-ana", e.Entry.Owner)
					works++
				}
			},
		})
		ask(t, s, "POST", "/reservations", `{"id":"1","order":"order-1"}`, "Idempotency-Key", "a")
		ask(t, s, "POST", "/reservations", `{"id":"1","order":"order-1"}`, "Idempotency-Key", "a")
		ask(t, s, "POST", "/reservations", `{"id":"2","order":"order-1"}`, "Idempotency-Key", "b")
		ask(t, s, "POST", "/reservations", `{"id":"2","order":"order-1"}`)
		ask(t, s, "POST", "/reservations", `{"id":"3","order":"order-1","item":{"sku":"gone"}}`, "Idempotency-Key", "c")
		require.Equal(t, row.want, works, name)
	}
}
