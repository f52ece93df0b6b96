package reports

import (
	"fmt"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// How many like calls in a row become one mark. Polls say little one by one;
// of anything else each attempt counts, until there is a storm of them.
const (
	foldPollsFrom = 3
	foldOthers    = 10
)

// fold is a row of like calls with nothing else between them.
type fold struct {
	calls       []*call
	first, last int // events
	outcome     string
}

// folds knows which events are shown as part of another.
type folds struct {
	byEvent map[int]*fold
	repeat  map[int]int // an order told again in the same state → where it was told first
}

// foldPolls folds what is no evidence of anything: neither of a broken promise, nor
// of the causes that were found.
func foldPolls(r *harness.Run, c calls, shown []int) folds {
	f := folds{byEvent: map[int]*fold{}, repeat: repeats(r)}
	evidence := map[int]bool{}
	for _, i := range shown {
		evidence[i] = true
	}
	for _, ruling := range r.Rulings {
		if ruling.Verdict == harness.Broken {
			for _, i := range ruling.Evidence {
				evidence[i] = true
			}
		}
	}
	for i := range evidence {
		delete(f.repeat, i)
	}
	open := map[string]*fold{}
	done := map[*call]bool{}
	for i, e := range r.History {
		if _, again := f.repeat[i]; again {
			continue
		}
		one := c.byEvent[i]
		if one == nil || e.Kind == observe.Drift || !one.foldable(evidence) {
			f.close(open)
			continue
		}
		if done[one] {
			continue
		}
		done[one] = true
		outcome := one.outcome(r.History)
		key := strings.Join([]string{one.hop, one.method, withoutQuery(one.path), outcome, e.Actor}, "\x00")
		if open[key] == nil {
			open[key] = &fold{first: i, outcome: outcome}
		}
		open[key].calls = append(open[key].calls, one)
	}
	f.close(open)
	return f
}

// close ends every row of calls, and keeps those that are long enough.
func (f folds) close(open map[string]*fold) {
	for key, row := range open {
		delete(open, key)
		least := foldOthers
		if m := row.calls[0].method; m == "GET" || m == "HEAD" {
			least = foldPollsFrom
		}
		if len(row.calls) < least {
			continue
		}
		for _, c := range row.calls {
			for _, i := range c.messages() {
				f.byEvent[i] = row
				row.last = max(row.last, i)
			}
		}
	}
}

// foldable says whether the call is nothing special.
func (c *call) foldable(evidence map[int]bool) bool {
	if c.injected || len(c.sent) > 1 || len(c.arrived) > 1 {
		return false
	}
	for _, i := range c.messages() {
		if evidence[i] {
			return false
		}
	}
	return true
}

// outcome is what the caller got, or what the callee said where the caller
// told nothing.
func (c *call) outcome(h harness.History) string {
	switch {
	case len(c.received) > 0:
		return status(h[c.received[0]].Message)
	case len(c.failed) > 0:
		return string(h[c.failed[0]].Message.Error)
	case len(c.answered) > 0:
		return status(h[c.answered[0]].Message)
	}
	return "no answer"
}

// repeats are orders told again with nothing new about them.
func repeats(r *harness.Run) map[int]int {
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

func withoutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// hides says whether an event has no row of its own: it is in a row of calls,
// or says what was said before.
func (f folds) hides(i int) bool {
	if _, again := f.repeat[i]; again {
		return true
	}
	fold := f.byEvent[i]
	return fold != nil && fold.first != i
}

// rows says of every event which one's row tells of it.
func (f folds) rows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
		if before, again := f.repeat[i]; again {
			rows[i] = before
		}
		if fold := f.byEvent[i]; fold != nil {
			rows[i] = fold.first
		}
	}
	return rows
}

// says is the one line of a row of like calls.
func (f *fold) says(r *harness.Run) string {
	c := f.calls[0]
	return fmt.Sprintf("%s %s × %d → %s, until %s", c.method, withoutQuery(c.path), len(f.calls), f.outcome,
		harness.FormatDuration(r.History[f.last].At))
}
