package agenda

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// An idle agenda ticks not at all: what was due is done, and nobody is woken again.
func TestAnIdleAgendaHasNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		woken := make(chan bool, 1)
		a := &Agenda{Wake: func() { woken <- true }}
		defer a.Close()
		a.At(time.Now().Add(time.Second), func() {})
		<-woken
		require.Len(t, a.Due(time.Now()), 1)
		require.False(t, a.timer.Stop(), "the timer is not armed")
	})
}
