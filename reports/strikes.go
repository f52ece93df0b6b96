package reports

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// strike is a row of the table of what was to go wrong.
type strike struct {
	N         int
	Text      string
	Installed string // or ""
	Healed    string
	Bites     []link
	More      int // bites beyond those listed
	Want      int
	Standing  standing
}

// fate is what became of a strike, in indices of the history.
type fate struct {
	spans []span // while it was in place
	bites []int
	first int // -1: it was never in place
	heal  int // -1: it never healed
}

// span is the time of a fault from one event to another; end is -1 where it
// lasted as long as the run.
type span struct{ begin, end int }

func (s span) from(r *harness.Run) time.Duration { return r.History[s.begin].At }

func (s span) to(r *harness.Run) time.Duration {
	if s.end < 0 {
		return endOf(r)
	}
	return r.History[s.end].At
}

// fateOf reads what became of a strike. A fault of one message has no span: it
// strikes and is over.
func fateOf(r *harness.Run, strike int) fate {
	f := fate{first: -1, heal: -1}
	s := r.Schedule[strike].Fault
	lasts := s.IsTransport() || s.IsProcess()
	open := false
	for i, e := range r.History {
		if e.Kind != observe.Struck || e.Blow.Strike != strike {
			continue
		}
		if e.Blow.What == "healed" {
			f.heal = i
			if open {
				f.spans[len(f.spans)-1].end = i
			}
			open = false
			continue
		}
		if f.first < 0 {
			f.first = i
		}
		if lasts && !open {
			f.spans = append(f.spans, span{i, -1})
			open = true
		}
	}
	f.bites = r.Bites(strike)
	return f
}

// mostBites is how many of a strike's bites are listed; one that hits every
// poll has hundreds.
const mostBites = 8

func (s *story) strikes() []strike {
	r := s.Run
	var list []strike
	for i, one := range r.Schedule {
		f := fateOf(r, i)
		row := strike{N: i + 1, Text: one.String(), Want: one.MustFire(), Standing: kept}
		if f.first >= 0 {
			row.Installed = harness.Spell(r.History[f.first].At)
		}
		if f.heal >= 0 {
			row.Healed = harness.Spell(r.History[f.heal].At)
		}
		shown := f.bites[:min(len(f.bites), mostBites)]
		row.Bites, row.More = s.links(shown), len(f.bites)-len(shown)
		if len(f.bites) < row.Want {
			row.Standing = unproven
		}
		list = append(list, row)
	}
	return list
}
