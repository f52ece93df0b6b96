package cause

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// pay is a request for a payment, and how it ended; 0: without an answer.
type pay struct {
	key, body string
	status    int
}

// saysSentAgain says whether the causes of such a run tell of a request that was made again.
func saysSentAgain(baskets []string, list ...pay) bool {
	run := &judge.Run{}
	for _, basket := range baskets {
		run.History = append(run.History, observe.Event{Actor: "customer", Kind: observe.Action, Act: &observe.Act{Does: observe.Opens, Basket: basket}})
	}
	for i, p := range list {
		m := observe.Message{Hop: observe.ProviderHop, Operation: observe.CreatePayment, Call: "p-" + string(rune('a'+i)), Method: "POST", Path: "/payments", Body: p.body}
		if p.key != "" {
			m.Header = map[string]string{"Idempotency-Key": p.key}
		}
		run.History = append(run.History, observe.Event{Actor: "checkout>provider", Kind: observe.Sent, Message: &m})
		if answer := m; p.status != 0 {
			answer.Status = p.status
			run.History = append(run.History, observe.Event{Actor: "checkout>provider", Kind: observe.Received, Message: &answer})
		}
	}
	return slices.ContainsFunc(Find(run), func(f Finding) bool {
		return strings.Contains(f.Says, "or the client in it, sent POST /payments again")
	})
}

func TestWhichRequestsAreTheSame(t *testing.T) {
	const (
		first  = `{"amount":49900,"reference":"b-ana-1","at":"2026-01-02T03:04:05Z","trace":"0b5a2f3e-7f2d-4f0c-9c66-0d5f2f1d7a01"}`
		second = `{"amount":49900,"reference":"b-ana-1","at":"2026-01-02T03:04:09.123+01:00","trace":"9e8d7c6b-1111-4222-8333-444455556666"}`
	)
	one, two := []string{"b-ana"}, []string{"b-ana", "b-bo"}
	for name, row := range map[string]struct {
		baskets []string
		list    []pay
		again   bool
	}{
		"the same after no answer":          {one, []pay{{"", first, 0}, {"", first, 200}}, true},
		"the same after an error":           {one, []pay{{"", first, 503}, {"", first, 200}}, true},
		"after a success":                   {one, []pay{{"", first, 200}, {"", first, 200}}, false},
		"its times and ids differ":          {one, []pay{{"", first, 0}, {"", second, 200}}, true},
		"a time in milliseconds differs":    {one, []pay{{"", `{"at":1767322800123}`, 0}, {"", `{"at":1767322800999}`, 200}}, true},
		"a form whose time differs":         {one, []pay{{"", "at=2026-01-02T03%3A04%3A05Z&amount=1", 0}, {"", "at=2026-01-02T03%3A04%3A06Z&amount=1", 200}}, true},
		"another amount":                    {one, []pay{{"", `{"amount":1}`, 0}, {"", `{"amount":2}`, 200}}, false},
		"another order of hers":             {one, []pay{{"", first, 0}, {"", strings.ReplaceAll(first, "b-ana-1", "b-ana-2"), 200}}, false},
		"hers, while another buys":          {two, []pay{{"", first, 0}, {"", second, 200}}, true},
		"two customers, the same thing":     {two, []pay{{"", `{"amount":49900}`, 0}, {"", `{"amount":49900}`, 200}}, false},
		"two customers, each her own":       {two, []pay{{"", first, 0}, {"", strings.ReplaceAll(first, "b-ana-1", "b-bo-1"), 200}}, false},
		"one key, and another time":         {two, []pay{{"k", first, 0}, {"k", second, 200}}, true},
		"one key, and nobody knows whose":   {two, []pay{{"k", "{}", 0}, {"k", "{}", 200}}, true},
		"one key for two customers":         {two, []pay{{"k", first, 0}, {"k", strings.ReplaceAll(first, "b-ana-1", "b-bo-1"), 200}}, false},
		"two keys are another cause":        {one, []pay{{"k", first, 0}, {"l", first, 200}}, false},
		"the first has a key, not the next": {one, []pay{{"k", first, 0}, {"", first, 200}}, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.again, saysSentAgain(row.baskets, row.list...)) })
	}
}

// A random id that names an order is what tells two orders apart.
func TestAnIDThatNamesAnOrderIsKept(t *testing.T) {
	ids := []string{"0b5a2f3e-7f2d-4f0c-9c66-0d5f2f1d7a01", "9e8d7c6b-1111-4222-8333-444455556666"}
	run := &judge.Run{History: []observe.Event{{Actor: "customer", Kind: observe.Action, Act: &observe.Act{Does: observe.Opens, Basket: "b-ana"}}}}
	for _, id := range ids {
		run.History = append(run.History, observe.Event{Actor: "checkout", Kind: observe.Order, Entry: &observe.Entry{Reference: id, Basket: "b-ana"}})
	}
	d := &detective{run: run}
	of := func(id string) string { return d.about(&observe.Message{Body: `{"order":"` + id + `"}`}) }
	require.NotEqual(t, of(ids[0]), of(ids[1]))
	require.Equal(t, of("11111111-1111-4222-8333-444455556666"), of("22222222-1111-4222-8333-444455556666"))
}
