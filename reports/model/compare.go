package model

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// Change is what happened to one run from one record to the next. Was or Is is
// nil where there is no such run.
type Change struct{ Was, Is *judge.Run }

// ID is the run's.
func (c Change) ID() string {
	if c.Is != nil {
		return c.Is.ID
	}
	return c.Was.ID
}

// Changes are what happened to the runs of a suite. Every change is in one list.
type Changes struct {
	Broken      []Change // not as they should be now: they were, or are new
	StillBroken []Change
	Mended      []Change
	New, Gone   []Change // new ones that are as they should be
	Reworded    []Change // good before and after, but something else happened
}

// Compare matches the runs by their ids. It keeps the order of the new ones, and
// of the old ones for those that are gone.
func Compare(before, now []*judge.Run) Changes {
	old := map[string]*judge.Run{}
	for _, r := range Copies(before) {
		old[r.ID] = r
	}
	var c Changes
	seen := map[string]bool{}
	for _, r := range Copies(now) {
		seen[r.ID] = true
		was := old[r.ID]
		change := Change{was, r}
		switch good := r.Good(); {
		case !good && was != nil && !was.Good():
			c.StillBroken = append(c.StillBroken, change)
		case !good:
			c.Broken = append(c.Broken, change)
		case was == nil:
			c.New = append(c.New, change)
		case !was.Good():
			c.Mended = append(c.Mended, change)
		case wording(was) != wording(r):
			c.Reworded = append(c.Reworded, change)
		}
	}
	for _, r := range Copies(before) {
		if !seen[r.ID] {
			c.Gone = append(c.Gone, Change{Was: r})
		}
	}
	return c
}

// wireTimes are those of a sentence: on the wire they are the machine's, too.
var wireTimes = regexp.MustCompile(` after [\d.]+ (s|min|h)( \d+ (s|min))?`)

// wording is the run's sentence, as far as it should not change by itself.
func wording(r *judge.Run) string {
	if r.World == "virtual" {
		return r.Sentence()
	}
	return wireTimes.ReplaceAllString(r.Sentence(), "")
}

// Headline counts the changes in words: “1 new failure, 2 mended”.
func (c Changes) Headline() string {
	var words []string
	add := func(n int, one, more string) {
		switch {
		case n == 1:
			words = append(words, "1 "+one)
		case n > 1:
			words = append(words, fmt.Sprintf("%d %s", n, more))
		}
	}
	add(len(c.Broken), "new failure", "new failures")
	add(len(c.StillBroken), "still broken", "still broken")
	add(len(c.Mended), "mended", "mended")
	add(len(c.New), "new run", "new runs")
	add(len(c.Gone), "gone", "gone")
	add(len(c.Reworded), "told otherwise", "told otherwise")
	if len(words) == 0 {
		return "nothing changed"
	}
	return strings.Join(words, ", ")
}
