package vipps

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheAgendaIsInOrderOfTimeAndThenOfPlanning(t *testing.T) {
	var did []string
	plan := func(name string) func() { return func() { did = append(did, name) } }
	now := time.Now().Add(time.Hour) // far enough for the timer never to fire
	a := &agenda{wake: func() { t.Error("woken too early") }}
	defer a.close()

	a.at(now.Add(2), plan("later"))
	a.at(now, plan("first"))
	a.at(now, plan("second"))
	a.drop(a.at(now, plan("called off")))
	a.drop(nil)
	a.at(now.Add(time.Hour), plan("much later"))
	for _, do := range a.due(now.Add(2)) {
		do()
	}
	require.Equal(t, []string{"first", "second", "later"}, did)
	next, any := a.next()
	require.True(t, any)
	require.Equal(t, now.Add(time.Hour), next)

	a.close()
	a.at(now, plan("after the end"))
	_, any = a.next()
	require.False(t, any)
}
