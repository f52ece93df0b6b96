package model

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Seen is one state of a screen, from when to when.
type Seen struct {
	Who, Text     string
	Says          observe.Status
	From, To, For string
	Class         string
	Ends          bool // with the run, not with the next screen
	Begin, End    time.Duration
}

// Screens are what the customers saw, in the order in which it began. Each of
// a customer's tabs is a screen of its own.
func Screens(r *judge.Run) []Seen {
	var list []Seen
	open := map[string]int{} // screen → its state in the list
	end := EndOf(r)
	turn := func(who string, at time.Duration, says observe.Status, text string) {
		if i, is := open[who]; is {
			list[i].End = at
			if list[i].Says == says && list[i].Text == text {
				list[i].End = end
				return
			}
		}
		open[who] = len(list)
		list = append(list, Seen{Who: who, Says: says, Text: text, Class: screenClass(says), Begin: at, End: end})
	}
	for _, e := range r.History {
		switch {
		case e.Kind == observe.Screen:
			turn(join(e.Actor, e.View.Tab), e.At, e.View.Says, e.View.Text)
		case e.Kind == observe.Action && e.Act.Does == observe.GoesToPay:
			turn(join(e.Actor, e.Act.Tab), e.At, Nothing, "she is at the provider")
		case e.Kind == observe.Action && e.Act.Does == observe.Leaves:
			turn(join(e.Actor, e.Act.Tab), e.At, Nothing, "she left the page")
		}
	}
	for i := range list {
		s := &list[i]
		s.From, s.To, s.For = units.FormatDuration(s.Begin), units.FormatDuration(s.End), units.FormatDuration(s.End-s.Begin)
		if s.Ends = open[s.Who] == i; s.Ends {
			s.To, s.For = "the end", ""
		}
	}
	return list
}

// Nothing is what a screen shows that she left.
const Nothing observe.Status = "nothing"

// screenClass is the colour of a state; what the page does not know has one
// of its own, so that nothing that was recorded becomes a class.
func screenClass(says observe.Status) string {
	coloured := says.IsOutcome() || says.IsPending() || says == observe.StatusReady || says == Nothing
	if coloured {
		return "s-" + string(says)
	}
	return "s-other"
}

// EndOf is when the run's last event was seen.
func EndOf(r *judge.Run) time.Duration {
	if len(r.History) == 0 {
		return 0
	}
	return r.History[len(r.History)-1].At
}
