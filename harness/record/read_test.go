package record_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	. "github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// stream is a record that is made while it is read, and is on no disk: so many
// bytes, piece by piece. It measures the heap meanwhile.
type stream struct {
	piece func(n int) string
	left  int
	n     int
	rest  []byte
	peak  uint64
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		if s.left <= 0 {
			return 0, io.EOF
		}
		s.n++
		s.rest = []byte(s.piece(s.n))
		s.left -= len(s.rest)
		s.peak = max(s.peak, heap())
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

const gigabyte = 1 << 30

// unwatched leaves a test of very many bytes to make slow: the race detector makes reading
// twenty times slower, and has nothing to find in it.
func unwatched(t *testing.T) {
	t.Helper()
	if racing || testing.Short() {
		t.Skip("make slow runs it, without the race detector")
	}
}

// long is the text of a run with long bodies, whose id is @.
func long(t *testing.T) string {
	m := Message(observe.Sent, "ana", observe.CustomerHop, "ana-1")
	m.Message.Body = strings.Repeat("x", observe.MaxBody)
	events := []observe.Event{m}
	for range 15 {
		events = append(events, m)
	}
	r := RunOf(At(0, events...))
	r.ID = "@"
	r.Rulings = []judge.Ruling{{Promise: "p", Verdict: judge.Kept}}
	return written(t, r)
}

func TestAGigabyteIsReadRunByRunInLittleMemory(t *testing.T) {
	unwatched(t)
	text := long(t)
	from := &stream{left: gigabyte, piece: func(n int) string { return strings.ReplaceAll(text, `"@"`, fmt.Sprintf(`"run-%d"`, n)) }}
	before, runs := heap(), 0
	_, err := Read(from, func(r *judge.Run) error {
		runs++
		require.Len(t, r.History, 16)
		require.Equal(t, judge.Kept, r.Verdict())
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, runs, gigabyte/(17*observe.MaxBody))
	t.Logf("%d runs, at most %d MB on the heap", runs, from.peak>>20)
	require.Less(t, from.peak-min(from.peak, before), uint64(64<<20), "peak heap in bytes")
}

func TestAGigabyteIsNotTakenIntoMemoryAtOnce(t *testing.T) {
	unwatched(t)
	text := long(t)
	opening, event := `{"v":2,"open":{"id":"x"}}`+"\n", `{"run":"x","event":{"kind":"note"}}`+"\n"
	for name, piece := range map[string]func(n int) string{
		"many runs": func(n int) string { return strings.ReplaceAll(text, `"@"`, fmt.Sprintf(`"run-%d"`, n)) },
		"runs without an end": func(n int) string {
			return strings.ReplaceAll(text[:strings.LastIndexByte(text[:len(text)-1], '\n')+1], `"@"`, fmt.Sprintf(`"run-%d"`, n))
		},
		"one run of small events": func(n int) string {
			if n == 1 {
				return opening
			}
			return strings.Repeat(event, 1000)
		},
	} {
		t.Run(name, func(t *testing.T) {
			from := &stream{left: gigabyte, piece: piece}
			before := heap()
			_, runs, err := ReadWhole(from)
			require.ErrorContains(t, err, "the runs to be held at once have more than 512 MB: stage fewer rounds a record")
			require.NotContains(t, err.Error(), "\n")
			require.Empty(t, runs)
			t.Logf("at most %d MB on the heap", from.peak>>20)
			require.Less(t, from.peak-min(from.peak, before), uint64(1536<<20), "peak heap in bytes")
		})
	}
}

func TestALineWithoutAnEndIsNotTakenIntoMemory(t *testing.T) {
	unwatched(t)
	from := &stream{left: gigabyte, piece: func(int) string { return strings.Repeat("x", 64<<10) }}
	before := heap()
	_, err := Read(from, func(*judge.Run) error { return nil })
	require.ErrorContains(t, err, "a line has at most 1048576 bytes")
	require.Less(t, from.peak-min(from.peak, before), uint64(32<<20), "peak heap in bytes")
}

func TestARecordSaysWhereItComesFrom(t *testing.T) {
	settings, err := settings.Parse([]string{"UNHAPPY_WORLD=virtual", "UNHAPPY_SHARD=2/3", "UNHAPPY_WITHOUT=one-payment", "UNHAPPY_SEED=7"})
	require.NoError(t, err)
	want := settings.Origin("Stories", "4f2a9c")
	want.Skipped = []Skip{{Name: "in a browser", Reason: "there is none"}}
	require.Equal(t, "shard 2 of 3", want.Part())
	require.Equal(t, "Stories, shard 2 of 3", want.Title())
	require.Equal(t, "shards 1, 3 of 3", want.Missing())

	var b bytes.Buffer
	record := NewWriter(&b)
	record.From(want)
	record.Write(whole("x"))
	got, runs, err := ReadWhole(&b)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Len(t, runs, 1)

	var none *Writer
	none.From(want) // writes nothing, as ever
}

func TestTheWholeIsNoPart(t *testing.T) {
	for _, o := range []Origin{{}, {Of: 1, Shards: []int{1}}, {Of: 2, Shards: []int{1, 2}}} {
		require.Empty(t, o.Part())
		require.Empty(t, o.Missing())
	}
}

func TestVersion1IsStillRead(t *testing.T) {
	origin, runs, err := ReadWhole(strings.NewReader(strings.ReplaceAll(written(t, whole("x")), `{"v":2,`, `{"v":1,`)))
	require.NoError(t, err)
	require.Equal(t, Origin{}, origin)
	require.Equal(t, whole("x").History, runs[0].History)
}

func TestAnOriginThatCannotBeIsRefused(t *testing.T) {
	run := written(t, whole("x"))
	for name, c := range map[string]struct{ text, because string }{
		"of the future":      {`{"v":4,"origin":{}}`, "line 1: version 4"},
		"in another's midst": {run + `{"v":2,"origin":{}}`, "a second record begins here; put records together with “unhappypath report merge”"},
		"twice":              {`{"v":2,"origin":{}}` + "\n" + `{"v":2,"origin":{}}`, "line 2: a second record begins here"},
		"shards of nothing":  {`{"v":2,"origin":{"shards":[1]}}`, "an origin of 0 shards"},
		"a shard beyond all": {`{"v":2,"origin":{"shards":[4],"of":3}}`, "shard 4 of 3"},
		"shards in disorder": {`{"v":2,"origin":{"shards":[2,1],"of":3}}`, "out of order"},
		"a million shards":   {`{"v":2,"origin":{"shards":[1],"of":1000000}}`, "an origin of 1000000 shards"},
	} {
		t.Run(name, func(t *testing.T) {
			_, runs, err := ReadWhole(strings.NewReader(c.text))
			require.ErrorContains(t, err, c.because)
			require.Empty(t, runs)
		})
	}
}

func TestWhoeverTakesRunsCanStop(t *testing.T) {
	enough := errors.New("enough")
	n := 0
	_, err := Read(strings.NewReader(written(t, whole("one"), whole("two"))), func(*judge.Run) error { n++; return enough })
	require.ErrorIs(t, err, enough)
	require.Equal(t, 1, n)
}

func TestShardsThatWereTornAreToldApart(t *testing.T) {
	for part, id := range map[string]string{`{"v":2,"origin":{"shards":[2],"of":3}}`: "cut-off-shard-2-of-3", "": "cut-off"} {
		runs, err := ReadAll(strings.NewReader(part + "\n" + written(t, whole("one")) + `{"v":2,"op`))
		require.NoError(t, err)
		require.Equal(t, id, runs[1].ID)
	}
}
