package environment_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/environment"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/units"
)

// note is an event that says nothing else than who and what.
// begun is a recorder of a story that has started.
func begun(p units.Clock) *Recorder {
	r := NewRecorder(p, nil)
	r.Begin()
	return r
}

func TestEventsAreStampedWithStoryTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecorder(100, nil)
		time.Sleep(time.Hour) // a world takes its time to be built
		r.See(Note("stage", "before the end of the script"))
		r.Begin()
		time.Sleep(450 * time.Millisecond)
		r.See(Note("ana", "sees"))
		require.Equal(t, 2, r.Len())
		h := r.History()
		require.Equal(t, []time.Duration{0, 45 * time.Second}, []time.Duration{h[0].At, h[1].At})
	})
}

func TestEveryActorCountsItsOwnEventsWhoeverElseTells(t *testing.T) {
	const actors, each = 8, 200
	var sunk []observe.Event
	r := NewRecorder(units.Wall, func(e observe.Event) { sunk = append(sunk, e) }) // the race detector watches the sink
	r.Begin()
	var all sync.WaitGroup
	for a := range actors {
		all.Go(func() {
			for i := range each {
				r.See(Note(fmt.Sprint(a), fmt.Sprint(i)))
			}
		})
	}
	all.Wait()
	h := r.History()
	require.Len(t, h, actors*each)
	require.Len(t, sunk, actors*each)
	seqs := map[string]int{}
	for i, e := range h {
		seqs[e.Actor]++
		require.Equal(t, seqs[e.Actor], e.Seq)
		require.Equal(t, fmt.Sprint(e.Seq-1), e.Text, "an actor's events stay in its own order")
		require.True(t, i == 0 || h[i-1].At <= e.At)
	}
}

func TestAHistoryIsOrderedByTimeThenActorThenTheActorsOwnCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begun(units.Wall)
		for _, actor := range []string{"bo", "ana", "bo"} {
			r.See(Note(actor, ""))
		}
		time.Sleep(time.Second)
		r.See(Note("aaa", ""))
		var order []string
		for _, e := range r.History() {
			order = append(order, fmt.Sprintf("%s %d", e.Actor, e.Seq))
		}
		require.Equal(t, []string{"ana 1", "bo 1", "bo 2", "aaa 1"}, order)
	})
}

func TestWhoeverTellsWaitsForTheHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begun(units.Wall)
		r.See(Note("ana", "unseen"))
		var seen []observe.Event
		r.Hook(func(e observe.Event) {
			require.Equal(t, e, r.History()[r.Len()-1], "it was recorded before")
			time.Sleep(time.Minute)
			seen = append(seen, e)
		})
		began := time.Now()
		r.See(Note("ana", "seen"))
		require.Equal(t, time.Minute, time.Since(began))
		require.Len(t, seen, 1)
		require.Equal(t, "seen", seen[0].Text)
		require.Equal(t, 2, seen[0].Seq, "hooks see what was stamped")
	})
}

func TestAHookMayTellOfSomethingItself(t *testing.T) {
	r := begun(units.Wall)
	r.Hook(func(e observe.Event) {
		if e.Text == "captured" {
			r.See(Note("stage", "hit"))
		}
	})
	r.See(Note("provider", "captured"))
	require.Equal(t, 2, r.Len())
}

func TestAwaitFindsThePastAndTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begun(units.Wall)
		says := func(text string) func(observe.Event) bool {
			return func(e observe.Event) bool { return e.Text == text }
		}
		r.See(Note("ana", "past"))
		e, err := r.Await(t.Context(), 0, says("past"))
		require.NoError(t, err)
		require.Equal(t, "past", e.Text)

		go func() {
			for _, text := range []string{"nothing", "future"} {
				time.Sleep(time.Second)
				r.See(Note("ana", text))
			}
		}()
		began := time.Now()
		_, err = r.Await(t.Context(), 0, says("future"))
		require.NoError(t, err)
		require.Equal(t, 2*time.Second, time.Since(began))

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = r.Await(ctx, 1, says("past"))
		require.ErrorIs(t, err, context.DeadlineExceeded, "from an index on it does not see the past")
	})
}

func TestAwaitEndsWithItsContextAndSaysWhy(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the script was over")
	cancel(why)
	r := begun(units.Wall)
	_, err := r.Await(ctx, 0, func(observe.Event) bool { return true })
	require.ErrorIs(t, err, why)
	r.See(Note("ana", "x"))
	_, err = r.Await(ctx, 0, func(observe.Event) bool { return true })
	require.NoError(t, err, "what happened already needs no waiting")
}

func TestSilenceIsMeasuredFromTheLastEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begun(100)
		time.Sleep(time.Second)
		r.See(Note("ana", "x"))
		time.Sleep(3 * time.Second)
		require.Equal(t, 3*time.Second, r.Silence(), "in real time")
	})
}
