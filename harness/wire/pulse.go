package wire

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

const (
	// beat is how often the pulse of the machine is felt.
	beat = 20 * time.Millisecond
	// standstill is how late a beat is where the machine, not the shop, is slow.
	standstill = 200 * time.Millisecond
)

// feelPulse tells when this machine stood still: on a clock that is divided,
// half a second of it is most of a minute, and whoever reads a red run should
// know that before he looks for the fault elsewhere.
func (w *world) feelPulse(stop <-chan struct{}) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		now := time.Now()
		if late := now.Sub(last) - beat; late > standstill {
			w.recorder.See(harness.Event{Actor: harness.Machine, Kind: observe.Note, Text: fmt.Sprintf(
				"this machine stood still for %s, which is %s of the story", late.Round(time.Millisecond), harness.Spell(w.pace.Story(late)))})
		}
		last = now
	}
}
