package agenda_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/agenda"
)

func TestPlansAreInOrderOfTimeAndPlanning(t *testing.T) {
	var did []string
	plan := func(name string) func() { return func() { did = append(did, name) } }
	now := time.Now().Add(time.Hour) // far enough for the timer never to fire
	a := &agenda.Agenda{Wake: func() { t.Error("woken too early") }}
	defer a.Close()

	a.At(now.Add(2), plan("later"))
	a.At(now, plan("first"))
	a.At(now, plan("second"))
	a.Drop(a.At(now, plan("called off")))
	a.Drop(nil)
	a.Distant(now.Add(1), plan("distant"))
	a.Distant(now.Add(3), plan("more distant"))
	a.At(now.Add(time.Hour), plan("much later"))
	for _, do := range a.Due(now.Add(2)) {
		do()
	}
	require.Equal(t, []string{"first", "second", "distant", "later"}, did)
	next, any := a.Next()
	require.True(t, any)
	require.Equal(t, now.Add(time.Hour), next, "nobody waits for what is distant")

	a.Close()
	a.At(now, plan("after the end"))
	_, any = a.Next()
	require.False(t, any)
}
