package injection

import (
	"fmt"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// Restart kills the process that an epilogue restarts and starts it again, where it names
// one. It is called when all injections were stopped. What does not run cannot be
// restarted: ErrNotRunning says so.
func (a *Injector) Restart(injection int) error {
	s := a.injection[injection]
	if s.Fault.Process == "" {
		return nil
	}
	if err := a.backend.Kill(s.Fault.Process); err != nil {
		return err
	}
	return a.backend.Revive(s.Fault.Process)
}

// Again lets customers send submits again, for an epilogue: it takes effect with each of
// them that the taps see answered meanwhile.
func (a *Injector) Again(injection int, send func()) {
	a.sending(a.injection[injection])
	defer a.sending(nil)
	send()
}

func (a *Injector) sending(s *armed) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.again = s
}

// meetAgain tells that a submit that was sent again got to the shop: it was answered.
func (a *Injector) meetAgain(p Point) {
	a.mu.Lock()
	s := a.again
	a.mu.Unlock()
	if s != nil && p.Phase == fault.Answered && s.Fits(p.Hop, p.Operation, p.Method, p.Path) {
		a.Fired(s.index, p, "the shop got the same submit again, when all was over")
	}
}

// MissedEnd tells why an epilogue had no effect.
func (a *Injector) MissedEnd(injection int, why string) {
	a.see(observe.Event{Actor: "stage", Kind: observe.Note, Text: fmt.Sprintf("%s the story: %s", MissedNote(injection), why)})
}
