package record_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	. "github.com/unhappypath/unhappypath/harness/record"
)

// whole is a run with something of everything.
func whole(id string) *judge.Run {
	m := Message(observe.Received, "ana", observe.CustomerHop, "ana-1")
	m.Message.Header, m.Message.Status, m.Message.N = map[string]string{"Content-Type": "text/plain"}, 200, 3
	m.Message.Body, m.Message.Missing = "æ\n\"<&>\u2028", []string{"status"}
	r := Happy(
		At(5, m, Failed("ana-2", observe.Reset), Injected(0, "fired")),
		At(6, observe.Event{Actor: "stage", Kind: observe.Process, Life: &observe.Life{Process: "checkout", PID: 7, What: "killed"}}),
		At(7, Note("stage", "that is all")))
	r.ID, r.Plot, r.Labels, r.Database, r.Seed = id, "Ana buys.", []string{"case"}, "sqlite", 1<<63+1
	r.Without, r.Replay, r.Took = []string{"one-payment"}, "again", 3*time.Second
	r.Schedule = injection.Schedule{injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Closes().Lasting(time.Second)}
	r.Began = time.Date(2026, 11, 22, 20, 21, 22, 123, time.UTC)
	r.Judge(judge.StandardPromises())
	r.Index().Calls()
	return r
}

// written is a record of the runs.
func written(t *testing.T, runs ...*judge.Run) string {
	t.Helper()
	var b bytes.Buffer
	record := NewWriter(&b)
	for _, r := range runs {
		record.Write(r)
	}
	require.NoError(t, record.Err())
	return b.String()
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	one, two := whole("one"), whole("two")
	two.Failure, two.Unsettled, two.Mismatch = "no world", "a worker runs", "charges: want 2, got 1"
	two.Judge(nil)
	runs, err := ReadAll(strings.NewReader(written(t, one, two)))
	require.NoError(t, err)
	require.Len(t, runs, 2)
	for i, want := range []*judge.Run{one, two} {
		got := runs[i]
		require.Equal(t, want.History, got.History)
		got.Index().Calls() // what is derived is derived again
		require.Equal(t, want, got)
		rulings := got.Rulings
		if want == one {
			got.Judge(judge.StandardPromises())
			require.Equal(t, rulings, got.Rulings, "judged from disk it comes to the same")
		}
	}
}

func TestRunsThatHappenSideBySideAreToldApart(t *testing.T) {
	var b bytes.Buffer
	record := NewWriter(&b)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { record.Write(whole("x")) })
	}
	all.Wait()
	runs, err := ReadAll(&b)
	require.NoError(t, err)
	require.Len(t, runs, 8)
	ids := map[string]bool{}
	for _, r := range runs {
		ids[r.ID] = true
		require.Equal(t, whole("x").History, r.History)
	}
	require.Equal(t, map[string]bool{"x": true, "x/2": true, "x/3": true, "x/4": true, "x/5": true, "x/6": true, "x/7": true, "x/8": true}, ids)
}

func TestARunWhoseIDIsTakenGetsANumberThatIsFree(t *testing.T) {
	one, two, three, four := whole("x/2"), whole("x"), whole("x"), whole("x")
	written(t, one, two, three, four)
	require.Equal(t, []string{"x/2", "x", "x/3", "x/4"}, []string{one.ID, two.ID, three.ID, four.ID})
}

func TestARunThatDoesNotCountIsOnTheDiskAndIsNotRead(t *testing.T) {
	first, second := whole("x"), whole("x")
	first.Uncounted = "this machine kept everybody waiting"
	text := written(t, first, second)
	require.Contains(t, text, first.Uncounted)
	runs, err := ReadAll(strings.NewReader(text))
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, "x", runs[0].ID, "the one that counts has the name")
	require.Empty(t, runs[0].Uncounted)
}

func TestARecordThatWasCutOffAnywhereIsUnfinishedOrOneClearError(t *testing.T) {
	small := Happy()
	small.Judge(judge.StandardPromises())
	text := written(t, small)
	opening := strings.IndexByte(text, '\n')
	for n := range len(text) - 1 { // without its last newline it is whole
		runs, err := ReadAll(strings.NewReader(text[:n]))
		switch {
		case n == 0:
			require.NoError(t, err)
			require.Empty(t, runs, "nothing was begun")
		case n < opening:
			require.ErrorContains(t, err, "record, line 1: no JSON line of a record", "cut at byte %d", n)
			require.Empty(t, runs)
		default:
			require.NoError(t, err, "cut at byte %d", n)
			require.Len(t, runs, 1)
			require.Equal(t, judge.Unfinished, runs[0].Verdict())
			require.Contains(t, runs[0].Failure, "cut off")
			require.Len(t, runs[0].History, strings.Count(text[:n+1], "\n")-1, "it has what was written whole")
		}
	}
}

