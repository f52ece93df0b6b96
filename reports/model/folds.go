package model

import (
	"fmt"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// How many like calls in a row become one mark. Polls say little one by one;
// of anything else each attempt counts, until there is a storm of them.
const (
	foldPollsFrom = 3
	foldOthers    = 10
)

// Fold is a row of like calls with nothing else between them.
type Fold struct {
	Calls       []*history.Call
	first, Last int // events
	outcome     string
}

// Folds knows which events are shown as part of another.
type Folds struct {
	ByEvent map[int]*Fold
	repeat  map[int]int // an order told again in the same state → where it was told first
}

// FoldPolls folds what is no evidence of anything: neither of a broken promise, nor
// of the causes that were found.
func FoldPolls(r *judge.Run, shown []int) Folds {
	f := Folds{ByEvent: map[int]*Fold{}, repeat: repeats(r)}
	evidence := map[int]bool{}
	for _, i := range shown {
		evidence[i] = true
	}
	for _, ruling := range r.Rulings {
		if ruling.Verdict == judge.Broken {
			for _, i := range ruling.Evidence {
				evidence[i] = true
			}
		}
	}
	for i := range evidence {
		delete(f.repeat, i)
	}
	open := map[string]*Fold{}
	done := map[*history.Call]bool{}
	for i, e := range r.History {
		if _, again := f.repeat[i]; again {
			continue
		}
		one := r.Index().CallOf(i)
		if one == nil || e.Kind == observe.Drift || !foldable(one, evidence) {
			f.close(open)
			continue
		}
		if done[one] {
			continue
		}
		done[one] = true
		outcome := outcomeOf(one, r.History)
		key := strings.Join([]string{string(one.Hop), one.Method, WithoutQuery(one.Path), outcome, e.Actor}, "\x00")
		if open[key] == nil {
			open[key] = &Fold{first: i, outcome: outcome}
		}
		open[key].Calls = append(open[key].Calls, one)
	}
	f.close(open)
	return f
}

// close ends every row of calls, and keeps those that are long enough.
func (f Folds) close(open map[string]*Fold) {
	for key, row := range open {
		delete(open, key)
		least := foldOthers
		if m := row.Calls[0].Method; m == "GET" || m == "HEAD" {
			least = foldPollsFrom
		}
		if len(row.Calls) < least {
			continue
		}
		for _, c := range row.Calls {
			for _, i := range c.Sightings() {
				f.ByEvent[i] = row
				row.Last = max(row.Last, i)
			}
		}
	}
}

// foldable says whether the call is nothing special.
func foldable(c *history.Call, evidence map[int]bool) bool {
	if len(c.Hits) > 0 || len(c.Sent) > 1 || len(c.Arrived) > 1 {
		return false
	}
	for _, i := range c.Sightings() {
		if evidence[i] {
			return false
		}
	}
	return true
}

// outcomeOf is what the caller got, or what the callee said where the caller
// told nothing.
func outcomeOf(c *history.Call, h judge.History) string {
	switch {
	case len(c.Received) > 0:
		return Status(h[c.Received[0]].Message)
	case len(c.Failed) > 0:
		return string(h[c.Failed[0]].Message.Error)
	case len(c.Answered) > 0:
		return Status(h[c.Answered[0]].Message)
	}
	return "no answer"
}

// repeats are orders told again with nothing new about them.
func repeats(r *judge.Run) map[int]int {
	again := map[int]int{}
	told := map[string]int{}
	for i, e := range r.History {
		if e.Kind != observe.Order {
			continue
		}
		before, was := told[e.Entry.Reference]
		if was && r.History[before].Entry.State == e.Entry.State {
			again[i] = before
			continue
		}
		told[e.Entry.Reference] = i
	}
	return again
}

func WithoutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// Hides says whether an event has no row of its own: it is in a row of calls,
// or says what was said before.
func (f Folds) Hides(i int) bool {
	if _, again := f.repeat[i]; again {
		return true
	}
	fold := f.ByEvent[i]
	return fold != nil && fold.first != i
}

// Rows says of every event which one's row tells of it.
func (f Folds) Rows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
		if before, again := f.repeat[i]; again {
			rows[i] = before
		}
		if fold := f.ByEvent[i]; fold != nil {
			rows[i] = fold.first
		}
	}
	return rows
}

// Says is the one line of a row of like calls.
func (f *Fold) Says(r *judge.Run) string {
	c := f.Calls[0]
	return fmt.Sprintf("%s %s × %d → %s, until %s", c.Method, WithoutQuery(c.Path), len(f.Calls), f.outcome,
		units.FormatDuration(r.History[f.Last].At))
}
