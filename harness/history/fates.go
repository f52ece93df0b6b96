package history

import (
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Fate is what happened to an injection.
type Fate struct {
	Fired []int  // where it hit a message or a process
	Spans []Span // while it was in place
}

// Span is a time during which an injection was in place, from one event to
// another, by index.
type Span struct {
	Begin   int
	End     int   // when it healed, or -1: it lasted as long as the run
	Trigger *Call // whose message it had waited for, or nil
}

// Fate is what happened to an injection, by its place in the schedule.
func (x *Index) Fate(injection int) Fate {
	if f := x.read().fates[injection]; f != nil {
		return *f
	}
	return Fate{}
}

// tell notes what happened to an injection. What is put in place again before it
// healed has been there all the time, and whatever is told of it after it healed is of
// a new time.
func (t *traffic) tell(i int, e *observe.Effect) {
	f := t.fates[e.Injection]
	if f == nil {
		f = &Fate{}
		t.fates[e.Injection] = f
	}
	last := len(f.Spans) - 1
	open := last >= 0 && f.Spans[last].End < 0
	switch {
	case e.What == observe.Healed && open:
		f.Spans[last].End = i
	case e.What != observe.Healed && !open:
		f.Spans = append(f.Spans, Span{i, -1, t.met(e)})
	}
	if e.What != observe.Fired {
		return
	}
	f.Fired = append(f.Fired, i)
	if hit := t.met(e); hit != nil {
		hit.Hits = append(hit.Hits, e.Injection)
	}
}

// met is the call whose message an injection met: by the tap's number of the message,
// or else by the name that the caller gave.
func (t *traffic) met(e *observe.Effect) *Call {
	if at, known := t.counted[number{e.Hop, e.N}]; known {
		return t.messages[at].Call
	}
	return t.named[name{e.Hop, e.Call}]
}

// During says whether the message seen at index i was in the span. The one that was its
// trigger entered it, though its observer told of it just before.
func (x *Index) During(s Span, i int) bool {
	at := x.Events[i].At
	return (s.End < 0 || at <= x.Events[s.End].At) &&
		(at >= x.Events[s.Begin].At || s.Trigger != nil && s.Trigger == x.CallOf(i))
}
