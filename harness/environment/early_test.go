package environment_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/environment"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/units"
)

// A run that stands as it should ends after the shorter silence, and one that does not after
// the quiet time. One that waits for the whole of it says what the shorter one would have
// missed.
func TestASilenceThatIsLongEnough(t *testing.T) {
	charge := Money(observe.MoneyCaptured, "b-ana-1", 49900)
	stands := func() bool { return true }
	for name, row := range map[string]struct {
		early *Early
		later observe.Event // something that is seen 20 s after the beginning
		noted time.Duration // when a note was seen before
		due   time.Duration // somebody outside has something to do until then
		took  time.Duration
		want  Early
	}{
		"it stands as it should": {early: &Early{Stands: stands}, took: 12 * time.Second, want: Early{Ended: true, Stood: true}},
		"it does not":            {early: &Early{Stands: func() bool { return false }}, took: time.Minute},
		"nobody asks":            {took: time.Minute},
		"a webhook is due":       {early: &Early{Stands: stands}, due: 30 * time.Second, took: 30 * time.Second, want: Early{Ended: true, Stood: true}},
		"it waits all the same":  {early: &Early{Stands: stands, Whole: true}, took: time.Minute, want: Early{Stood: true}},
		"and is charged":         {early: &Early{Stands: stands, Whole: true}, later: charge, took: 80 * time.Second, want: Early{Stood: true, Moved: 20 * time.Second}},
		"after a note":           {early: &Early{Stands: stands, Whole: true}, later: charge, noted: 5 * time.Second, took: 80 * time.Second, want: Early{Stood: true, Moved: 20 * time.Second}},
		"and the machine stands": {early: &Early{Stands: stands, Whole: true}, later: Note("machine", "it stood still"), took: 80 * time.Second, want: Early{Stood: true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := begun(units.Wall)
				r.See(Note("ana", "sees that it is shipped"))
				if row.later.Kind != "" {
					time.AfterFunc(20*time.Second, func() { r.See(row.later) })
				}
				if row.noted > 0 {
					time.AfterFunc(row.noted, func() { r.See(Note("machine", "it stood still")) })
				}
				began := time.Now()
				parts := Parts{Quiet: time.Minute, Due: func() (time.Time, bool) { return began.Add(row.due), time.Since(began) < row.due }}
				if row.early != nil {
					row.early.After = 12 * time.Second
				}
				require.NoError(t, Quiescence{Recorder: r, Clock: units.Wall, Parts: parts, Early: row.early, InFlight: func() int { return 0 }}.Await(t.Context()))
				require.Equal(t, row.took, time.Since(began))
				if e := row.early; e != nil {
					require.Equal(t, row.want, Early{Ended: e.Ended, Stood: e.Stood, Moved: e.Moved})
				}
			})
		})
	}
}
