package tap_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// A field is found at the top of a JSON body, by a JSON Pointer below it, and in a form;
// in requests and in answers alike.
func TestFieldsChangeWhereverTheyStand(t *testing.T) {
	const (
		nested = `{"id":"1","payment":{"amount":49900,"lines":[{"sku":"a"},"b"],"a/b":1e2}}`
		form   = "amount=49900&currency=nok&amount=1&x%5By%5D=a+b&flag"
	)
	rename := func(field string) Fault { return Fault{Kind: fault.Rename, Field: field, As: "new name"[:3]} }
	drop := func(field string) Fault { return Fault{Kind: fault.Drop, Field: field} }
	retype := func(field string) Fault { return Fault{Kind: fault.Retype, Field: field} }
	replace := func(field, value string) Fault { return Fault{Kind: fault.Replace, Field: field, Value: value} }
	for name, row := range map[string]struct {
		fault      Fault
		kind, body string
		want       string // "": nothing changes
		did        string
	}{
		"rename at the top":        {rename("id"), "json", nested, `{"new":"1","payment":{"amount":49900,"lines":[{"sku":"a"},"b"],"a/b":1e2}}`, `was called "new"`},
		"a pointer to the top":     {drop("/id"), "json", nested, `{"payment":{"amount":49900,"lines":[{"sku":"a"},"b"],"a/b":1e2}}`, "was dropped"},
		"rename below":             {rename("/payment/amount"), "json", nested, `{"id":"1","payment":{"a/b":1e2,"lines":[{"sku":"a"},"b"],"new":49900}}`, `was called "new"`},
		"drop below":               {drop("/payment/amount"), "json", nested, `{"id":"1","payment":{"a/b":1e2,"lines":[{"sku":"a"},"b"]}}`, "was dropped"},
		"retype below":             {retype("/payment/amount"), "json", nested, `{"id":"1","payment":{"a/b":1e2,"amount":[49900],"lines":[{"sku":"a"},"b"]}}`, "became a list"},
		"another number":           {replace("/payment/amount", "49901"), "json", nested, `{"id":"1","payment":{"a/b":1e2,"amount":49901,"lines":[{"sku":"a"},"b"]}}`, `became "49901"`},
		"a text stays one":         {replace("id", "2"), "json", nested, `{"id":"2","payment":{"amount":49900,"lines":[{"sku":"a"},"b"],"a/b":1e2}}`, `became "2"`},
		"a word for a number":      {replace("/payment/a~1b", "<x"), "json", nested, `{"id":"1","payment":{"a/b":"\u003cx","amount":49900,"lines":[{"sku":"a"},"b"]}}`, `became "<x"`},
		"another element":          {replace("/payment/lines/1", "c"), "json", nested, `{"id":"1","payment":{"a/b":1e2,"amount":49900,"lines":[{"sku":"a"},"c"]}}`, `became "c"`},
		"the same value":           {replace("/payment/amount", "49900"), "json", nested, "", ""},
		"the same element":         {replace("/payment/lines/1", "b"), "json", nested, "", ""},
		"replace in a form":        {replace("amount", "a&b"), "form", form, "amount=a%26b&currency=nok&amount=a%26b&x%5By%5D=a+b&flag", `became "a&b"`},
		"a value for a flag":       {replace("/flag", "1"), "form", form, "amount=49900&currency=nok&amount=1&x%5By%5D=a+b&flag=1", `became "1"`},
		"the same in a form":       {replace("currency", "nok"), "form", form, "", ""},
		"an escaped name":          {retype("/payment/a~1b"), "json", nested, `{"id":"1","payment":{"a/b":[1e2],"amount":49900,"lines":[{"sku":"a"},"b"]}}`, "became a list"},
		"in an element of a list":  {rename("/payment/lines/0/sku"), "json", nested, `{"id":"1","payment":{"a/b":1e2,"amount":49900,"lines":[{"new":"a"},"b"]}}`, `was called "new"`},
		"an element of a list":     {drop("/payment/lines/1"), "json", nested, `{"id":"1","payment":{"a/b":1e2,"amount":49900,"lines":[{"sku":"a"}]}}`, "was dropped"},
		"a list at the top":        {retype("/0"), "json", `["a"]`, `[["a"]]`, "became a list"},
		"no such element":          {drop("/payment/lines/2"), "json", nested, "", ""},
		"no number of an element":  {drop("/payment/lines/01"), "json", nested, "", ""},
		"an element has no name":   {rename("/payment/lines/0"), "json", nested, "", ""},
		"below what is no object":  {drop("/id/x"), "json", nested, "", ""},
		"no pointer leads nowhere": {drop("amount"), "json", nested, "", ""},
		"rename in a form":         {rename("amount"), "form", form, "new=49900&currency=nok&new=1&x%5By%5D=a+b&flag", `was called "new"`},
		"drop in a form":           {drop("x[y]"), "form", form, "amount=49900&currency=nok&amount=1&flag", "was dropped"},
		"retype in a form":         {retype("/currency"), "form", form, "amount=49900&currency[]=nok&amount=1&x%5By%5D=a+b&flag", "became a list"},
		"no value in a form":       {retype("flag"), "form", form, "amount=49900&currency=nok&amount=1&x%5By%5D=a+b&flag[]", "became a list"},
		"nothing below a form":     {drop("/x/y"), "form", form, "", ""},
		"JSON is no form":          {drop("amount"), "form", `{"amount":1}`, "", ""},
	} {
		kind := map[string]string{"json": "application/json", "form": "application/x-www-form-urlencoded; charset=utf-8"}[row.kind]
		on := OnPath(CustomerHop, "POST", "/orders").Nth(1)
		for part, injection := range map[string]Injection{"request": on.Does(row.fault), "answer": on.Answered().Does(row.fault)} {
			t.Run(name+", "+part, func(t *testing.T) {
				shop := newLedger(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", kind)
					_, _ = io.WriteString(w, row.body)
				})
				h := newHop(t, shop.address(), tap.Config{}, injection)
				answer, body, err := dial(t, h.address).ask("POST", "/orders", row.body, "Content-Type", kind, "Content-Digest", "x")
				require.NoError(t, err)
				require.EqualValues(t, len(body), answer.ContentLength)
				request, changed, did := shop.committed[0], row.body, []string(nil)
				if row.want != "" {
					changed = row.want
					did = []string{fmt.Sprintf("the field %q of the %s %s", row.fault.Field, part, row.did)}
				}
				if part == "request" {
					request, body = body, request
				}
				require.Equal(t, changed, body)
				require.Equal(t, row.body, request, "the other one is left alone")
				require.Equal(t, did, h.evidence())
			})
		}
	}
}