func TestARunWhoseOpeningWasTornIsNotForgotten(t *testing.T) {
	first := written(t, whole("one"))
	second := written(t, whole("two"))
	runs, err := ReadAll(strings.NewReader(first + second[:40]))
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.Equal(t, whole("one").Verdict(), runs[0].Verdict())
	require.Equal(t, judge.Unfinished, runs[1].Verdict(), "what was lost must not look green")
}

func TestWhatIsNoRecordIsRefusedWithItsLine(t *testing.T) {
	open := `{"v":1,"open":{"id":"x"}}` + "\n"
	for name, c := range map[string]struct{ text, because string }{
		"another version":              {`{"v":4,"open":{"id":"x"}}`, "line 1: version 4 of the record; this program reads versions 1 to 3"},
		"another version and form":     {`{"v":4,"open":"x"}`, "line 1: version 4 of the record"},
		"no version":                   {`{"open":{"id":"x"}}`, "version 0"},
		"no id":                        {`{"v":1,"open":{}}`, "a run without an id"},
		"opened twice":                 {open + open, "line 2: run x is opened twice"},
		"an event of nothing":          {`{"run":"x","event":{"kind":"note"}}`, `line 1: run "x" was never opened`},
		"an event after the end":       {open + `{"run":"x","end":{}}` + "\n" + `{"run":"x","event":{"kind":"note"}}`, "line 3: run \"x\" was never opened"},
		"neither":                      {open + "\n\n" + `{"run":"x"}`, "line 4: neither the opening of a run, nor an event, nor an end"},
		"null":                         {"null", "was never opened"},
		"torn in the middle":           {open + `{"run":"x","ev` + "\n" + `{"run":"x","end":{}}`, "line 2: no JSON line of a record"},
		"no JSON at all":               {"hello", "line 1: no JSON line of a record"},
		"an injection that cannot be":  {`{"v":1,"open":{"id":"x","schedule":["moon>earth: down"]}}`, `no hop "moon>earth": the shop has [customer>checkout`},
		"an unknown kind":              {open + `{"run":"x","event":{"kind":"rumour"}}`, `an event of unknown kind "rumour"`},
		"a message without one":        {open + `{"run":"x","event":{"kind":"sent"}}`, `an event of kind "sent" without what it tells`},
		"an action without one":        {open + `{"run":"x","event":{"kind":"action"}}`, `"action" without`},
		"a screen without one":         {open + `{"run":"x","event":{"kind":"screen","text":"x"}}`, `"screen" without`},
		"an order without one":         {open + `{"run":"x","event":{"kind":"order"}}`, `"order" without`},
		"money without an entry":       {open + `{"run":"x","event":{"kind":"money","blow":{}}}`, `"money" without`},
		"a parcel without an entry":    {open + `{"run":"x","event":{"kind":"parcel"}}`, `"parcel" without`},
		"an injection without a fault": {open + `{"run":"x","event":{"kind":"injection"}}`, `"injection" without`},
		"a process without its life":   {open + `{"run":"x","event":{"kind":"process"}}`, `"process" without`},
		"drift without a message":      {open + `{"run":"x","event":{"kind":"drift"}}`, `"drift" without`},
		"a line without an end":        {open + strings.Repeat("x", 1<<20+1), "at most 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			runs, err := ReadAll(strings.NewReader(c.text))
			require.ErrorContains(t, err, c.because)
			require.ErrorContains(t, err, "record")
			require.Empty(t, runs)
		})
	}
}

func TestTheLongestMessageFitsALine(t *testing.T) {
	for _, filling := range []string{"\x00", "\xff", "<", "\u2028"} {
		m := Message(observe.Sent, "ana", observe.CustomerHop, "ana-1")
		m.Message.Body = strings.Repeat(filling, observe.MaxBody/len(filling))
		_, err := ReadAll(strings.NewReader(written(t, RunOf(At(0, m)))))
		require.NoError(t, err)
	}
}

