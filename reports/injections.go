package reports

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// injection is a row of the table of what was to go wrong.
type injection struct {
	N         int
	Text      string
	Installed string // or ""
	Healed    string
	Effects   []link
	More      int // takes effect beyond those listed
	Want      int
	Standing  standing
}

// fate is what became of a injection, in indices of the history.
type fate struct {
	spans   []span // while it was in place
	effects []int
	first   int // -1: it was never in place
	heal    int // -1: it never healed
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

// fateOf reads what became of a injection. A fault of one message has no span: it
// injections and is over.
func fateOf(r *harness.Run, injection int) fate {
	f := fate{first: -1, heal: -1}
	s := r.Schedule[injection].Fault
	lasts := s.IsTransport() || s.IsProcess()
	open := false
	for i, e := range r.History {
		if e.Kind != observe.Injected || e.Effect.Injection != injection {
			continue
		}
		if e.Effect.What == observe.Healed {
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
	f.effects = r.Effects(injection)
	return f
}

// mostBites is how many of a injection's takes effect are listed; one that hits every
// poll has hundreds.
const mostEffects = 8

// injections are the rows of what was to go wrong.
func injections(r *harness.Run, at address) []injection {
	var list []injection
	for i, one := range r.Schedule {
		f := fateOf(r, i)
		row := injection{N: i + 1, Text: one.String(), Want: one.MustFire(), Standing: kept}
		if f.first >= 0 {
			row.Installed = harness.FormatDuration(r.History[f.first].At)
		}
		if f.heal >= 0 {
			row.Healed = harness.FormatDuration(r.History[f.heal].At)
		}
		shown := f.effects[:min(len(f.effects), mostEffects)]
		row.Effects, row.More = at.links(shown), len(f.effects)-len(shown)
		if len(f.effects) < row.Want {
			row.Standing = unproven
		}
		list = append(list, row)
	}
	return list
}
