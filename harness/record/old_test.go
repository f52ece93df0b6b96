package record_test

import (
	"bytes"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	. "github.com/unhappypath/unhappypath/harness/record"
)

// What an earlier version recorded is read in the words of today, judged to the same,
// and written in the form of today.
func TestOldRecordsAreRead(t *testing.T) {
	text, err := os.ReadFile("testdata/record-v2.jsonl")
	require.NoError(t, err)
	_, first, _ := bytes.Cut(text, []byte("\n")) // version 1 had no origin
	for version, text := range map[string][]byte{"2": text, "1": bytes.ReplaceAll(first, []byte(`{"v":2,`), []byte(`{"v":1,`))} {
		runs, err := ReadAll(bytes.NewReader(text))
		require.NoError(t, err)
		require.Len(t, runs, 1)
		run := runs[0]
		require.Len(t, run.Effects(0), 4, "version %s: its injection took effect", version)
		require.Equal(t, "customer>checkout PUT /orders/{id} #1 arrives: latency 1m30s downstream, for 50s", run.Schedule[0].String())
		require.Equal(t, judge.Kept, run.Ruling("every-injection-took-effect").Verdict)
		rulings := run.Rulings
		run.Rejudge()
		require.ElementsMatch(t, rulings, run.Rulings)

		var today bytes.Buffer
		NewWriter(&today).Write(run)
		require.NotRegexp(t, regexp.MustCompile(`"(struck|strike|blow|every-strike-bit)"`), today.String())
		again, err := ReadAll(&today)
		require.NoError(t, err)
		require.Equal(t, run.History, again[0].History)
	}
}

// A schedule on operations is read back with the hops and paths of its shop.
func TestARecordResolvesOperations(t *testing.T) {
	run := Happy()
	run.Schedule, run.Routes = injection.Schedule{injection.On(observe.Submit).Nth(1).Closes(), injection.On(observe.Capture).Closes()}, routes
	var text bytes.Buffer
	NewWriter(&text).Write(run)
	read, err := ReadAll(&text)
	require.NoError(t, err)
	require.Equal(t, observe.CustomerHop, read[0].Schedule[0].Hop)
	require.Equal(t, "/payments/{reference}/capture", read[0].Schedule[1].Trigger.Path)
	_, err = ReadAll(bytes.NewReader([]byte(`{"v":3,"open":{"id":"x","schedule":["Capture arrives: close"]}}`)))
	require.ErrorContains(t, err, "record, line 1: ")
	require.ErrorIs(t, err, injection.ErrNoRoute)
}

// A token of the first version is read: a path in it is one as written.
func TestAnOldTokenIsRead(t *testing.T) {
	r, err := ParseReplay("u1.eyJzdG9yeSI6InBsYWluLXB1cmNoYXNlIiwic2VlZCI6Nywic3RyaWtlcyI6WyJjdXN0b21lclx1MDAzZWNoZWNrb3V0IFBVVCAvb3JkZXJzL3tpZH0gIzEgYW5zd2VyZWQ6IGhhbmciXX0.0e1a9e21")
	require.NoError(t, err)
	require.Equal(t, injection.Schedule{injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Hangs()}, r.Injections)
}

var routes = observe.Routes{
	{Operation: observe.Submit, Hop: observe.CustomerHop, Method: "POST", Path: "/graphql", Where: observe.Where{JSON: "/op", Value: "Buy"}},
	{Operation: observe.OrderStatus, Hop: observe.CustomerHop, Method: "GET", Path: "/orders/{id}"},
	{Operation: observe.Submit, Hop: observe.CustomerHop, Method: "PUT", Path: "/orders/{id}"},
	{Operation: observe.Capture, Hop: observe.ProviderHop, Method: "POST", Path: "/payments/{reference}/capture"},
	{Operation: observe.PaymentWebhook, Hop: observe.WebhookHop, Method: "POST", Path: "/hooks"},
}
