package judge

import (
	"math"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// sleep is a time in which the lid of a customer's computer was closed.
type sleep struct{ from, to time.Duration }

// never is the end of what does not end in the run.
const never = time.Duration(math.MaxInt64)

// sleeps are the times in which the lid of the basket's customer was closed, in their order.
// Where she and an injection had both closed it, it is open when both have opened it.
func (r *Run) sleeps(basket string) (list []sleep) {
	closed := 0
	for _, i := range r.about(basket, isAct) {
		switch r.History[i].Act.Does {
		case observe.ClosesLid:
			if closed++; closed == 1 {
				list = append(list, sleep{r.at(i), never})
			}
		case observe.OpensLid:
			if closed == 1 {
				list[len(list)-1].to = r.at(i)
			}
			closed = max(0, closed-1)
		}
	}
	return list
}

// PatienceEnds is when the patience ends that a customer has from then on: she does not
// wait before a computer whose lid is closed.
func (r *Run) PatienceEnds(basket string, from time.Duration) time.Duration {
	end := from + r.Patience
	for _, s := range r.sleeps(basket) {
		switch {
		case s.from >= end || s.to <= from:
		case s.to == never:
			return never
		default:
			end += s.to - max(s.from, from)
		}
	}
	return end
}

// waited is for how long she waited before her computer between two moments.
func (r *Run) waited(basket string, from, to time.Duration) time.Duration {
	d := to - from
	for _, s := range r.sleeps(basket) {
		d -= max(0, min(s.to, to)-max(s.from, from))
	}
	return d
}