// A request is recorded as its caller sent it, packed again as it came, and loses the
// digest that would betray the fault.
func TestAPackedRequestChangesToo(t *testing.T) {
	var got *http.Request
	shop := newLedger(t, func(w http.ResponseWriter, r *http.Request) { got = r })
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "POST", "/orders").Nth(1).Drops("status"))
	c := dial(t, h.address)
	for range 2 {
		_, _, err := c.ask("POST", "/orders", packed(t, order, gzipped), "Content-Encoding", "gzip", "Content-Digest", "x")
		require.NoError(t, err)
		require.Equal(t, "gzip", got.Header.Get("Content-Encoding"))
	}
	require.Equal(t, `{"charged":49900,"id":"b-ana-1"}`, unpacked(t, "gzip", shop.committed[0]))
	require.Equal(t, order, unpacked(t, "gzip", shop.committed[1]))
	require.Equal(t, "x", got.Header.Get("Content-Digest"), "of the request that nothing hit")
	require.Equal(t, order, h.await(t, func(e Event) bool { return e.Kind == observe.Arrived }).Message.Body)
}

// A request that the tap cannot read passes as it is, and the history says why.
func TestARequestThatCannotBeReadPasses(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "POST", "/orders").Drops("status"))
	_, _, err := dial(t, h.address).ask("POST", "/orders", order, "Content-Encoding", "gzip")
	require.NoError(t, err)
	require.Equal(t, []string{order}, shop.committed)
	require.Empty(t, h.evidence())
	require.Equal(t, []string{"injection 1 had no effect on the request POST /orders: it is no valid gzip"}, h.notes())
}

// The copy reaches the callee while that has not answered the first, counts as under
// way, and is marked; the caller gets the first one's answer.
func TestACopyComesWhileTheFirstIsUnderWay(t *testing.T) {
	both := make(chan struct{})
	came := make(chan struct{}, 2)
	shop := newLedger(t, func(w http.ResponseWriter, _ *http.Request) {
		came <- struct{}{}
		<-both
		w.WriteHeader(http.StatusAccepted)
	})
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(1).DuplicatesAfter(time.Millisecond))
	ctx, c, saw := within(t, soon), newClient(t), make(chan outcome, 1)
	go func() { saw <- call(ctx, c, "PUT", h.url("/orders/1"), "") }()
	for range 2 { // neither was answered before both had come
		select {
		case <-came:
		case <-ctx.Done():
			t.Fatal("the copy waits for the answer to the first")
		}
	}
	require.Equal(t, 2, h.InFlight())
	close(both)
	require.Equal(t, http.StatusAccepted, (<-saw).status)
	h.await(t, func(e Event) bool { return e.Effect != nil })
	require.Equal(t, []string{"the callee got the request again, 1ms after the first"}, h.evidence())
	copies := map[int]bool{}
	for _, e := range h.History() {
		if e.Message != nil {
			copies[e.Message.N] = e.Message.Copy
		}
	}
	require.Equal(t, map[int]bool{1: false, 2: true}, copies)
}

// A copy that is still to come is sent when its injection heals, as a delay ends.
func TestACopyToComeIsSentWhenItHeals(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{}, OnPath(CustomerHop, "PUT", "/orders/{id}").DuplicatesAfter(time.Hour))
	require.Equal(t, 200, call(within(t, soon), newClient(t), "PUT", h.url("/orders/1"), "").status)
	require.Equal(t, 1, h.InFlight())
	h.injector.Stop()
	h.await(t, func(e Event) bool { return e.Effect != nil && e.Effect.What == observe.Fired })
	require.Equal(t, 2, shop.commits())
}
