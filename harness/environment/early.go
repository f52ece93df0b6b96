package environment

import (
	"time"

	"github.com/unhappypath/unhappypath/harness/units"
)

// Early lets a world in real time end before its quiet time is over: where nobody is owed
// anything any more, a shorter silence may be enough. Whether it is, a run shows that waits
// for the whole quiet time all the same. It is of one enactment.
type Early struct {
	// After is the shorter silence, in story time.
	After time.Duration
	// Whole says that the run waits for the whole quiet time, and only takes note of what the
	// shorter silence would have missed.
	Whole bool
	// Stands says whether the run would be kept if nothing else happened.
	Stands func() bool

	Ended bool          // it ended early
	Stood bool          // it stood as it should after the shorter silence
	Moved time.Duration // how long after such a moment's last movement something moved again, at most

	asked time.Time // the movement after whose silence Stands was asked,
	acted time.Time // the last by then that was no note,
	stood bool      // and what it said
}

// over says whether the silence since the last movement ends the run, of which somebody's
// act was the last but notes. Nil: never.
func (e *Early) over(moved, acted time.Time, clock units.Clock) bool {
	if e == nil {
		return false
	}
	if e.stood && acted.After(e.acted) {
		e.Moved = max(e.Moved, clock.Story(acted.Sub(e.acted)))
		e.stood = false
	}
	if time.Since(moved) < clock.Real(e.After) {
		return false
	}
	if moved != e.asked {
		e.asked, e.acted, e.stood = moved, acted, e.Stands()
		e.Stood = e.Stood || e.stood
	}
	return e.stood && !e.Whole
}

// wait is how long it takes until the shorter silence may be over; or the longer one, whose
// rest it gets.
func (e *Early) wait(silence, rest time.Duration, clock units.Clock) time.Duration {
	if e == nil || silence >= clock.Real(e.After) {
		return rest
	}
	return min(rest, clock.Real(e.After)-silence)
}
