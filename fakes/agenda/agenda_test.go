package agenda

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPlansAreInOrderOfTimeAndPlanning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var did []string
		plan := func(name string) func() { return func() { did = append(did, name) } }
		now := time.Now()
		a := &Agenda{Lock: &mu}

		mu.Lock()
		a.At(now.Add(2*time.Second), plan("later"))
		a.At(now.Add(time.Second), plan("first"))
		a.At(now.Add(time.Second), plan("second"))
		a.Drop(a.At(now.Add(time.Second), plan("called off")))
		a.Drop(nil)
		a.Distant(now.Add(2*time.Second), plan("distant"))
		a.Distant(now.Add(3*time.Second), plan("more distant"))
		a.At(now.Add(time.Hour), plan("much later"))
		mu.Unlock()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"first", "second", "later", "distant"}, did)
		mu.Lock()
		next, any := a.Next()
		mu.Unlock()
		require.True(t, any)
		require.Equal(t, now.Add(time.Hour), next, "nobody waits for what is distant")

		a.Close()
		mu.Lock()
		defer mu.Unlock()
		require.True(t, a.Closed())
		a.At(now, plan("after the end"))
		_, any = a.Next()
		require.False(t, any)
	})
}

// While something is carried out it is due since it began, and Wait waits for it.
func TestWorkUnderWayIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		a := &Agenda{Lock: &mu}
		began := time.Now().Add(time.Second)
		mu.Lock()
		a.At(began, func() { time.Sleep(time.Minute) })
		mu.Unlock()
		time.Sleep(10 * time.Second)
		mu.Lock()
		since, any := a.Next()
		mu.Unlock()
		require.True(t, any)
		require.Equal(t, began, since)

		a.Close()
		a.Wait()
		require.Equal(t, time.Minute, time.Since(began))
		mu.Lock()
		defer mu.Unlock()
		_, any = a.Next()
		require.False(t, any)
	})
}

// An idle agenda ticks not at all: what was due is done, and nobody is woken again.
func TestAnIdleAgendaHasNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		a := &Agenda{Lock: &mu}
		done := make(chan bool, 1)
		mu.Lock()
		a.At(time.Now().Add(time.Second), func() { done <- true })
		mu.Unlock()
		<-done
		synctest.Wait()
		require.False(t, a.timer.Stop(), "the timer is not armed")
		a.Close()
	})
}
