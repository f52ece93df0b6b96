package enact_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/unhappypath/unhappypath/harness/enact"

	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/redact"
)

func TestATextThatIsTooLongIsCutBetweenWords(t *testing.T) {
	for text, want := range map[string]string{
		"short enough":                         "short enough",
		"0123456789 secret-12":                 "0123456789 …",
		`{"a":"0123","secret":"x"}`:            `{"a":"0123", …`,
		"012345678901234567":                   "0123456789012345 …",
		"b 0123456789012345":                   "b 01234567890123 …",
		"012345678901234æ":                     "012345678901234 …",
		strings.Repeat("\xff", 20) + " and so": " …",
	} {
		require.Equal(t, want, redact.Truncate(text, 16))
	}
}

// However long somebody's words are: the record can be read, and a person reads
// the failure.
func TestNoTextIsTooLongForARecord(t *testing.T) {
	long := strings.Repeat("0123456789abcde ", 1<<17)
	var b bytes.Buffer
	sink := record.NewWriter(&b)
	enact := func(id string, see func(See observe.Observer), err error) *Run {
		story := Story{ID: id, Plot: "It cannot be staged.", Script: func(*Stage) {}}
		return enact.Run(t.Context(), story, enact.Options{World: "wire", Expects: "kept", Sink: sink},
			func(_ context.Context, _ environment.Brief, r *environment.Recorder) (environment.Environment, error) {
				see(r.See)
				return nil, err
			})
	}
	for _, run := range []*Run{
		enact("long-failure", func(observe.Observer) {}, errors.New(long)),
		enact("long-words", func(see observe.Observer) {
			see(Event{Actor: "a", Kind: observe.Note, Text: long})
			see(Event{Actor: "a", Kind: observe.Process, Life: &observe.Life{What: observe.Stage(long), Text: long}})
			see(Event{Actor: "a", Kind: observe.Injected, Effect: &observe.Effect{Text: long}})
			see(Event{Actor: "a", Kind: observe.Action, Act: &observe.Act{Does: observe.Verb(long), Tab: long}})
			see(Event{Actor: "a", Kind: observe.Screen, View: &observe.View{Says: observe.Status(long), Text: long}})
			see(Event{Actor: "a", Kind: observe.Money, Entry: &observe.Entry{Reference: "b", State: observe.Status(long)}})
			see(Event{Actor: "a", Kind: observe.Sent, Message: &observe.Message{Path: "/" + long, Header: map[string]string{"Location": long}}})
		}, errors.New("short")),
	} {
		require.Less(t, len(run.FailureText()), 32<<10)
	}
	require.NoError(t, sink.Err())
	runs, err := record.ReadAll(&b)
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.Contains(t, runs[0].Failure, "0123456789abcde 0123456789abcde")
	require.Len(t, runs[1].History, 7)

	judged := RunOf()
	judged.Judge([]Promise{{Name: "wordy", Judge: func(*Run) Ruling { return Ruling{Verdict: Broken, Because: long} }}})
	require.Less(t, len(judged.FailureText()), 32<<10)
}
