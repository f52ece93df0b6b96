package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// proof is what happened to something red.
type proof int

const (
	isSo     proof = iota // it is so
	notAgain              // seen, and not again
	unjudged              // the machine was too slow to tell
)

// How often a red run is repeated, as an exploration does it: a promise about time
// must break each time, what a ledger shows once more, and the rest come out red
// once more.
const (
	repeatsOfTiming = 3
	// Once a promise about time broke each time in so many stories, one more repeat of a
	// further one is enough.
	storiesOfTiming = 2
	repeatsOfOthers = 10
	repeatsOfRest   = 1
	// patience is how often it is tried again on a machine that is too slow.
	patience = 3
)

// timing are the promises about time.
func timing() (names []string) {
	for _, p := range judge.StandardPromises() {
		if p.Timing {
			names = append(names, p.Name)
		}
	}
	return names
}

// subjectOf is what a red run is about: the promise that it breaks, what a ledger
// shows before what is about time, or "" where none is broken.
func (c *control) subjectOf(r *judge.Run) (promise string) {
	for _, ruling := range r.Rulings {
		if ruling.Verdict != judge.Broken || c.isBroken(ruling.Promise) {
			continue
		}
		if !slices.Contains(timing(), ruling.Promise) {
			return ruling.Promise
		}
		promise = cmp.Or(promise, ruling.Promise)
	}
	return promise
}

// repeating is how a red run is repeated.
type repeating struct {
	again func(form string) *judge.Run
	// slow is why the machine was too slow for a run to tell of a promise, or ""; no promise
	// is that all injections took effect.
	slow func(r *judge.Run, promise string) string
	well func() string // why nothing that is about time can be judged now, or ""
}

// repeats is how a red run is repeated here, once that is known.
func (t *runner) repeats(ctx context.Context, again func(form string) *judge.Run) repeating {
	return repeating{
		again: again,
		slow:  func(r *judge.Run, promise string) string { return t.lost(r, false, t.bearsFor(promise)) },
		well:  func() string { return t.unwell(ctx) },
	}
}

// doubt is what the repeats of a red run have shown so far.
type doubt struct {
	run       *judge.Run // the one that shows it
	promise   string     // what it is about; "": that nothing is proven
	every     bool       // each repeat must show it
	most      int        // repeats
	shown, of int
	kept      bool // in one of them all was well
}

// doubts begins with a red run.
func (c *control) doubts(run *judge.Run) doubt {
	d := doubt{run: run, promise: c.subjectOf(run), shown: 1, of: 1}
	switch {
	case d.promise == "":
		d.every, d.most = true, repeatsOfRest
	case c.late[d.promise] >= storiesOfTiming:
		d.every, d.most = true, 1
	case slices.Contains(timing(), d.promise):
		d.every, d.most = true, repeatsOfTiming
	default:
		d.most = repeatsOfOthers
	}
	return d
}

// takes takes in a repeat, and says whether it is enough. What a ledger shows in a repeat
// is what it is about from then on.
func (d *doubt) takes(c *control, r *judge.Run) (enough bool) {
	if promise := c.subjectOf(r); d.every && promise != "" && !slices.Contains(timing(), promise) {
		*d = c.doubts(r)
		return false
	}
	d.of++
	shows := d.promise == "" && !r.Good() || d.promise != "" && breaks(r, d.promise)
	if shows {
		d.shown++
	}
	d.kept = d.kept || r.Good()
	return d.of > d.most || !d.every && shows || d.every && r.Good()
}

// isSo says whether it is so, in words.
func (d *doubt) isSo() (bool, string) {
	switch {
	case !d.kept && (d.shown < 2 || d.every && d.shown < d.of): // it never came out well
		return true, fmt.Sprintf("kept in none of %d", d.of)
	case d.shown < 2 || d.every && d.shown < d.of:
		return false, explore.NotAgain(d.shown, d.of)
	}
	return true, fmt.Sprintf("shown %d of %d", d.shown, d.of)
}

// againForm begins the form of a repeat, before its number.
const againForm = "again-"

// repeat repeats a red run alone until it is known whether that is the shop's doing, and
// says so in words, with the run that shows it. What is not the shop's doing is forgiven.
func (t *runner) repeat(ctx context.Context, run *judge.Run, how repeating) (*judge.Run, proof, string) {
	d := t.control.doubts(run)
	slow := 0
	red := []*judge.Run{run}
	forgive := func(list []*judge.Run) {
		for _, r := range list {
			t.endings.forgive(r)
		}
	}
	for n, enough := 1, false; !enough; n++ {
		r := how.again(fmt.Sprint(againForm, n))
		if ctx.Err() != nil {
			if r.Verdict() == judge.Unfinished {
				forgive([]*judge.Run{r}) // an interruption is no word on the story
			}
			return d.run, isSo, "not repeated (interrupted)"
		}
		if !r.Good() {
			red = append(red, r)
			if why := how.slow(r, d.promise); why != "" && !(d.promise == judge.ChargedOnce && r.Overcharges()) {
				if slow++; slow >= patience {
					forgive(red)
					return run, unjudged, why
				}
				continue
			}
		}
		enough = d.takes(&t.control, r)
	}
	so, text := d.isSo()
	if !so {
		forgive(red)
		return run, notAgain, text
	}
	if d.every && d.run.Verdict() != judge.Unfinished {
		if why := how.well(); why != "" {
			forgive(red)
			return run, unjudged, why
		}
	}
	if d.every && d.promise != "" && d.shown > repeatsOfTiming {
		t.control.alsoLate(d.promise)
	}
	forgive(slices.DeleteFunc(red, func(r *judge.Run) bool { return endingKey(r) == endingKey(d.run) })) // what is left is what it is about
	return d.run, isSo, text
}

// alsoLate counts a story in which a promise about time broke each time.
func (c *control) alsoLate(promise string) {
	if c.late == nil {
		c.late = map[string]int{}
	}
	c.late[promise]++
}

func breaks(r *judge.Run, promise string) bool {
	ruling := r.Ruling(promise)
	return ruling != nil && ruling.Verdict == judge.Broken
}
