package harness_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
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
		require.Equal(t, want, Truncate(text, 16))
	}
}

// However long somebody's words are: the record can be read, and a person reads
// the failure.
func TestNoTextIsTooLongForARecord(t *testing.T) {
	long := strings.Repeat("0123456789abcde ", 1<<17)
	var b bytes.Buffer
	sink := NewRecord(&b)
	enact := func(id string, see func(See Observer), err error) *Run {
		story := Story{ID: id, Plot: "It cannot be staged.", Script: func(*Stage) {}}
		return Enact(t.Context(), story, Options{World: "wire", Expects: "kept", Sink: sink},
			func(_ context.Context, _ Brief, r *Recorder) (Environment, error) {
				see(r.See)
				return nil, err
			})
	}
	for _, run := range []*Run{
		enact("long-failure", func(Observer) {}, errors.New(long)),
		enact("long-words", func(see Observer) {
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
	runs, err := ReadRuns(&b)
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.Contains(t, runs[0].Failure, "0123456789abcde 0123456789abcde")
	require.Len(t, runs[1].History, 7)

	judged := run()
	judged.Judge([]Promise{{Name: "wordy", Judge: func(*Run) Ruling { return Ruling{Verdict: Broken, Because: long} }}})
	require.Less(t, len(judged.FailureText()), 32<<10)
}

// What no reader would take is not written, and anyone who writes is told.
func TestALineThatIsTooLongDoesNotSpoilTheRecord(t *testing.T) {
	m := message(observe.Sent, "ana", CustomerHop, "ana-1")
	m.Message.Missing = []string{strings.Repeat("x", 1<<20)}
	long, next := run(at(0, m, clicks(1))), whole("next")
	long.ID = "long"
	var b bytes.Buffer
	sink := NewRecord(&b)
	sink.Write(long)
	sink.Write(next)
	require.ErrorContains(t, sink.Err(), "one has at most 1048576")
	runs, err := ReadRuns(&b)
	require.NoError(t, err)
	require.Len(t, runs, 2)
}