func TestANilRecordWritesNothing(t *testing.T) {
	var none *Writer
	none.Write(whole("x"))
	require.NoError(t, none.Err())
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestARecordThatCouldNotBeWrittenSaysSo(t *testing.T) {
	record := NewWriter(full{})
	record.Write(whole("x"))
	require.ErrorContains(t, record.Err(), "the record could not be written: no space left on device")
}

func TestAVerdictThatNobodyKnowsIsNotGreen(t *testing.T) {
	runs, err := ReadAll(strings.NewReader(`{"v":1,"open":{"id":"x","expects":"kept"}}
{"run":"x","end":{"rulings":[{"promise":"p","verdict":"FINE"}]}}`))
	require.NoError(t, err)
	require.Equal(t, judge.Unfinished, runs[0].Verdict())
	require.False(t, runs[0].Good())
}

// FuzzReadRuns: no text panics, run by run it is read as it is in whole, and
// what can be read can be judged, told and written again.
func FuzzReadRuns(f *testing.F) {
	var b bytes.Buffer
	record := NewWriter(&b)
	record.From(Origin{Suite: "Stories", Commit: "4f2a9c", Shards: []int{1}, Of: 3})
	record.Write(whole("x"))
	f.Add(b.String())
	f.Add(b.String()[:b.Len()/2])
	f.Add(strings.ReplaceAll(b.String(), `"v":2`, `"v":1`))
	f.Add(`{"v":1,"open":{"id":"x","schedule":["customer>checkout: bandwidth 18014398509481984KB/s upstream"]}}` + "\n" +
		`{"run":"x","event":{"at":-1,"kind":"sent","message":{"hop":"customer>checkout"}}}`)
	f.Add(`{"v":1,"open":{"id":"x"}}` + "\n" + `{"run":"x","event":{"kind":"struck","blow":{"strike":-7}}}` + "\n" +
		`{"run":"x","end":{"rulings":[{"promise":"p","verdict":"BROKE","evidence":[-1,99]}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		origin, runs, err := ReadWhole(strings.NewReader(text))
		n := 0
		again, failed := Read(strings.NewReader(text), func(*judge.Run) error { n++; return nil })
		require.Equal(t, err == nil, failed == nil)
		if err != nil {
			require.Empty(t, runs)
			return
		}
		require.Equal(t, len(runs), n)
		require.Equal(t, origin, again)
		var written bytes.Buffer
		record := NewWriter(&written)
		record.From(origin)
		for _, r := range runs {
			r.Judge(judge.StandardPromises())
			_, _, _ = r.Good(), r.Sentence(), r.FailureText()
			record.Write(r)
		}
		require.NoError(t, record.Err())
		_, read, err := ReadWhole(&written)
		require.NoError(t, err)
		require.Len(t, read, len(runs))
	})
}

func TestARecordThatIsCutBetweenTwoRunsIsNotWhole(t *testing.T) {
	var b bytes.Buffer
	record := NewWriter(&b)
	record.From(Origin{Runs: 2})
	record.Write(whole("one"))
	cut := b.String()
	record.Write(whole("two"))
	runs, err := ReadAll(strings.NewReader(cut))
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.Equal(t, judge.Unfinished, runs[1].Verdict())
	require.Contains(t, runs[1].Plot, "breaks off after 1 of 2 runs")
	runs, err = ReadAll(&b)
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.NotEqual(t, judge.Unfinished, runs[1].Verdict())
}

func TestARunFromDiskKeepsWhatItsStoryPromisedBeside(t *testing.T) {
	r := Happy()
	r.Excused = []string{"no-storm"}
	r.Rulings = []judge.Ruling{{Promise: "told-at-last", Verdict: judge.Broken, Because: "nobody told her"}, {Promise: "charged-once", Verdict: judge.Broken}}
	r.Rejudge()
	require.Equal(t, judge.Broken, r.Ruling("told-at-last").Verdict)
	require.Equal(t, judge.Kept, r.Ruling("charged-once").Verdict, "judged again")
	require.Equal(t, "not judged: the story excuses it", r.Ruling("no-storm").Because)
}

// What no reader would take is not written, and anyone who writes is told.
func TestALineThatIsTooLongDoesNotSpoilTheRecord(t *testing.T) {
	m := Message(observe.Sent, "ana", observe.CustomerHop, "ana-1")
	m.Message.Missing = []string{strings.Repeat("x", 1<<20)}
	long, next := RunOf(At(0, m, Clicks(1))), whole("next")
	long.ID = "long"
	var b bytes.Buffer
	sink := NewWriter(&b)
	sink.Write(long)
	sink.Write(next)
	require.ErrorContains(t, sink.Err(), "one has at most 1048576")
	runs, err := ReadAll(&b)
	require.NoError(t, err)
	require.Len(t, runs, 2)
}
