package reports

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// seen is one state of a screen, from when to when.
type seen struct {
	Who, Text     string
	Says          observe.Status
	From, To, For string
	Class         string
	Ends          bool // with the run, not with the next screen
	from, to      time.Duration
}

// screens are what the customers saw, in the order in which it began. Each of
// a customer's tabs is a screen of its own.
func screens(r *harness.Run) []seen {
	var list []seen
	open := map[string]int{} // screen → its state in the list
	end := endOf(r)
	turn := func(who string, at time.Duration, says observe.Status, text string) {
		if i, is := open[who]; is {
			list[i].to = at
			if list[i].Says == says && list[i].Text == text {
				list[i].to = end
				return
			}
		}
		open[who] = len(list)
		list = append(list, seen{Who: who, Says: says, Text: text, Class: screenClass(says), from: at, to: end})
	}
	for _, e := range r.History {
		switch {
		case e.Kind == observe.Screen:
			turn(join(e.Actor, e.View.Tab), e.At, e.View.Says, e.View.Text)
		case e.Kind == observe.Action && e.Act.Does == observe.Leaves:
			turn(join(e.Actor, e.Act.Tab), e.At, nothing, "she left the page")
		}
	}
	for i := range list {
		s := &list[i]
		s.From, s.To, s.For = harness.FormatDuration(s.from), harness.FormatDuration(s.to), harness.FormatDuration(s.to-s.from)
		if s.Ends = open[s.Who] == i; s.Ends {
			s.To, s.For = "the end", ""
		}
	}
	return list
}

// nothing is what a screen shows that she left.
const nothing observe.Status = "nothing"

// screenClass is the colour of a state; what the page does not know has one
// of its own, so that nothing that was recorded becomes a class.
func screenClass(says observe.Status) string {
	coloured := says.IsOutcome() || says.IsPending() || says == observe.StatusReady || says == nothing
	if coloured {
		return "s-" + string(says)
	}
	return "s-other"
}

// endOf is when the run's last event was seen.
func endOf(r *harness.Run) time.Duration {
	if len(r.History) == 0 {
		return 0
	}
	return r.History[len(r.History)-1].At
}
