package virtual

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// A machine that is slow lets little happen in a minute: a story is waited for as long as
// anything does, and given up when nothing did for a minute.
func TestASlowMachineGivesNoStoryUp(t *testing.T) {
	for name, row := range map[string]struct {
		between time.Duration // two events
		given   bool
	}{
		"an event every 59 s":     {standstill - time.Second, false},
		"nothing for two minutes": {2 * standstill, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bubble{done: make(chan *judge.Run, 1), tooMuch: make(chan struct{})}
				run := &judge.Run{}
				over := make(chan struct{})
				go func() {
					defer close(over)
					for range 20 {
						time.Sleep(row.between)
						b.events.Add(1)
					}
					b.done <- run
				}()
				got := b.await(t.Context())
				<-over
				if row.given {
					require.Contains(t, got.FailureText(), "virtual time stood still for 1m0s")
				} else {
					require.Same(t, run, got)
				}
			})
		})
	}
}
