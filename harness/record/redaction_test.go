package record_test

import (
	"bytes"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/units"
)

// A history is redacted as a whole, and what goes to a sink event by event.
func TestNoSecretLeavesARecorder(t *testing.T) {
	const named, known = "c4n4ryXYZ", "hunter2222"
	var sunk judge.History
	for name, sink := range map[string]func(observe.Event){"no sink": nil, "a sink": func(e observe.Event) { sunk = append(sunk, e) }} {
		recorder := environment.NewRecorder(units.Wall, sink)
		recorder.AddSecrets("another secret")
		recorder.AddSecrets(known)
		recorder.See(observe.Event{Actor: "ana", Kind: observe.Note, Text: "token=" + named + " " + known + " b-ana-1 another secret"})
		var record bytes.Buffer
		NewWriter(&record).Write(&judge.Run{ID: "x", History: append(recorder.History(), sunk...)})
		require.Contains(t, record.String(), `"token=••• ••• b-ana-1 •••"`, name)
		for _, secret := range []string{named, known, "another"} {
			require.NotContains(t, record.String(), secret, name)
		}
		require.Equal(t, "••• token=•••", recorder.Redact(known+" token="+named), name)
	}
}

func TestSecretsAreAddedWhileEventsCome(t *testing.T) {
	recorder := environment.NewRecorder(units.Wall, nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			secret := "hunter2222" + strconv.Itoa(i)
			recorder.AddSecrets(secret)
			recorder.See(observe.Event{Kind: observe.Note, Text: secret})
		})
	}
	all.Wait()
	for _, e := range recorder.History() {
		require.NotContains(t, e.Text, "hunter")
	}
}

// The replay line is what a reader needs most.
func TestReplaysAreNotRedacted(t *testing.T) {
	replay := Replay{Story: "plain-purchase", Seed: 1, Injections: injection.Schedule{{Hop: observe.ProviderHop, Fault: injection.Latency(time.Second)}}}.String() + " and more"
	require.Equal(t, replay, environment.NewRecorder(units.Wall, nil).Redact(replay))
}
