// Package agenda is what a fake will do by itself, in order of time and, within one
// instant, in the order in which it was planned, and what of it is under way. One timer
// serves it, armed for the earliest entry only: an idle fake ticks not at all. All times
// are package time's, so it can live in a synctest bubble.
package agenda

import (
	"container/heap"
	"sync"
	"time"
)

// Agenda is used under its owner's lock, but where a method says otherwise. The zero
// value with a Lock is ready.
type Agenda struct {
	// Lock is the owner's.
	Lock sync.Locker

	plans    plans
	count    int // of plans ever made
	timer    *time.Timer
	shut     bool      // nothing is planned any more
	busy     int       // of those who carry out what was due
	busyFrom time.Time // since when there are any
	work     sync.WaitGroup
}

// Plan is one thing to do at a time.
type Plan struct {
	due     time.Time
	number  int
	do      func()
	off     bool
	distant bool
}

// At plans do for due. It is called without the lock, in a goroutine of its own.
func (a *Agenda) At(due time.Time, do func()) *Plan { return a.plan(&Plan{due: due, do: do}) }

// Distant plans do for a time that nobody waits for, such as the lapse of money in a
// week: Next does not tell of it.
func (a *Agenda) Distant(due time.Time, do func()) *Plan {
	return a.plan(&Plan{due: due, do: do, distant: true})
}

func (a *Agenda) plan(p *Plan) *Plan {
	a.count++
	p.number, p.off = a.count, a.shut
	if !a.shut {
		heap.Push(&a.plans, p)
		a.arm()
	}
	return p
}

// Drop calls a plan off; nil and plans that were carried out are no matter.
func (a *Agenda) Drop(p *Plan) {
	if p != nil && !p.off {
		p.off = true
		a.arm()
	}
}

// Next is the time of the earliest plan that is not distant. While something is under
// way, it is the time when that began, which is not in the future.
func (a *Agenda) Next() (at time.Time, any bool) {
	if a.busy > 0 {
		return a.busyFrom, true
	}
	for _, p := range a.plans {
		if !p.off && !p.distant && (!any || p.due.Before(at)) {
			at, any = p.due, true
		}
	}
	return at, any
}

// first is the time of the earliest plan of all.
func (a *Agenda) first() (time.Time, bool) {
	for len(a.plans) > 0 && a.plans[0].off {
		heap.Pop(&a.plans)
	}
	if len(a.plans) == 0 {
		return time.Time{}, false
	}
	return a.plans[0].due, true
}

// wake does what is due, in order.
func (a *Agenda) wake() {
	a.Lock.Lock()
	if a.shut {
		a.Lock.Unlock()
		return
	}
	todo := a.due(time.Now())
	a.Begin()
	a.Lock.Unlock()
	defer a.Finish()
	for _, do := range todo {
		do()
	}
}

// Begin and Finish bracket work that the owner does by itself, in a goroutine of its own.
// The lock is held at Begin, and not at Finish.
func (a *Agenda) Begin() {
	a.work.Add(1)
	if a.busy++; a.busy == 1 {
		a.busyFrom = time.Now()
	}
}

// Finish ends what Begin began.
func (a *Agenda) Finish() {
	a.Lock.Lock()
	a.busy--
	a.Lock.Unlock()
	a.work.Done()
}

// due takes off the agenda what is due by now.
func (a *Agenda) due(now time.Time) []func() {
	var todo []func()
	for {
		at, any := a.first()
		if !any || at.After(now) {
			break
		}
		p := heap.Pop(&a.plans).(*Plan)
		p.off = true
		todo = append(todo, p.do)
	}
	a.arm()
	return todo
}

// arm sets the timer to the earliest plan, or stops it.
func (a *Agenda) arm() {
	at, any := a.first()
	switch {
	case !any && a.timer != nil:
		a.timer.Stop()
	case any && a.timer == nil:
		a.timer = time.AfterFunc(time.Until(at), a.wake)
	case any:
		a.timer.Reset(time.Until(at))
	}
}

// Close calls everything off, now and for good. The lock is not held.
func (a *Agenda) Close() {
	a.Lock.Lock()
	defer a.Lock.Unlock()
	a.plans, a.shut = nil, true
	a.arm()
}

// Closed says whether everything is called off.
func (a *Agenda) Closed() bool { return a.shut }

// Wait returns when nothing is under way. The lock is not held.
func (a *Agenda) Wait() { a.work.Wait() }

type plans []*Plan

func (p plans) Len() int      { return len(p) }
func (p plans) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p plans) Less(i, j int) bool {
	if p[i].due.Equal(p[j].due) {
		return p[i].number < p[j].number
	}
	return p[i].due.Before(p[j].due)
}
func (p *plans) Push(x any) { *p = append(*p, x.(*Plan)) }
func (p *plans) Pop() any {
	last := len(*p) - 1
	x := (*p)[last]
	*p = (*p)[:last]
	return x
}
