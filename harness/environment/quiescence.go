package environment

import (
	"context"
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/harness/units"
)

// Quiescence is what a world looks at to know whether it has come to rest.
type Quiescence struct {
	Recorder *Recorder
	Clock    units.Clock
	Parts    Parts
	InFlight func() int // messages under way
	Early    *Early     // nil: only the quiet time ends it
}

// restPoll bounds how long the end of a silence may be overlooked.
const restPoll = 5 * time.Millisecond

// Await waits until nothing moved for the quiet time, no message is under way,
// and nobody outside has anything left to do. A page that looks and is told the
// same as before moves nothing. A shop that goes on to ask after a payment which its
// customer left open, and is told the same, may give up on it at any time: it is at rest
// when the patience with it is over.
func (s Quiescence) Await(ctx context.Context) error {
	quiet := s.Clock.Real(s.Parts.Quiet)
	for {
		moved, acted := s.Recorder.Moved()
		silence := time.Since(moved)
		wait := max(restPoll, s.Early.wait(silence, quiet-silence, s.Clock))
		due, pending := s.due()
		switch {
		case pending:
			wait = max(restPoll, time.Until(due))
		case s.InFlight() > 0:
		case s.Early.over(moved, acted, s.Clock):
			if now, _ := s.Recorder.Moved(); now == moved && s.InFlight() == 0 {
				s.Early.Ended = true
				return nil
			}
			wait = restPoll // something began while the run was judged
		case silence >= quiet:
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if !pending && s.Recorder.OnlyAsks() >= max(quiet, restPoll) && s.InFlight() == 0 {
				return nil
			}
			return fmt.Errorf("the world did not come to rest: %s", s.unrest(due, pending))
		}
	}
}

// unrest says why the world is not at rest.
func (s Quiescence) unrest(due time.Time, pending bool) string {
	silence := s.Recorder.Silence()
	last := fmt.Sprintf("the last thing that moved was %s, %s before",
		s.Recorder.LastMoved(), units.FormatDuration(s.Clock.Story(silence)))
	switch {
	case pending:
		return fmt.Sprintf("the provider still has something to do %s from now, and the harness gave up",
			units.FormatDuration(s.Clock.Story(time.Until(due))))
	case silence >= s.Clock.Real(s.Parts.Quiet):
		return fmt.Sprintf("%s still had no answer when the harness gave up; %s", messages(s.InFlight()), last)
	}
	return fmt.Sprintf("it never stood still for %s before the harness gave up, with %s under way; %s",
		units.FormatDuration(s.Parts.Quiet), messages(s.InFlight()), last)
}

func (s Quiescence) due() (time.Time, bool) {
	if s.Parts.Due == nil {
		return time.Time{}, false
	}
	return s.Parts.Due()
}

func messages(n int) string {
	if n == 1 {
		return "one message"
	}
	return fmt.Sprintf("%d messages", n)
}
