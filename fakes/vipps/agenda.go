package vipps

import (
	"container/heap"
	"time"
)

// agenda is what the provider will do by itself, in order of time and,
// within one instant, in the order in which it was planned. One timer serves
// it, armed for the earliest entry only: an idle provider ticks not at all.
//
// The Provider's lock guards it.
type agenda struct {
	plans plans
	count int // of plans ever made
	timer *time.Timer
	wake  func() // called in a goroutine of its own when something is due
	shut  bool   // nothing is planned any more
}

// plan is one thing to do at a time.
type plan struct {
	due    time.Time
	number int
	do     func()
	off    bool
}

// at plans do for due. It is called without the lock.
func (a *agenda) at(due time.Time, do func()) *plan {
	a.count++
	p := &plan{due: due, number: a.count, do: do, off: a.shut}
	if a.shut {
		return p
	}
	heap.Push(&a.plans, p)
	a.arm()
	return p
}

// drop calls a plan off; nil and plans that were carried out are no matter.
func (a *agenda) drop(p *plan) {
	if p != nil && !p.off {
		p.off = true
		a.arm()
	}
}

// next is the time of the earliest plan.
func (a *agenda) next() (time.Time, bool) {
	for len(a.plans) > 0 && a.plans[0].off {
		heap.Pop(&a.plans)
	}
	if len(a.plans) == 0 {
		return time.Time{}, false
	}
	return a.plans[0].due, true
}

// due takes off the agenda what is due by now.
func (a *agenda) due(now time.Time) []func() {
	var todo []func()
	for {
		at, any := a.next()
		if !any || at.After(now) {
			break
		}
		p := heap.Pop(&a.plans).(*plan)
		p.off = true
		todo = append(todo, p.do)
	}
	a.arm()
	return todo
}

// arm sets the timer to the earliest plan, or stops it.
func (a *agenda) arm() {
	at, any := a.next()
	switch {
	case !any && a.timer != nil:
		a.timer.Stop()
	case any && a.timer == nil:
		a.timer = time.AfterFunc(time.Until(at), a.wake)
	case any:
		a.timer.Reset(time.Until(at))
	}
}

// close calls everything off, now and for good.
func (a *agenda) close() {
	a.plans, a.shut = nil, true
	a.arm()
}

type plans []*plan

func (p plans) Len() int      { return len(p) }
func (p plans) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p plans) Less(i, j int) bool {
	if p[i].due.Equal(p[j].due) {
		return p[i].number < p[j].number
	}
	return p[i].due.Before(p[j].due)
}
func (p *plans) Push(x any) { *p = append(*p, x.(*plan)) }
func (p *plans) Pop() any {
	last := len(*p) - 1
	x := (*p)[last]
	*p = (*p)[:last]
	return x
}
