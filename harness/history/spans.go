package history

import (
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Span is a time during which an injection was in place, from one event to
// another, by index.
type Span struct {
	Begin int
	End   int // when it healed, or -1: it lasted as long as the run
}

// Spans are the times during which the injection was in place. What is put in
// place again before it healed has been there all the time, and whatever is told of
// it after it healed is of a new time.
func Spans(events []observe.Event, injection int) (spans []Span) {
	open := false
	for i, e := range events {
		if e.Kind != observe.Injected || e.Effect.Injection != injection {
			continue
		}
		switch {
		case e.Effect.What == observe.Healed:
			if open {
				spans[len(spans)-1].End = i
			}
			open = false
		case !open:
			spans, open = append(spans, Span{i, -1}), true
		}
	}
	return spans
}
