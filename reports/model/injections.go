package model

import (
	"time"

	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Injection is a row of the table of what was to go wrong.
type Injection struct {
	N         int
	Text      string
	Installed string // or ""
	Healed    string
	Effects   []Link
	More      int // takes effect beyond those listed
	Want      int
	Standing  Standing
}

// fate is what happened to an injection, in indices of the history.
type fate struct {
	Spans   []span // while it was in place
	Effects []int
	First   int // -1: it was never in place
	Heal    int // -1: it never healed
}

// span is the time of a fault from one event to another.
type span struct{ history.Span }

func (s span) From(r *judge.Run) time.Duration { return r.History[s.Begin].At }

func (s span) To(r *judge.Run) time.Duration {
	if s.End < 0 {
		return EndOf(r)
	}
	return r.History[s.End].At
}

// FateOf reads what happened to an injection. A fault of one message has no span: it
// injections and is over.
func FateOf(r *judge.Run, injection int) fate {
	f := fate{First: -1, Heal: -1}
	s := r.Schedule[injection].Fault
	spans := r.Index().Fate(injection).Spans
	if len(spans) > 0 {
		f.First = spans[0].Begin
	}
	for _, one := range spans {
		if one.End >= 0 {
			f.Heal = one.End
		}
		if s.IsTransport() || s.IsProcess() {
			f.Spans = append(f.Spans, span{one})
		}
	}
	f.Effects = r.Effects(injection)
	return f
}

// mostEffects is how many of an injection's effects are listed; one that hits every
// poll has hundreds.
const mostEffects = 8

// Injections are the rows of what was to go wrong.
func Injections(r *judge.Run, at Address) []Injection {
	var list []Injection
	for i, one := range r.Schedule {
		f := FateOf(r, i)
		row := Injection{N: i + 1, Text: one.String(), Want: one.MustFire(), Standing: Kept}
		if f.First >= 0 {
			row.Installed = units.FormatDuration(r.History[f.First].At)
		}
		if f.Heal >= 0 {
			row.Healed = units.FormatDuration(r.History[f.Heal].At)
		}
		shown := f.Effects[:min(len(f.Effects), mostEffects)]
		row.Effects, row.More = at.Links(shown), len(f.Effects)-len(shown)
		if len(f.Effects) < row.Want {
			row.Standing = Unproven
		}
		list = append(list, row)
	}
	return list
}
