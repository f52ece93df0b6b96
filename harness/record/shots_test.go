package record

import (
	"bytes"
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/units"
)

// jpeg is a picture of so many bytes, as far as a record looks at one.
func jpeg(size int) string {
	return base64.StdEncoding.EncodeToString(append([]byte("\xff\xd8\xff"), bytes.Repeat([]byte{0x7d}, size-3)...))
}

// shots is a history of two tabs in which pictures come after their screens.
func shots() judge.History {
	screen := func(kind observe.Kind, at time.Duration, seq int, tab string, says observe.Status, shot string) observe.Event {
		return observe.Event{At: at, Actor: "ana", Seq: seq, Kind: kind, View: &observe.View{Says: says, Basket: "b-ana", Tab: tab, Shot: shot}}
	}
	return judge.History{
		screen(observe.Screen, 1, 1, "", "ready", ""),
		screen(observe.Screen, 2, 2, "tab 2", "ready", ""),
		screen(observe.Shot, 5, 3, "", "ready", jpeg(100)),
		screen(observe.Shot, 5, 4, "tab 2", "ready", jpeg(200)),
		screen(observe.Screen, 6, 5, "", "waiting", ""),
		screen(observe.Screen, 7, 6, "", "shipped", ""),
		screen(observe.Shot, 9, 7, "", "shipped", jpeg(300)),
	}
}

func TestAPictureIsInTheScreenThatItShowsAtTheScreensOwnTime(t *testing.T) {
	told := shots()
	history := told.Illustrated()
	type seen struct {
		at         time.Duration
		tab        string
		says       observe.Status
		characters int
	}
	var got []seen
	for _, e := range history {
		require.Equal(t, observe.Screen, e.Kind)
		got = append(got, seen{e.At, e.View.Tab, e.View.Says, len(e.View.Shot)})
	}
	require.Equal(t, []seen{
		{1, "", "ready", len(jpeg(100))}, {2, "tab 2", "ready", len(jpeg(200))},
		{6, "", "waiting", 0}, {7, "", "shipped", len(jpeg(300))},
	}, got)
	require.Empty(t, told[0].View.Shot, "what was told stays as it was")

	require.Empty(t, judge.History{told[2]}.Illustrated(), "a picture of nothing")
	plain := judge.History{told[0]}
	require.Equal(t, plain, plain.Illustrated())
}

func TestARecordThatWasWrittenOnTheWayIsReadWithItsPicturesInPlace(t *testing.T) {
	var b bytes.Buffer
	record := NewWriter(&b)
	run := &judge.Run{ID: "x"}
	record.Begin(run)
	recorder := environment.NewRecorder(units.Wall, record.Event(run))
	recorder.AddSecrets("7d7d7d7d", "fX19fX19fX19") // the second one stands within the pictures, as in base64
	for _, e := range shots() {
		recorder.See(e)
	}
	record.End(run)
	require.NoError(t, record.Err())
	runs, err := ReadAll(&b)
	require.NoError(t, err)
	require.Len(t, runs[0].History, 4)
	require.Equal(t, jpeg(300), runs[0].History[3].View.Shot, "no mask spoils a picture")
	require.Equal(t, recorder.History().Illustrated()[3].View, runs[0].History[3].View)
}

func TestALineWithTheLongestPictureIsWithinTheRecordsLimit(t *testing.T) {
	for size, kept := range map[int]bool{redact.LongestShot / 4 * 3: true, redact.LongestShot/4*3 + 1: false} {
		recorder := environment.NewRecorder(units.Wall, nil)
		recorder.See(observe.Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: "ready", Shot: jpeg(size)}})
		var b bytes.Buffer
		NewWriter(&b).Write(&judge.Run{ID: "x", History: recorder.History()})
		runs, err := ReadAll(&b)
		require.NoError(t, err)
		require.Equal(t, kept, runs[0].History[0].View.Shot != "")
	}
}
