package harness

import (
	"bytes"
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// jpeg is a picture of so many bytes, as far as a record looks at one.
func jpeg(size int) string {
	return base64.StdEncoding.EncodeToString(append([]byte("\xff\xd8\xff"), bytes.Repeat([]byte{0x7d}, size-3)...))
}

// shots is a history of two tabs in which pictures come after their screens.
func shots() History {
	screen := func(kind observe.Kind, at time.Duration, seq int, tab string, says observe.Status, shot string) Event {
		return Event{At: at, Actor: "ana", Seq: seq, Kind: kind, View: &observe.View{Says: says, Basket: "b-ana", Tab: tab, Shot: shot}}
	}
	return History{
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
	history := told.illustrated()
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

	require.Empty(t, History{told[2]}.illustrated(), "a picture of nothing")
	plain := History{told[0]}
	require.Equal(t, plain, plain.illustrated())
}

func TestARecordThatWasWrittenOnTheWayIsReadWithItsPicturesInPlace(t *testing.T) {
	var b bytes.Buffer
	record := NewRecord(&b)
	run := &Run{ID: "x"}
	record.begin(run)
	recorder := NewRecorder(Wall, record.event(run))
	recorder.AddSecrets("7d7d7d7d", "fX19fX19fX19") // the second one stands within the pictures, as in base64
	for _, e := range shots() {
		recorder.See(e)
	}
	record.end(run)
	require.NoError(t, record.Err())
	runs, err := ReadRuns(&b)
	require.NoError(t, err)
	require.Len(t, runs[0].History, 4)
	require.Equal(t, jpeg(300), runs[0].History[3].View.Shot, "no mask spoils a picture")
	require.Equal(t, recorder.History().illustrated()[3].View, runs[0].History[3].View)
}

func TestALineWithTheLongestPictureIsWithinTheRecordsLimit(t *testing.T) {
	for size, kept := range map[int]bool{longestShot / 4 * 3: true, longestShot/4*3 + 1: false} {
		recorder := NewRecorder(Wall, nil)
		recorder.See(Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: "ready", Shot: jpeg(size)}})
		var b bytes.Buffer
		NewRecord(&b).Write(&Run{ID: "x", History: recorder.History()})
		runs, err := ReadRuns(&b)
		require.NoError(t, err)
		require.Equal(t, kept, runs[0].History[0].View.Shot != "")
	}
}
